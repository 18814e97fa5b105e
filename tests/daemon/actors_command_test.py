"""`kernd actors` against a daemon, as processes.

Usage: actors_command_test.py KERND
"""

import json
import subprocess
import sys
import unittest
import urllib.request

from daemon import PATIENCE_S, running

BINARY = sys.argv[1]


class ActorsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.daemon = running(BINARY)
        _, cls.url = cls.daemon.__enter__()
        cls.port = cls.url.rpartition(":")[2]
        cls.addClassCleanup(cls.daemon.__exit__, None, None, None)

    def run_it(self, *arguments, **keywords):
        return subprocess.run(
            [BINARY, "actors", *arguments, "--port", self.port],
            capture_output=True, text=True, timeout=PATIENCE_S, **keywords,
        )

    def launch(self, *arguments):
        """The id of a new actor of core/echo, which ends with the test."""
        done = self.run_it("launch", "core/echo", *arguments)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        actor = done.stdout.rstrip("\n")
        self.addCleanup(self.run_it, "stop", actor)
        return actor

    def send(self, actor, value):
        request = urllib.request.Request(
            f"{self.url}/api/v1/actors/{actor}/messages",
            data=json.dumps({"type": "echo", "payload": {"value": value}}).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            self.assertEqual(answer.status, 202)

    def test_a_life(self):
        actor = self.launch("--id", "life", "--option", "input_queue_capacity=64")
        called = self.run_it("call", actor, "echo", "--set", "value=18446744073709551615")
        listed = self.run_it("list")
        stopped = self.run_it("stop", actor)

        self.assertEqual(actor, "life")
        self.assertEqual((called.returncode, called.stderr), (0, ""))
        self.assertEqual(json.loads(called.stdout)["value"], 18446744073709551615)
        self.assertRegex(listed.stdout, r"(?m)^ID +KERNEL +STATE +MODE")
        self.assertRegex(listed.stdout, r"(?m)^life +core/echo +active +persistent +0 +0 +1 ")
        self.assertEqual((stopped.returncode, stopped.stdout, stopped.stderr), (0, "", ""))
        self.assertNotIn("life", self.run_it("list").stdout)

    def test_json_is_what_the_api_answers(self):
        actor = self.launch()
        listed = json.loads(self.run_it("list", "--json").stdout)["actors"]
        called = json.loads(self.run_it("call", actor, "echo", "--set", "value=1", "--json").stdout)
        launched = json.loads(self.run_it("launch", "core/echo", "--id", "j", "--json").stdout)
        self.run_it("stop", "j")

        self.assertIn(actor, [a["id"] for a in listed])
        self.assertEqual(called["actor_id"], actor)
        self.assertEqual(called["payload"]["value"], 1)
        self.assertEqual((launched["id"], launched["state"]), ("j", "active"))

    def test_call_reads_a_pipe_and_a_types_number(self):
        actor = self.launch()
        done = self.run_it("call", actor, "1", "--input", "-", input='{"value": 5, "text": "hi"}')

        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)["text"], "hi")

    def test_watch_prints_what_is_kept_and_what_comes(self):
        actor = self.launch()
        self.send(actor, 1)
        with subprocess.Popen(
            [BINARY, "actors", "watch", actor, "--after", "0", "--port", self.port],
            stdout=subprocess.PIPE, text=True,
        ) as watch:
            first = json.loads(watch.stdout.readline())
            self.send(actor, 2)
            second = json.loads(watch.stdout.readline())
            self.run_it("stop", actor)
            rest = watch.stdout.read()
            code = watch.wait(timeout=PATIENCE_S)

        self.assertEqual((first["position"], first["payload"]["value"]), (1, 1))
        self.assertEqual((second["position"], second["payload"]["value"]), (2, 2))
        self.assertEqual((rest, code), ("", 0))

    def test_two_watch_the_same(self):
        actor = self.launch()
        for value in range(5):
            self.send(actor, value)
        seen = [
            [json.loads(line)["payload"]["value"] for line in self.run_it(
                "watch", actor, "--after", after, "--count", "3").stdout.splitlines()]
            for after in ("0", "0", "2")
        ]

        self.assertEqual(seen, [[0, 1, 2], [0, 1, 2], [2, 3, 4]])

    def test_who_stops_watching_holds_up_nobody(self):
        actor = self.launch()
        self.send(actor, 1)
        for _ in range(4):  # on every event loop
            self.run_it("watch", actor, "--after", "0", "--count", "1")
        for _ in range(8):
            self.assertEqual(self.run_it("call", actor, "echo", "--set", "value=1").returncode, 0)

    def test_refusals_say_what_the_api_says(self):
        actor = self.launch()
        cases = [
            (64, "there is no actor 'nobody'", ["stop", "nobody"]),
            (64, "there is no actor 'nobody'", ["watch", "nobody"]),
            (64, "there is no actor 'nobody'", ["call", "nobody", "echo"]),
            (64, "did you mean `core/echo`", ["launch", "core/ecko"]),
            (1, f"there is an actor '{actor}'", ["launch", "core/echo", "--id", actor]),
            (65, "/options/overflow: one of", ["launch", "core/echo", "--option", "overflow=x"]),
            (65, "/type: one of 1 echo", ["call", actor, "ecko"]),
            (65, "/payload/value", ["call", actor, "echo", "--set", "value=x"]),
        ]
        for code, message, arguments in cases:
            with self.subTest(arguments):
                done = self.run_it(*arguments)
                self.assertEqual((done.returncode, done.stdout), (code, ""))
                self.assertIn(message, done.stderr)

    def test_a_refusal_as_json_is_the_problem_document(self):
        done = self.run_it("call", "nobody", "echo", "--json")
        problem = json.loads(done.stdout)
        self.assertEqual((done.returncode, done.stderr), (64, ""))
        self.assertEqual((problem["status"], problem["code"]), (404, "ACTOR_NOT_FOUND"))

    def test_the_environment_says_where_the_daemon_is(self):
        done = subprocess.run(
            [BINARY, "actors", "list"], capture_output=True, text=True, timeout=PATIENCE_S,
            env={"KERND_SERVER__PORT": self.port},
        )
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_ids_are_completed_from_the_daemon(self):
        actor = self.launch("--id", "completed")
        script = subprocess.run(
            [BINARY, "completion", "bash"], capture_output=True, text=True, check=True
        ).stdout
        script += """
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _kernd; printf '%s\\n' "${COMPREPLY[@]}"
"""
        for flags in (["--port", self.port], ["--port", "=", self.port]):
            done = subprocess.run(
                ["bash", "-c", script, "bash", BINARY, "actors", "stop", *flags, "comp"],
                capture_output=True, text=True, timeout=PATIENCE_S,
            )
            self.assertEqual((done.stdout.split(), done.stderr), ([actor], ""))


class WithoutDaemonTest(unittest.TestCase):
    def test_a_watch_ends_with_its_daemon(self):
        with running(BINARY) as (process, url):
            port = url.rpartition(":")[2]
            subprocess.run(
                [BINARY, "actors", "launch", "core/echo", "--id", "a", "--port", port],
                check=True, capture_output=True, timeout=PATIENCE_S,
            )
            request = urllib.request.Request(
                f"{url}/api/v1/actors/a/messages", data=b'{"type":1,"payload":{"value":1}}',
                headers={"Content-Type": "application/json"},
            )
            urllib.request.urlopen(request, timeout=PATIENCE_S).close()
            with subprocess.Popen(
                [BINARY, "actors", "watch", "a", "--after", "0", "--port", port],
                stdout=subprocess.PIPE, text=True,
            ) as watch:
                watch.stdout.readline()
                process.terminate()
                self.assertEqual(watch.wait(timeout=PATIENCE_S), 0)
            self.assertEqual(process.wait(timeout=PATIENCE_S), 0)

    def test_kernels_are_completed_among_those_that_can_be_launched(self):
        script = subprocess.run(
            [BINARY, "completion", "bash"], capture_output=True, text=True, check=True
        ).stdout
        script += """
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _kernd; printf '%s\\n' "${COMPREPLY[@]}"
"""
        done = subprocess.run(
            ["bash", "-c", script, "bash", BINARY, "actors", "launch", ""],
            capture_output=True, text=True, timeout=PATIENCE_S,
        )
        self.assertIn("core/echo", done.stdout.split())
        self.assertNotIn("core/axpy", done.stdout.split())


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
