"""What operators do to a running daemon: reload, drain, stop; by signals and by requests.

Usage: runtime_test.py KERND
"""

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from daemon import PATIENCE_S, running

BINARY = sys.argv[1]
RUNTIME = "/api/v1/runtime"
AXPY = ("/api/v1/kernels/core/axpy/execute", '{"input":{"x":[1,2],"y":[3,4]}}')
ECHO = ("/api/v1/kernels/core/echo/execute", '{"input":{"value":1}}')
LAUNCH = ("/api/v1/actors", '{"kernel_id":"core/echo"}')
# A star whose scores swing for ever: it ends when it is told to stop, or after an hour.
STUCK = ("/api/v1/kernels/graph/pagerank/execute",
         json.dumps({"input": {"graph": {"num_nodes": 3, "edges": [[0, 1], [0, 2], [1, 0], [2, 0]],
                                         "directed": True},
                               "damping": 1, "tolerance": 0, "max_iterations": 4294967295}}))


def wait_until(condition):
    """Polls: what the daemon does on a signal can only be seen from outside."""
    end = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("it did not happen in time")
        time.sleep(0.01)


class Client:
    """One connection, kept between requests."""

    def __init__(self, url):
        host, port = url.removeprefix("http://").split(":")
        self.connection = http.client.HTTPConnection(host, int(port), timeout=PATIENCE_S)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()

    def ask(self, method, path, body=None, headers=()):
        """Status, headers and document."""
        fields = {"Content-Type": "application/json", **dict(headers)}
        self.connection.request(method, path, body, fields)
        answer = self.connection.getresponse()
        return answer.status, answer.headers, json.loads(answer.read())


def ask(url, method, path, body=None, headers=()):
    with Client(url) as client:
        return client.ask(method, path, body, headers)


def state(url):
    return ask(url, "GET", RUNTIME)[2]


class Load:
    """Requests one after the other on a few connections, until it is left."""

    def __init__(self, url, connections=4):
        self.url = url
        self.done = threading.Event()
        self.failures = []
        self.answered = 0
        self.threads = [threading.Thread(target=self.run) for _ in range(connections)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        wait_until(lambda: self.answered > 0 or self.failures)
        return self

    def __exit__(self, *_):
        self.done.set()
        for thread in self.threads:
            thread.join()

    def run(self):
        with Client(self.url) as client:
            while not self.done.is_set():
                try:
                    status, _, body = client.ask("POST", *AXPY)
                    if status != 200:
                        self.failures.append(body)
                except (OSError, http.client.HTTPException) as broken:
                    self.failures.append(repr(broken))
                    return
                self.answered += 1


class WithFile(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = os.path.join(folder.name, "kernd.toml")
        self.log = tempfile.TemporaryFile("w+")
        self.addCleanup(self.log.close)
        self.write("")

    def write(self, text):
        # As people should: nobody reads half a file.
        with open(self.file + ".new", "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(self.file + ".new", self.file)

    def text_of_log(self):
        self.log.seek(0)
        return self.log.read()


class ReloadTest(WithFile):
    def test_a_request_reloads_as_the_signal_does(self):
        with running(BINARY, "--config", self.file) as (process, url):
            self.write("limits.max_body_bytes = 4096\n")
            status, _, body = ask(url, "POST", RUNTIME + "/reload")
            self.assertEqual(status, 200)
            self.assertEqual(body, {"revision": 2, "changed": ["limits.max_body_bytes"]})
            process.send_signal(signal.SIGHUP)
            wait_until(lambda: state(url)["configuration"]["revision"] == 3)
            _, _, shown = ask(url, "GET", RUNTIME + "/config")
            self.assertEqual(shown["limits"]["max_body_bytes"],
                             {"value": 4096, "origin": f"file {self.file}:1"})

    def test_an_invalid_file_changes_nothing(self):
        with running(BINARY, "--config", self.file, log=self.log) as (process, url):
            before = ask(url, "GET", RUNTIME + "/config")[2]
            self.write("limits.max_body_bytes = 4096\nlog.level = 'loud'\n")
            status, _, body = ask(url, "POST", RUNTIME + "/reload")
            self.assertEqual((status, body["code"]), (409, "CONFIGURATION_INVALID"))
            self.assertIn(f"{self.file}:2: log.level", body["message"])
            self.assertEqual(ask(url, "GET", RUNTIME + "/config")[2], before)
            self.assertEqual(state(url)["configuration"]["revision"], 1)

    def test_the_budget_for_bodies_can_be_raised(self):
        budget = "limits.max_body_bytes = 1048576\nlimits.body_memory_bytes = {}\n"
        self.write(budget.format(1 << 20))
        body = b" " * (600 << 10)
        path = AXPY[0]
        with running(BINARY, "--config", self.file) as (_, url):
            host, port = url.removeprefix("http://").split(":")
            head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {1 << 20}\r\n\r\n"

            def is_refused_beside_a_holder():
                # Which of the two is refused depends on who is read first.
                holder = stack.enter_context(socket.create_connection((host, int(port))))
                holder.sendall(head.encode() + body)
                if ask(url, "POST", path, body)[0] == 503:
                    return True
                holder.close()
                return False

            with contextlib.ExitStack() as stack:
                wait_until(is_refused_beside_a_holder)
                self.write(budget.format(8 << 20))
                self.assertEqual(ask(url, "POST", RUNTIME + "/reload")[0], 200)
                # It is read now, and found to be no JSON.
                self.assertEqual(ask(url, "POST", path, body)[2]["code"], "INVALID_JSON")

    def test_reloads_under_load_fail_no_request(self):
        with running(BINARY, "--config", self.file) as (process, url), Load(url) as load:
            for turn in range(1, 51):
                self.write(f"limits.max_body_bytes = {4096 + turn}\n"
                           f"executor.max_queue_depth = {100 + turn}\n")
                self.assertEqual(ask(url, "POST", RUNTIME + "/reload")[0], 200)
                process.send_signal(signal.SIGHUP)
                wait_until(lambda: state(url)["configuration"]["revision"] == 2 * turn + 1)
        self.assertEqual(load.failures, [])
        self.assertGreater(load.answered, 0)


class DrainTest(WithFile):
    def test_a_request_drains_without_an_exit(self):
        with running(BINARY) as (process, url):
            status, headers, body = ask(url, "POST", RUNTIME + "/drain")
            self.assertEqual((status, body["state"]), (200, "Draining"))
            self.assertEqual(headers["Connection"], "close")
            self.assertEqual(ask(url, "GET", "/health/ready")[0], 503)
            self.assertEqual(ask(url, "GET", "/health/live")[0], 200)
            wait_until(lambda: ask(url, "POST", *AXPY)[0] == 503)
            self.assertEqual(ask(url, "POST", *LAUNCH)[0], 503)
            status, _, problem = ask(url, "POST", *ECHO)
            self.assertEqual((status, problem["code"]), (503, "SERVICE_UNAVAILABLE"))
            self.assertIn("draining", problem["message"])
            self.assertEqual(ask(url, "POST", RUNTIME + "/drain")[0], 409)
            self.assertEqual(ask(url, "POST", RUNTIME + "/reload")[0], 409)
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(PATIENCE_S), 0)

    def test_jobs_are_admitted_during_the_grace_delay(self):
        with running(BINARY, "--set", "server.grace_delay_ms=600000") as (process, url):
            self.assertEqual(ask(url, "POST", RUNTIME + "/drain")[0], 200)
            self.assertEqual(ask(url, "GET", "/health/ready")[0], 503)
            self.assertEqual(ask(url, "POST", *AXPY)[0], 200)
            process.kill()
            process.wait(PATIENCE_S)

    def test_old_connections_are_told_and_closed(self):
        with running(BINARY, "--set", "server.grace_delay_ms=600000") as (process, url):
            with Client(url) as old:
                self.assertEqual(old.ask("GET", "/health/ready")[0], 200)
                process.send_signal(signal.SIGTERM)
                wait_until(lambda: ask(url, "GET", "/health/ready")[0] == 503)
                status, headers, _ = old.ask("GET", "/health/ready")
                self.assertEqual((status, headers["Connection"]), (503, "close"))
            process.kill()
            process.wait(PATIENCE_S)

    def test_idle_connections_do_not_hold_the_exit(self):
        with contextlib.ExitStack() as stack:
            process, url = stack.enter_context(running(BINARY))
            for client in [stack.enter_context(Client(url)) for _ in range(100)]:
                self.assertEqual(client.ask("GET", "/health/live")[0], 200)
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(PATIENCE_S), 0)

    def test_a_stuck_kernel_is_abandoned_and_named(self):
        flags = ["--set", "executor.drain_timeout_ms=50"]
        with running(BINARY, *flags, log=self.log) as (process, url):
            with Client(url) as stuck:
                stuck.connection.request("POST", *STUCK, {"X-Request-ID": "the-stuck-one"})
                wait_until(lambda: state(url)["stats"]["jobs_running"] == 1)
                process.send_signal(signal.SIGTERM)
                self.assertEqual(process.wait(PATIENCE_S), 3)
        log = self.text_of_log()
        self.assertRegex(log, "abandoned.*kernel=graph/pagerank request_id=the-stuck-one")
        self.assertTrue(re.search("drain timed out running=1 queued=0", log), log)

    def test_work_that_ends_in_time_is_answered(self):
        with running(BINARY) as (process, url):
            with Client(url) as working:
                working.connection.request("POST", *STUCK, {"X-Request-Timeout-Ms": "1000"})
                wait_until(lambda: state(url)["stats"]["jobs_running"] == 1)
                process.send_signal(signal.SIGTERM)
                answer = working.connection.getresponse()
                self.assertEqual((answer.status, answer.headers["Connection"]), (504, "close"))
                self.assertEqual(process.wait(PATIENCE_S), 0)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class ProbePortTest(WithFile):
    def test_probes_are_answered_until_the_end(self):
        port = free_port()
        flags = ["--set", f"server.probe_port={port}", "--set", "executor.drain_timeout_ms=600000"]
        probes = f"http://127.0.0.1:{port}"
        with running(BINARY, *flags, log=self.log) as (process, url):
            self.assertEqual(ask(probes, "GET", "/health/ready")[0], 200)
            with Client(url) as stuck:
                stuck.connection.request("POST", *STUCK)
                wait_until(lambda: state(url)["stats"]["jobs_running"] == 1)
                process.send_signal(signal.SIGTERM)
                wait_until(lambda: ask(probes, "GET", "/health/ready")[0] == 503)
                wait_until(lambda: self.is_closed(url))
                self.assertEqual(ask(probes, "GET", "/health/ready")[0], 503)
                self.assertEqual(ask(probes, "GET", "/health/live")[0], 200)
            self.assertEqual(process.wait(PATIENCE_S), 0)  # its client has gone, so it was stopped

    @staticmethod
    def is_closed(url):
        try:
            with Client(url) as client:
                client.connection.connect()
        except ConnectionRefusedError:
            return True
        return False

    def test_a_port_that_is_taken_is_named(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            done = subprocess.run(
                [BINARY, "serve", "--port", "0", "--set", f"server.probe_port={port}"],
                capture_output=True, text=True, timeout=PATIENCE_S)
        self.assertEqual(done.returncode, 69)
        self.assertIn(f"cannot listen on 127.0.0.1 port {port}: ", done.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
