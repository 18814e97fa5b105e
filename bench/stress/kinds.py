"""The requests that the stress runs are made of."""

import json

from slow_body import ROUTE as SLOW_PATH
from slow_body import slow_body

AXPY_PATH = "/api/v1/kernels/core/axpy/execute"
IDENTITY_PATH = "/api/v1/kernels/core/identity/execute"
FFT_PATH = "/api/v1/kernels/signal/fft/execute"


def post(name, path, body, **more):
    return {"name": name, "method": "POST", "path": path, "body": body, **more}


def live(name="live"):
    return {"name": name, "method": "GET", "path": "/health/live", "route": ("GET", "/health/live")}


def slow(iterations, name="slow", **more):
    return post(name, SLOW_PATH, slow_body(iterations), **more)


def identity(count=16, name="identity"):
    return post(name, IDENTITY_PATH, json.dumps({"input": {"data": [0.5 + i for i in range(count)]}}))


def fast(name="fast", **more):
    return post(name, AXPY_PATH, '{"input":{"alpha":2,"x":[1,2,3],"y":[4,5,6]}}', **more)


def fft(count=1024, name="fft"):
    return post(name, FFT_PATH, json.dumps({"input": {"real": [i % 17 for i in range(count)]}}))


def bad():
    """One of each sort, all of them on the execute route."""
    return [
        post("bad json", AXPY_PATH, '{"input":{"alpha":'),
        post("bad input", AXPY_PATH, '{"input":{"alpha":2,"x":[1],"y":[1,2]}}'),
        post("no kernel", AXPY_PATH.replace("axpy", "none"), "{}"),
        post("no json", AXPY_PATH, "x=1", headers={"Content-Type": "text/plain"}),
        slow(10_000_000, "late", headers={"X-Request-Timeout-Ms": "5"}),
    ]
