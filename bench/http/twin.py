"""What kernd's execute route looks like with FastAPI and NumPy: the yardstick of the benchmark.

Takes the short way at each step: no models, no encoder of FastAPI's own between NumPy and json.
"""

import time
import uuid

import numpy
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, PlainTextResponse

app = FastAPI()


@app.get("/health/live")
async def live():
    return PlainTextResponse("ok")


@app.post("/api/v1/kernels/core/identity/execute")
async def execute(request: Request):
    started = time.perf_counter()
    body = await request.json()
    data = numpy.asarray(body["input"]["data"], dtype=numpy.float32)
    output = data.copy()
    return JSONResponse({
        "request_id": str(uuid.uuid4()),
        "kernel_id": "core/identity",
        "output": {"data": output.tolist()},
        "metadata": {"duration_us": int((time.perf_counter() - started) * 1e6), "backend": "CPU"},
    })
