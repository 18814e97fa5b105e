"""The daemon over HTTP, with the same kernels on the CPU and on the device, at several concurrencies."""

import json
import random
import re
import signal
import subprocess
import threading
import urllib.request

from machine import HERE
from steps import Outcome

CONNECTIONS = (1, 4, 16, 64)
PATIENCE_S = 60
BACKENDS = ("CPU", "CUDA")


def reals(count):
    source = random.Random(count)
    return [round(source.uniform(-1, 1), 4) for _ in range(count)]


def matrix(rows):
    values = reals(rows * rows)
    return [values[i * rows:(i + 1) * rows] for i in range(rows)]


def inputs():
    """Kernel, what its input is for people, and that input."""
    options = 20_000
    yield "core/axpy", "16 f32", {"alpha": 2, "x": reals(16), "y": reals(16)}
    yield "core/axpy", "100,000 f32", {"alpha": 2, "x": reals(100_000), "y": reals(100_000)}
    yield "core/gemm", "512 × 512", {"a": matrix(512), "b": matrix(512)}
    yield "core/sort", "200,000 f32", {"keys": reals(200_000)}
    yield "signal/fft", "65,536 f32", {"real": reals(65_536)}
    yield "finance/black-scholes", "20,000 options", {
        "spot": [100 + x for x in reals(options)], "strike": [100 + x for x in reals(options)],
        "rate": [0.05], "volatility": [0.2], "expiry": [1], "type": ["call"]}


class Daemon:
    """With all of `kernels` on one backend. `url` is where it is. Nothing waits past the end of `steps`."""

    def __init__(self, steps, backend, kernels, log):
        self.steps = steps
        where = "gpu.cuda_kernels" if backend == "CUDA" else "gpu.cpu_kernels"
        self.process = subprocess.Popen(
            [HERE / "kernd", "serve", "--preset", "high_performance", "--host", "127.0.0.1", "--port", "0",
             "--set", "server.grace_delay_ms=0", "--set", f"{where}={','.join(kernels)}"],
            env=steps.machine.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True)
        patience = threading.Timer(self.patience(), self.process.kill)
        patience.start()
        found = re.search(r"http://\S+:(\d+)", self.process.stdout.readline())
        patience.cancel()
        if found is None:
            self.stop()
            raise RuntimeError("the daemon did not start; see the log of this step")
        self.url, self.port = found[0], int(found[1])

    def patience(self):
        """Not 0, which means at once to some and for ever to others."""
        return max(1, min(PATIENCE_S, self.steps.left()))

    def execute(self, kernel, body):
        request = urllib.request.Request(f"{self.url}/api/v1/kernels/{kernel}/execute", body.encode(),
                                         {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=self.patience()) as answer:
            return json.load(answer)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(self.patience())
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()


def load(steps, daemon, kernel, body, connections, seconds):
    """Requests per second, p50 and p99 in µs. One that does not succeed raises RuntimeError."""
    kind = {"name": kernel, "method": "POST", "path": f"/api/v1/kernels/{kernel}/execute",
            "headers": {"Content-Type": "application/json"}, "body": body}
    words = [HERE / "kernd_load", daemon.port, connections, seconds, 0]
    limit = min(PATIENCE_S + 10 * seconds, steps.left())
    done = subprocess.run(list(map(str, words)), input=json.dumps([kind]), env=steps.machine.environment(),
                          capture_output=True, text=True, timeout=limit, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"kernd_load: {done.stderr.strip() or done.returncode}")
    result = json.loads(done.stdout)
    told = result["kinds"][kernel]
    if set(told["answers"]) != {"200"} or told["lost"]:
        raise RuntimeError(f"{kernel}: answers {told['answers']}, {told['lost']} lost")
    return told["sent"] / result["seconds"], told["latency_us"]["p50"], told["latency_us"]["p99"]


def fill(rows, daemon, backend, kinds, seconds, steps):
    """What `load` finds goes to `rows`, by kernel, input and connections, and there by backend."""
    for kernel, size, value in kinds:
        body = json.dumps({"input": value})
        ran_on = daemon.execute(kernel, body)["metadata"]["backend"]
        if ran_on != backend:
            raise RuntimeError(f"{kernel} ran on {ran_on} instead of {backend}")
        for connections in CONNECTIONS:
            if steps.left() < 2 * seconds:
                raise RuntimeError("no time left")
            found = load(steps, daemon, kernel, body, connections, seconds)
            rows.setdefault((kernel, size, connections), {})[backend] = found


def measure(steps, seconds, kinds, backends=BACKENDS):
    """A row per kernel, input and connections, with a cell for each backend. `kinds` as of `inputs`."""
    kernels = sorted({kernel for kernel, _, _ in kinds})
    rows, failures = {}, []
    with open(steps.logs / "http.log", "w", encoding="utf-8") as log:
        for backend in backends:
            try:
                if steps.left() <= 0:
                    raise RuntimeError("no time left")
                daemon = Daemon(steps, backend, kernels, log)
                try:
                    fill(rows, daemon, backend, kinds, seconds, steps)
                finally:
                    daemon.stop()
            except (RuntimeError, OSError, ValueError, KeyError, subprocess.SubprocessError) as failure:
                failures.append(f"{backend}: {failure}")
    what = "; ".join(failures) or f"{len(rows)} loads on each backend, every answer 200"
    lines = [{"kernel": key[0], "input": key[1], "connections": key[2], **cell} for key, cell in rows.items()]
    return Outcome("failed" if failures else "passed", what, lines)
