"""One daemon, as the benchmark starts, asks and ends it."""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 30
AXPY = ("/api/v1/kernels/core/axpy/execute", b'{"input":{"x":[1,2],"y":[3,4]}}')
PAGERANK = "/api/v1/kernels/graph/pagerank/execute"


def swinging_star(iterations):
    """A body of `graph/pagerank` that never converges, so that it runs as long as we want."""
    graph = {"num_nodes": 3, "edges": [[0, 1], [0, 2], [1, 0], [2, 0]], "directed": True}
    return json.dumps({"input": {"graph": graph, "damping": 1, "tolerance": 0,
                                 "max_iterations": iterations}}).encode()


ENDLESS = swinging_star(4294967295)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Client:
    """One connection, kept between requests."""

    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()

    def send(self, method, path, body=None):
        self.connection.request(method, path, body, {"Content-Type": "application/json"})

    def receive(self):
        answer = self.connection.getresponse()
        return answer.status, answer.read()

    def ask(self, method, path, body=None):
        self.send(method, path, body)
        return self.receive()


class Daemon:
    """A context manager that kills what still runs. `keys` are settings: section.key=value."""

    def __init__(self, binary, *keys, port=None):
        self.port = port or free_port()
        self.command = [str(binary), "serve", "--host", "127.0.0.1", "--port", str(self.port),
                        "--set", "log.level=error", "--set", "server.access_log=false"]
        for key in keys:
            self.command += ["--set", key]

    def __enter__(self):
        self.started = time.perf_counter()
        self.process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL)
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def ask(self, method, path, body=None):
        with Client(self.port) as client:
            return client.ask(method, path, body)

    def get(self, path):
        """The status, or 0 when nobody answers."""
        try:
            return self.ask("GET", path)[0]
        except (OSError, http.client.HTTPException):
            return 0

    def wait(self, path, status):
        """The time at which `path` first answers `status`."""
        while self.get(path) != status:
            if self.process.poll() is not None or time.perf_counter() - self.started > PATIENCE_S:
                sys.exit(f"no {status} from {path}: {' '.join(self.command)}")
        return time.perf_counter()

    def ready(self):
        self.wait("/health/ready", 200)
        return self

    def stats(self):
        return json.loads(self.ask("GET", "/api/v1/runtime")[1])["stats"]

    def wait_running(self, running, in_flight):
        while True:
            stats = self.stats()
            if (stats["jobs_running"], stats["jobs_in_flight"]) == (running, in_flight):
                return

    def signal(self, number):
        """When it was sent."""
        now = time.perf_counter()
        os.kill(self.process.pid, number)
        return now

    def exited(self):
        """When, and with which code."""
        code = self.process.wait(PATIENCE_S)
        return time.perf_counter(), code
