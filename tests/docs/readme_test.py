"""Runs the README's curl lines against a daemon and compares what they print.

Usage: readme_test.py KERND README
"""

import re
import subprocess
import sys
import unittest

from daemon import PATIENCE_S, running

BINARY, README = sys.argv[1:3]
DEFAULT_URL = "http://127.0.0.1:8080"


def curl_examples(text):
    """(command, expected output) of every `$ curl` line in a console block."""
    for block in re.findall(r"```console\n(.*?)```", text, re.DOTALL):
        for entry in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = entry.partition("\n")
            if command.startswith("curl"):
                yield command, output.rstrip("\n")


def matches(expected, actual):
    """`…` in the expected text stands for a number."""
    pattern = r"[0-9.]+".join(re.escape(part) for part in expected.split("…"))
    return re.fullmatch(pattern, actual) is not None


class ReadmeTest(unittest.TestCase):
    def test_curl_lines_print_what_the_readme_says(self):
        with open(README, encoding="utf-8") as file:
            examples = list(curl_examples(file.read()))
        self.assertGreaterEqual(len(examples), 3)
        with running(BINARY) as (_, url):
            for command, expected in examples:
                with self.subTest(command=command):
                    here = command.replace(DEFAULT_URL, url)
                    done = subprocess.run(
                        here, shell=True, capture_output=True, text=True, timeout=PATIENCE_S, check=True
                    )
                    self.assertTrue(
                        matches(expected, done.stdout.rstrip("\n")),
                        f"expected {expected}\nprinted  {done.stdout}",
                    )

    def test_curl_line_of_the_banner_works(self):
        with running(BINARY) as (process, _):
            lines = [process.stdout.readline() for _ in range(4)]
            curl = [line.split("try", 1)[1].strip() for line in lines if " try " in line]
            self.assertEqual(len(curl), 1, lines)
            done = subprocess.run(
                curl[0], shell=True, capture_output=True, text=True, timeout=PATIENCE_S, check=True
            )
            self.assertIn('"output":{"result":[12,24,36]}', done.stdout)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
