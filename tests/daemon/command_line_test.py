"""The commands that need no daemon, as processes.

Usage: command_line_test.py KERND
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import unittest
import urllib.error
import urllib.request
from pathlib import Path

from daemon import PATIENCE_S, running

BINARY = sys.argv[1]


def run(*arguments, **keywords):
    return subprocess.run(
        [BINARY, *arguments], capture_output=True, text=True, timeout=PATIENCE_S, **keywords
    )


def kernel_ids(**wanted):
    kernels = json.loads(run("kernels", "list", "--json").stdout)["kernels"]
    return [kernel["id"] for kernel in kernels if wanted.items() <= kernel.items()]


def ask_daemon(kernel, body):
    """What a daemon answers to `body` as input, be it a result or a problem."""
    with running(BINARY) as (_, url):
        request = urllib.request.Request(
            f"{url}/api/v1/kernels/{kernel}/execute",
            data=json.dumps({"input": body}).encode(),
            headers={"Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refused:
            return json.load(refused)


class KernelsTest(unittest.TestCase):
    def test_list_prints_what_the_api_answers(self):
        with running(BINARY) as (_, url):
            with urllib.request.urlopen(url + "/api/v1/kernels", timeout=PATIENCE_S) as answer:
                self.assertEqual(run("kernels", "list", "--json").stdout, answer.read().decode() + "\n")

    def test_every_kernel_has_a_page(self):
        for mode, titles in (("Batch", ("Input\n", "Output\n")), ("Ring", ("Message ", "Emits "))):
            for kernel in kernel_ids(mode=mode):
                with self.subTest(kernel):
                    done = run("kernels", "show", kernel)
                    self.assertEqual((done.returncode, done.stderr), (0, ""))
                    for title in titles:
                        self.assertIn("\n" + title, done.stdout)

    def test_every_example_works_against_a_daemon(self):
        with running(BINARY) as (_, url):
            host, port = url.removeprefix("http://").split(":")
            for kernel in kernel_ids(executable=True):
                with self.subTest(kernel):
                    line = run("kernels", "example", kernel, "--host", host, "--port", port).stdout
                    done = subprocess.run(
                        line, shell=True, capture_output=True, text=True, timeout=PATIENCE_S
                    )
                    self.assertEqual(json.loads(done.stdout)["kernel_id"], kernel)

    def test_output_that_cannot_be_written_fails(self):
        with open("/dev/full", "w") as full:
            done = subprocess.run([BINARY, "kernels", "list"], stdout=full, stderr=subprocess.PIPE)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"standard output", done.stderr)

    def test_a_reader_that_leaves_ends_it_quietly(self):
        read, write = os.pipe()
        os.close(read)
        done = subprocess.run(
            [BINARY, "kernels", "list"], stdout=write, stderr=subprocess.PIPE, timeout=PATIENCE_S
        )
        os.close(write)
        self.assertEqual((done.returncode, done.stderr), (-signal.SIGPIPE, b""))


class RunTest(unittest.TestCase):
    def test_runs_every_example(self):
        for kernel in kernel_ids():
            with self.subTest(kernel):
                done = run("run", kernel, "--example", "--timing")
                self.assertEqual(done.returncode, 0, done.stderr)
                example = json.loads(run("kernels", "show", kernel, "--json").stdout)["example"]
                self.assertEqual(json.loads(done.stdout).keys(), example["output"].keys())
                self.assertEqual(done.stdout.count("\n"), 1)
                self.assertRegex(done.stderr, "^decode .* us, compute .* us, encode .* us\n$")

    def test_reads_a_pipe(self):
        done = run("run", "core/axpy", "--input", "-", input='{"x":[1],"y":[2]}\n')
        self.assertEqual((done.returncode, done.stdout), (0, '{"result":[3]}\n'))

    def test_says_what_the_api_says(self):
        body = {"x": [1, "abc"], "y": [1, 2]}
        done = run("run", "core/axpy", "--input", "-", input=json.dumps(body))
        message = ask_daemon("core/axpy", body)["message"]
        self.assertEqual((done.returncode, done.stdout), (65, ""))
        self.assertEqual(done.stderr, f"kernd: {message}\n")

    def test_answers_in_json_as_the_api_does(self):
        for body in ({"x": [1], "y": [2]}, {"x": [1, "abc"], "y": [1, 2]}):
            with self.subTest(body):
                here = json.loads(
                    run("run", "core/axpy", "--json", "--input", "-", input=json.dumps(body)).stdout
                )
                there = ask_daemon("core/axpy", body)
                metadata = here.pop("metadata", {})
                del there["request_id"]
                there_metadata = there.pop("metadata", {})
                self.assertEqual(here, there)
                for name in ("backend", "device", "params_used"):
                    self.assertEqual(metadata.get(name), there_metadata.get(name))

    def test_a_limit_of_the_environment_counts(self):
        small = {**os.environ, "KERND_LIMITS__MAX_BODY_BYTES": "1024"}
        done = run("run", "core/axpy", "--input", "/dev/zero", env=small)
        self.assertEqual(done.returncode, 65)
        self.assertIn("limits.max_body_bytes is 1024", done.stderr)

    def test_sigint_ends_it(self):
        process = subprocess.Popen(
            [BINARY, "run", "core/axpy", "--input", "-"], stdin=subprocess.PIPE
        )
        with process:
            process.send_signal(signal.SIGINT)
            self.assertEqual(process.wait(PATIENCE_S), -signal.SIGINT)


class DoctorTest(unittest.TestCase):
    def examine(self, *flags):
        done = run("doctor", "--json", *flags)
        document = json.loads(done.stdout)
        self.assertEqual(done.returncode, 0 if document["ok"] else 1)
        return done.returncode, {check["name"]: check for check in document["checks"]}

    def test_a_free_port_is_fine(self):
        code, checks = self.examine("--port", "0")
        self.assertEqual(code, 0)
        for kernel in kernel_ids():
            self.assertEqual(checks["kernel " + kernel]["level"], "ok")

    def test_a_daemon_that_serves_already_is_a_warning(self):
        with running(BINARY) as (_, url):
            code, checks = self.examine("--port", url.rpartition(":")[2])
        self.assertEqual((code, checks["address"]["level"]), (0, "warning"))
        self.assertEqual(checks["address"]["values"]["status"], 200)

    def test_few_open_files_are_a_warning(self):
        done = subprocess.run(
            ["sh", "-c", 'ulimit -n 100; exec "$0" doctor --port 0', BINARY],
            capture_output=True, text=True, timeout=PATIENCE_S,
        )
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stdout, "(?m)^warning +open files +100 allowed")

    def test_a_taken_port_fails_and_says_so(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            code, checks = self.examine("--port", str(taken.getsockname()[1]))
        self.assertEqual((code, checks["address"]["level"]), (1, "failure"))


class ExitCodesTest(unittest.TestCase):
    """Each code that is documented, got by asking for it; runtime_test.py has that of a drain."""

    BY_OTHER_TESTS = {3}

    def commands(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            yield ["serve", "--port", str(taken.getsockname()[1])]
        yield ["--version"]
        yield ["healthcheck", "--port", "0"]
        yield ["sreve"]
        yield ["run", "core/axpy", "--set", "x=5"]
        yield ["run", "core/axpy", "--input", "/no/such/file"]
        yield ["run", "core/axpy", "--set", "x=[3e38]", "--set", "y=[3e38]"]
        yield ["config", "check", "--port", "x"]

    def test_every_documented_code_is_reached(self):
        reached = {run(*command).returncode for command in self.commands()}

        _, _, listed = run("--help").stdout.partition("Exit codes: ")
        of_help = {int(code) for code in re.findall(r"\b(\d+) [a-z]", listed)}
        page = Path(__file__).parents[2] / "docs/operations.md"
        _, _, table = page.read_text(encoding="utf-8").partition("| exit code | meaning |\n")
        of_page = {int(code) for code in re.findall(r"(?m)^\| (\d+) \|", table.partition("\n\n")[0])}
        self.assertEqual(reached | self.BY_OTHER_TESTS, of_help)
        self.assertEqual(of_page, of_help)


class CompletionTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.script = run("completion", "bash").stdout

    def complete(self, *words):
        """What is offered for the last word."""
        simulated = f"""{self.script}
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _kernd; printf '%s\\n' "${{COMPREPLY[@]}}"
"""
        done = subprocess.run(
            ["bash", "-c", simulated, "bash", BINARY, *words],
            capture_output=True, text=True, timeout=PATIENCE_S,
        )
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout.split()

    def test_is_sound_bash(self):
        done = subprocess.run(["bash", "-n"], input=self.script, capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_knows_every_command_and_flag_of_the_help(self):
        pending = [[]]
        while pending:
            path = pending.pop()
            text = run(*path, "--help").stdout
            _, _, listed = text.partition("\nSubcommands:\n")
            commands = re.findall(r"(?m)^  ([a-z]+) ", listed)
            with self.subTest(path):
                if commands:
                    self.assertEqual(self.complete(*path, ""), commands)
                flags = re.findall(r"(?m)^  (?:-\w,)?(--[a-z-]+)", text)
                self.assertEqual(set(self.complete(*path, "--")), set(flags))
            pending += [path + [command] for command in commands]

    def test_completes_commands(self):
        self.assertEqual(self.complete("kernels", "sh"), ["show"])

    def test_completes_ids_once(self):
        self.assertEqual(self.complete("run", ""), kernel_ids())
        self.assertEqual(self.complete("kernels", "show", "core/ax"), ["core/axpy"])
        self.assertNotIn("core/axpy", self.complete("run", "core/axpy", ""))
        self.assertIn("core/axpy", self.complete("run", "--set", "x", "=", "1", "--timing", "co"))

    def test_completes_values(self):
        self.assertEqual(self.complete("serve", "--preset", "t"), ["testing"])
        self.assertEqual(self.complete("serve", "--preset", "=", "t"), ["testing"])
        self.assertEqual(self.complete("kernels", "list", "--mode", ""), ["batch", "ring"])
        self.assertEqual(self.complete("completion", ""), ["bash"])
        self.assertEqual(self.complete("serve", "--port", ""), [])

    def test_completes_files(self):
        with tempfile.NamedTemporaryFile(prefix="kernd-input-") as file:
            self.assertEqual(self.complete("run", "--input", file.name[:-1]), [file.name])

    def test_another_shell_is_refused(self):
        done = run("completion", "tcsh")
        self.assertEqual((done.returncode, done.stdout), (64, ""))
        self.assertIn("only for bash", done.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
