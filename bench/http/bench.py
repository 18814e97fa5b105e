#!/usr/bin/env python3
"""Compares kernd with nginx and with FastAPI, and prints one table of medians."""

import argparse
import contextlib
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy

import report
from machine import machine
from servers import HERE, ROOT, Server

LIVE = "/health/live"
EXECUTE = "/api/v1/kernels/core/identity/execute"
MICRO = ROOT / "build" / "bench" / "kernd_codec_bench"


@dataclass(frozen=True)
class Row:
    """One line of the table. `unit` is `req/s`, or a time: then it is the median of one request."""

    title: str
    unit: str
    connections: int
    servers: tuple
    reach: str = ""
    elements: int = 0  # of core/identity; 0 asks /health/live
    all_cores: bool = False


EVERYBODY = ("kernd", "nginx", "fastapi")
KERNELS = ("kernd", "fastapi")
ROWS = [
    Row("`/health/live`, 64 connections", "req/s", 64, EVERYBODY, "≥ 0.7 × nginx"),
    Row("`core/identity` 16 f32, 64 connections", "req/s", 64, KERNELS, "≥ 6 × FastAPI", 16),
    Row("`core/identity` 1 024 f32, 4 connections", "req/s", 4, KERNELS, "", 1024),
    Row("`core/identity` 16 384 f32, 4 connections", "req/s", 4, KERNELS, "", 16384),
    Row("`core/identity` 262 144 f32, 1 connection", "ms", 1, KERNELS,
        "≤ 1.4 × the bare loops", 262144),
    Row("`core/identity` 262 144 f32, 1 connection, all cores", "ms", 1, KERNELS,
        "≥ 20 × FastAPI", 262144, True),
    Row("`/health/live`, 1 connection, p50", "µs", 1, EVERYBODY),
    Row("`core/identity` 16 f32, 1 connection, p50", "µs", 1, KERNELS, "≤ live + 15 µs", 16),
]
MICROSECONDS = {"µs": 1, "ms": 1000}


def write_bodies(folder):
    """Bodies of random f32, each in the shortest text that reads back to the same bits."""
    random = numpy.random.default_rng(20240101)
    bodies = {}
    for elements in sorted({row.elements for row in ROWS if row.elements}):
        data = random.standard_normal(elements).astype(numpy.float32)
        text = '{"input": {"data": [' + ",".join(map(str, data)) + "]}}"
        bodies[elements] = (Path(folder) / f"{elements}.json", data)
        bodies[elements][0].write_text(text)
    return bodies


def check(server, body, data):
    """Nobody is measured for a wrong answer."""
    status, answer = server.ask("POST", EXECUTE, body.read_bytes())
    if status != 200:
        raise RuntimeError(f"{server.name}: {status} {answer[:500]!r}")
    output = numpy.asarray(json.loads(answer)["output"]["data"], dtype=numpy.float32)
    if not numpy.array_equal(output, data):
        raise RuntimeError(f"{server.name} does not answer what it was sent")


def load(server, row, body, seconds, client_cores):
    """One run of wrk, in the row's unit."""
    path = EXECUTE if row.elements else LIVE
    command = ["taskset", "--cpu-list", client_cores, "wrk", "--threads", "1",
               "--connections", str(row.connections), "--duration", f"{seconds}s",
               "--timeout", "30s", "--script", HERE / "load.lua",
               f"http://127.0.0.1:{server.port}{path}", "--", *([body] if row.elements else [])]
    answer = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=True)
    result = json.loads(answer.stdout.strip().splitlines()[-1])
    if result["errors"] or not result["requests"]:
        raise RuntimeError(f"{server.name}, {row.title}: {result}\n{server.log()}")
    if row.unit == "req/s":
        return result["requests"] / result["duration_us"] * 1e6
    return result["p50_us"] / MICROSECONDS[row.unit]


def measure_load(arguments, names, folder):
    """The servers take turns at each line, so that a slow minute of the machine hits all of them."""
    cores = sorted(os.sched_getaffinity(0))
    first, others, every = (",".join(map(str, some)) for some in (cores[:1], cores[1:] or cores, cores))
    bodies = write_bodies(folder)
    figures = {}
    for turn, all_cores in itertools.product(range(arguments.rounds), (False, True)):
        server_cores, client_cores = (every, every) if all_cores else (first, others)
        with contextlib.ExitStack() as stack:
            servers = [stack.enter_context(Server(name, server_cores, folder)) for name in names]
            rows = [row for row in ROWS if row.all_cores == all_cores]
            for row, server in itertools.product(rows, servers):
                if server.name not in row.servers:
                    continue
                body, data = bodies.get(row.elements, (None, None))
                if body:
                    check(server, body, data)
                figure = load(server, row, body, arguments.seconds, client_cores)
                figures.setdefault((row.title, server.name), []).append(figure)
                print(f"round {turn + 1}: {server.name}: {row.title}: {figure:.1f} {row.unit}",
                      file=sys.stderr)
    return {key: statistics.median(values) for key, values in figures.items()}


def measure_rest(arguments, names, folder):
    """Start in ms, resident memory in MB; of each server, alone on the first core."""
    core = str(min(os.sched_getaffinity(0)))
    starts, memory = {}, {}
    for _ in range(2 * arguments.rounds):
        for name in names:
            with Server(name, core, folder) as server:
                starts.setdefault(name, []).append(server.start_seconds * 1000)
                memory.setdefault(name, []).append(server.resident_bytes() / 1e6)
    return ({name: statistics.median(v) for name, v in starts.items()},
            {name: statistics.median(v) for name, v in memory.items()})


def measure_codec():
    """Median milliseconds of each loop of kernd_codec_bench, alone on one core."""
    core = str(max(os.sched_getaffinity(0)))
    answer = subprocess.run(
        ["taskset", "--cpu-list", core, MICRO, "--benchmark_format=json",
         "--benchmark_repetitions=9", "--benchmark_enable_random_interleaving=true",
         "--benchmark_min_time=0.2"], capture_output=True, text=True, check=True)
    return {run["run_name"]: run["real_time"] for run in json.loads(answer.stdout)["benchmarks"]
            if run.get("aggregate_name") == "median"}


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench http", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="runs of each line (default 5)")
    parser.add_argument("--seconds", type=int, default=3, help="length of a run (default 3)")
    parser.add_argument("--servers", default=",".join(EVERYBODY),
                        help="which to run (default %(default)s)")
    parser.add_argument("--write", metavar="FILE", help="write the table to FILE as well")
    arguments = parser.parse_args()
    names = arguments.servers.split(",")
    if unknown := set(names) - set(EVERYBODY):
        parser.error(f"unknown server: {', '.join(unknown)}")

    facts = machine() | report.peers()
    with tempfile.TemporaryDirectory(prefix="kernd-bench-") as folder:
        starts, memory = measure_rest(arguments, names, folder)
        figures = measure_load(arguments, names, folder)
    codec = measure_codec() if "kernd" in names else {}
    text = report.table(ROWS, figures, starts, memory, codec, facts, arguments)
    print(text)
    if arguments.write:
        Path(arguments.write).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
