"""The daemon as a process: signals, exit codes, reload.

Usage: daemon_test.py KERND
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request

from daemon import PATIENCE_S, running

BINARY = sys.argv[1]


def get(url):
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE_S) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


def run(*arguments, **keywords):
    return subprocess.run(
        [BINARY, *arguments], capture_output=True, text=True, timeout=PATIENCE_S, **keywords
    )


def wait_until(condition):
    """Polls: what the daemon does on a signal can only be seen from outside."""
    end = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("it did not happen in time")
        time.sleep(0.01)


class DaemonTest(unittest.TestCase):
    def test_is_ready_when_the_banner_is_printed(self):
        with running(BINARY) as (_, url):
            self.assertEqual(get(url + "/health/ready"), (200, '{"status":"ready"}'))

    def test_the_metrics_page_is_sound(self):
        with running(BINARY) as (_, url):
            status, page = get(url + "/metrics")
        self.assertEqual(status, 200)
        self.assertIn("kernd_log_dropped_total 0", page)
        checked = subprocess.run(
            ["promtool", "check", "metrics"], input=page, capture_output=True, text=True
        )
        self.assertEqual((checked.returncode, checked.stdout, checked.stderr), (0, "", ""))

    def test_sigterm_with_an_idle_connection_exits_cleanly(self):
        with running(BINARY) as (process, url):
            host, port = url.removeprefix("http://").split(":")
            with socket.create_connection((host, int(port))) as idle:
                idle.sendall(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n")
                self.assertIn(b"200 OK", idle.recv(4096))
                process.send_signal(signal.SIGTERM)
                self.assertEqual(process.wait(PATIENCE_S), 0)

    def test_readiness_fails_during_the_grace_delay(self):
        with running(BINARY, "--set", "server.grace_delay_ms=600000") as (process, url):
            process.send_signal(signal.SIGTERM)
            wait_until(lambda: get(url + "/health/ready")[0] == 503)
            status, body = get(url + "/health/ready")
            self.assertEqual(json.loads(body)["reasons"], ["lifecycle: Draining"])
            self.assertEqual(get(url + "/health/live")[0], 200)
            process.send_signal(signal.SIGTERM)  # a second signal exits at once
            self.assertEqual(process.wait(PATIENCE_S), 128 + signal.SIGTERM)

    def test_an_occupied_port_is_named(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = str(taken.getsockname()[1])
            done = run("serve", "--port", port)
        self.assertEqual(done.returncode, 69)
        self.assertIn(port, done.stderr)

    def test_a_wrong_configuration_does_not_start(self):
        done = run("serve", "--set", "server.prot=1")
        self.assertEqual(done.returncode, 78)
        self.assertIn("server.port", done.stderr)

    def test_a_wrong_command_line_does_not_start(self):
        self.assertEqual(run("sreve").returncode, 64)

    def test_healthcheck_finds_a_ready_daemon(self):
        with running(BINARY) as (_, url):
            self.assertEqual(run("healthcheck", "--url", url + "/health/ready").returncode, 0)
        self.assertEqual(run("healthcheck", "--url", url + "/health/ready").returncode, 1)


class StopWhileStartingTest(unittest.TestCase):
    """The daemon waits for a configuration that nobody has written yet: a pipe."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        file = os.path.join(folder.name, "kernd.toml")
        os.mkfifo(file)
        self.process = subprocess.Popen(
            [BINARY, "serve", "--port", "0", "--set", "log.level=debug"]
            + ["--set", "server.grace_delay_ms=600000", "--config", file],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.addCleanup(self.kill)
        self.configuration = open(file, "w", encoding="utf-8")  # waits for the daemon to open it
        self.addCleanup(self.configuration.close)

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()

    def ends_in_order_on(self, number):
        self.process.send_signal(number)
        self.configuration.close()
        out, log = self.process.communicate(timeout=PATIENCE_S)
        self.assertEqual((self.process.returncode, out), (0, ""), log)
        events = re.findall(r"event=(\w+)", log)
        states = [event for event in events if not event.startswith("Kernel")]
        self.assertEqual(states, ["Starting", "Draining", "Stopped"])

    def test_sigterm_ends_it_in_order(self):
        self.ends_in_order_on(signal.SIGTERM)

    def test_sigint_ends_it_in_order(self):
        self.ends_in_order_on(signal.SIGINT)

    def test_a_second_signal_exits_at_once(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.send_signal(signal.SIGINT)
        self.assertIn(self.process.wait(PATIENCE_S), (128 + signal.SIGTERM, 128 + signal.SIGINT))


class ReloadTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = os.path.join(folder.name, "kernd.toml")
        self.write("limits.max_body_bytes = 2048\n")

    def write(self, text):
        with open(self.file, "w", encoding="utf-8") as file:
            file.write(text)

    def status_of_body(self, url, size):
        request = urllib.request.Request(
            url + "/api/v1/kernels/core/axpy/execute",
            data=b" " * size,
            headers={"Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
                return answer.status
        except urllib.error.HTTPError as refused:
            return refused.code

    def test_sighup_applies_what_can_be_reloaded(self):
        with running(BINARY, "--config", self.file) as (process, url):
            self.assertEqual(self.status_of_body(url, 3000), 413)
            self.write("limits.max_body_bytes = 4096\n")
            process.send_signal(signal.SIGHUP)
            wait_until(lambda: self.status_of_body(url, 3000) == 400)

    def test_sighup_refuses_a_whole_file_for_one_key(self):
        log = tempfile.TemporaryFile("w+")
        self.addCleanup(log.close)
        with running(BINARY, "--config", self.file, log=log) as (process, url):
            self.write("limits.max_body_bytes = 4096\nexecutor.workers = 3\n")
            process.send_signal(signal.SIGHUP)
            wait_until(lambda: "executor.workers" in self.text_of(log))
            self.assertEqual(self.status_of_body(url, 3000), 413)

    def test_sighup_refuses_an_invalid_file(self):
        log = tempfile.TemporaryFile("w+")
        self.addCleanup(log.close)
        with running(BINARY, "--config", self.file, log=log) as (process, url):
            self.write("limits.max_body_bytes = 'many'\n")
            process.send_signal(signal.SIGHUP)
            wait_until(lambda: "reload refused" in self.text_of(log))
            self.assertEqual(self.status_of_body(url, 3000), 413)

    @staticmethod
    def text_of(log):
        log.seek(0)
        return log.read()


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
