"""One daemon on the first core, the clients that load it on the others, and what both say of it."""

import json
import os
import re
import subprocess
from collections import Counter
from pathlib import Path

from accounts import Seen, discrepancies, settled

ROOT = Path(__file__).resolve().parents[2]
KERND = ROOT / "build/release/kernd"
LOAD = ROOT / "build/bench/kernd_load"
EXECUTE = ("POST", "/api/v1/kernels/{domain}/{name}/execute")


def cores():
    """The daemon's and the clients'."""
    mine = sorted(os.sched_getaffinity(0))
    return (mine[:1], mine[1:] or mine)


def pinned(where, *command):
    return ["taskset", "-c", ",".join(map(str, where)), *map(str, command)]


class Daemon:
    """A context manager; `settings` are `section.key` and value. Logs go to a file and are dropped."""

    def __init__(self, folder, *, all_cores=False, config=None, environment=None,
                 **settings):
        self.log = open(Path(folder) / "log", "w", encoding="utf-8")
        flags = ["--config", config] if config else []
        flags += [f"--set={name.replace('__', '.')}={value}" for name, value in settings.items()]
        where = [core for some in cores() for core in some] if all_cores else cores()[0]
        self.process = subprocess.Popen(
            pinned(where, KERND, "serve", "--preset", "high_performance", "--host", "127.0.0.1",
                   "--port", 0, "--set=server.grace_delay_ms=0", *flags),
            stdout=subprocess.PIPE, stderr=self.log, env=environment, text=True)
        self.url = re.search(r"http://\S+", self.process.stdout.readline())[0]
        self.port = int(self.url.rsplit(":", 1)[1])

    def __enter__(self):
        self.before = settled(self.url)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(60)
        self.log.close()

    def status(self, key):
        """A number of /proc/PID/status: `VmRSS` in KiB, `Threads`."""
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(rf"{key}:\s+(\d+)", text)[1])

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def cpu_seconds(self):
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(") ", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def start_load(self, kinds, connections, seconds, rate=0):
        """Begins to send `kinds`; `finish` ends it."""
        process = subprocess.Popen(
            pinned(cores()[1], LOAD, self.port, connections, seconds, rate),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        process.stdin.write(json.dumps(kinds))
        process.stdin.close()
        process.stdin = None
        return process

    def load(self, kinds, connections, seconds, rate=0):
        return finish(self.start_load(kinds, connections, seconds, rate))

    def mismatches(self, loads):
        """What the metrics say otherwise than the clients, over all loads since the start."""
        seen = {}
        for kinds, result in loads:
            for kind in kinds:
                told = result["kinds"][kind["name"]]
                whole = seen.setdefault(tuple(kind.get("route", EXECUTE)), Seen())
                whole.answers.update(Counter(told["answers"]))
                whole.hung_up += told["hung_up"]
                if told["lost"]:
                    whole.answers["000"] += told["lost"]
        return discrepancies(seen, self.before, settled(self.url))


def finish(process):
    out, _ = process.communicate()
    if process.returncode != 0:
        raise RuntimeError("the load generator failed")
    return json.loads(out)
