"""The servers that the benchmark compares: how each is started, asked and stopped."""

import http.client
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
DAEMON = ROOT / "build" / "release" / "kernd"
NGINX = shutil.which("nginx") or "/usr/sbin/nginx"  # not in everybody's path

NGINX_CONFIGURATION = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  keepalive_requests 1000000000;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port};
    location / {{ default_type text/plain; return 200 "ok"; }}
  }}
}}
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """One server process on `cores`, with its own port; a context manager that stops it."""

    def __init__(self, name, cores, folder):
        self.name = name
        self.cores = cores
        self.port = free_port()
        self.folder = Path(folder) / f"{name}-{self.port}"
        self.folder.mkdir()
        self.start_seconds = None
        self.process = None

    def command(self):
        if self.name == "kernd":
            return [DAEMON, "serve", "--preset", "high_performance", "--host", "127.0.0.1",
                    "--port", str(self.port)]
        if self.name == "nginx":
            configuration = self.folder / "nginx.conf"
            configuration.write_text(
                NGINX_CONFIGURATION.format(folder=self.folder, port=self.port))
            return [NGINX, "-c", configuration, "-p", self.folder, "-e", self.folder / "error.log"]
        return [sys.executable, "-m", "uvicorn", "twin:app", "--app-dir", HERE, "--no-access-log",
                "--log-level", "warning", "--loop", "uvloop", "--http", "httptools",
                "--port", str(self.port)]

    def __enter__(self):
        command = ["taskset", "--cpu-list", self.cores, *map(str, self.command())]
        with open(self.folder / "log", "wb") as log:
            started = time.perf_counter()
            # Nobody has to be told that kernd goes away, so it need not wait for that.
            environment = {**os.environ, "KERND_SERVER__GRACE_DELAY_MS": "0"}
            self.process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT,
                                            stdin=subprocess.DEVNULL, env=environment)
        while not self.lives():
            if self.process.poll() is not None or time.perf_counter() - started > 30:
                self.__exit__()
                raise RuntimeError(f"{self.name} did not start:\n{self.log()}")
        self.start_seconds = time.perf_counter() - started
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def log(self):
        return (self.folder / "log").read_text(errors="replace")[-2000:]

    def lives(self):
        try:
            return self.ask("GET", "/health/live")[0] == 200
        except OSError:
            return False

    def ask(self, method, path, body=None):
        """Status and body of one answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            headers = {"Content-Type": "application/json"} if body else {}
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def resident_bytes(self):
        """Of the process and its children."""
        family = [self.process.pid]
        for pid in family:
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
            family.extend(map(int, children))
        page = os.sysconf("SC_PAGE_SIZE")
        return sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * page for pid in family)
