"""The daemon when what it stands on gives way: a crash, its log, descriptors, the wall clock.

Usage: faults_test.py KERND [JUMPING_CLOCK]
"""

import contextlib
import ctypes
import email.utils
import http.client
import json
import os
import re
import resource
import signal
import socket
import sys
import tempfile
import time
import unittest

from daemon import PATIENCE_S, running

BINARY = sys.argv[1]
JUMPING_CLOCK = sys.argv[2] if len(sys.argv) > 2 else ""
AXPY = json.dumps({"input": {"alpha": 2, "x": [1, 2, 3], "y": [10, 20, 30]}})


@contextlib.contextmanager
def connection(url):
    host, port = url.removeprefix("http://").split(":")
    opened = http.client.HTTPConnection(host, int(port), timeout=PATIENCE_S)
    try:
        yield opened
    finally:
        opened.close()


def ask(opened, method, path, body=None, **headers):
    opened.request(method, path, body, {"Content-Type": "application/json", **headers})
    answer = opened.getresponse()
    return answer.status, answer.read().decode(), answer.headers


def execute(opened, body=AXPY, kernel="core/axpy", **headers):
    return ask(opened, "POST", f"/api/v1/kernels/{kernel}/execute", body, **headers)


def metric(opened, series):
    page = ask(opened, "GET", "/metrics")[1]
    return float(re.search(rf"^{re.escape(series)} (\S+)$", page, re.MULTILINE).group(1))


def wait_until(condition):
    """Polls: what happens inside the daemon can only be seen from outside."""
    end = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("it did not happen in time")
        time.sleep(0.01)


class CrashTest(unittest.TestCase):
    def leaves_a_trace(self, number):
        with tempfile.TemporaryFile("w+") as log:
            with running(BINARY, log=log) as (process, _):
                # To the main thread, whose stack we know.
                ctypes.CDLL(None).tgkill(process.pid, process.pid, int(number))
                self.assertEqual(process.wait(PATIENCE_S), -number)
            log.seek(0)
            lines = log.read().splitlines()
        head = next(i for i, line in enumerate(lines) if line.startswith("kernd: crashed by"))
        self.assertRegex(lines[head], rf"crashed by {number.name} on thread \S+$")
        stack = lines[head + 1 :]
        self.assertGreater(len(stack), 3)
        for frame in stack:
            self.assertRegex(frame, r"\[0x[0-9a-f]+\]$")
        self.assertTrue(any("kernd(main+" in frame for frame in stack), stack)

    def test_a_segmentation_fault_leaves_a_trace(self):
        self.leaves_a_trace(signal.SIGSEGV)

    def test_an_abort_leaves_a_trace(self):
        self.leaves_a_trace(signal.SIGABRT)


class LogTest(unittest.TestCase):
    """Each request writes a line to a log that takes none."""

    def serves_on(self, log):
        with running(BINARY, "--set", "log.level=info", log=log) as (_, url):
            with connection(url) as client:
                for _ in range(3):
                    self.assertEqual(execute(client)[0], 200)
                wait_until(lambda: metric(client, "kernd_log_dropped_total") >= 3)
                self.assertEqual(ask(client, "GET", "/health")[0], 200)

    def test_a_full_disk_costs_lines_and_no_answer(self):
        with open("/dev/full", "w", encoding="utf-8") as full:
            self.serves_on(full)

    def test_a_pipe_that_nobody_reads_any_more_costs_lines_and_no_answer(self):
        reading, writing = os.pipe()
        os.close(reading)
        with os.fdopen(writing, "w") as broken:
            self.serves_on(broken)


class DescriptorsTest(unittest.TestCase):
    REJECTED = 'kernd_http_connections_rejected_total{reason="accept_error"}'
    LIMIT = 64

    def test_out_of_descriptors_it_waits_and_recovers(self):
        def limit():
            resource.setrlimit(resource.RLIMIT_NOFILE, (self.LIMIT, self.LIMIT))

        flags = ("--set", "server.io_threads=1", "--set", "executor.workers=1")
        with running(BINARY, *flags, preexec_fn=limit) as (_, url):
            host, port = url.removeprefix("http://").split(":")
            with connection(url) as client, contextlib.ExitStack() as many:
                self.assertEqual(execute(client)[0], 200)
                began = time.monotonic()
                for _ in range(self.LIMIT):
                    many.enter_context(socket.create_connection((host, int(port)), PATIENCE_S))
                wait_until(lambda: metric(client, self.REJECTED) >= 2)
                self.assertEqual(execute(client)[0], 200)
                errors = metric(client, self.REJECTED)
                # It pauses for 100 ms after each.
                self.assertLessEqual(errors, (time.monotonic() - began) * 10 + 1)
                many.close()
                with connection(url) as late:
                    self.assertEqual(execute(late)[0], 200)
                    wait_until(lambda: metric(late, "kernd_http_connections") == 2)


@unittest.skipUnless(JUMPING_CLOCK, "the sanitizers want to be loaded first")
class ClockTest(unittest.TestCase):
    @contextlib.contextmanager
    def daemon(self, *flags):
        environment = dict(os.environ, LD_PRELOAD=JUMPING_CLOCK)
        with running(BINARY, *flags, env=environment) as (_, url), connection(url) as client:
            yield client

    def test_only_the_date_follows_the_wall_clock(self):
        with self.daemon() as client:
            dates = set()
            for _ in range(4):
                status, _, headers = execute(client)
                self.assertEqual(status, 200)
                date = email.utils.parsedate_to_datetime(headers["Date"]).timestamp()
                dates.add(round((date - time.time()) / 86400))
            self.assertEqual(dates, {-1, 1})

    def test_durations_and_probes_do_not(self):
        with self.daemon() as client:
            for _ in range(10):
                status, body, _ = execute(client)
                self.assertEqual(status, 200)
                self.assertLess(json.loads(body)["metadata"]["duration_us"], PATIENCE_S * 1e6)
            for path in ("/health/live", "/health/ready"):
                self.assertEqual(ask(client, "GET", path)[0], 200)
            health = json.loads(ask(client, "GET", "/health")[1])
            self.assertLess(health["uptime_secs"], PATIENCE_S)
            self.assertIn("10 executions", health["components"][1]["message"])

    def test_deadlines_do_not(self):
        with self.daemon() as client:
            half = AXPY[: len(AXPY) // 2]
            client.putrequest("POST", "/api/v1/kernels/core/axpy/execute")
            client.putheader("Content-Type", "application/json")
            client.putheader("Content-Length", str(len(AXPY)))
            client.putheader("X-Request-Timeout-Ms", "50")
            client.endheaders(half.encode())
            began = time.monotonic()
            answer = client.getresponse()
            self.assertEqual(answer.status, 504)
            answer.read()
            self.assertLess(time.monotonic() - began, PATIENCE_S)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
