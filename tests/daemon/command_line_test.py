"""The commands that need no daemon, as processes.

Usage: command_line_test.py KERND
"""

import json
import subprocess
import sys
import unittest
import urllib.request

from daemon import running

BINARY = sys.argv[1]
PATIENCE_S = 20


def run(*arguments, **keywords):
    return subprocess.run(
        [BINARY, *arguments], capture_output=True, text=True, timeout=PATIENCE_S, **keywords
    )


def kernel_ids():
    return [kernel["id"] for kernel in json.loads(run("kernels", "list", "--json").stdout)["kernels"]]


class KernelsTest(unittest.TestCase):
    def test_list_prints_what_the_api_answers(self):
        with running(BINARY) as (_, url):
            with urllib.request.urlopen(url + "/api/v1/kernels", timeout=PATIENCE_S) as answer:
                self.assertEqual(run("kernels", "list", "--json").stdout, answer.read().decode() + "\n")

    def test_every_kernel_has_a_page(self):
        for kernel in kernel_ids():
            with self.subTest(kernel):
                done = run("kernels", "show", kernel)
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                self.assertIn("\nInput\n", done.stdout)
                self.assertIn("\nOutput\n", done.stdout)

    def test_every_example_works_against_a_daemon(self):
        with running(BINARY) as (_, url):
            host, port = url.removeprefix("http://").split(":")
            for kernel in kernel_ids():
                with self.subTest(kernel):
                    line = run("kernels", "example", kernel, "--host", host, "--port", port).stdout
                    done = subprocess.run(
                        line, shell=True, capture_output=True, text=True, timeout=PATIENCE_S
                    )
                    self.assertEqual(json.loads(done.stdout)["kernel_id"], kernel)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
