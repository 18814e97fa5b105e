#!/usr/bin/env python3
"""How long operators wait for a daemon, and what clients notice of them; prints one table."""

import argparse
import contextlib
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from daemon import AXPY, ENDLESS, PAGERANK, PATIENCE_S, ROOT, Client, Daemon, free_port, swinging_star
from load import Load
from machine import machine

HERE = Path(__file__).resolve().parent
RELOAD = "/api/v1/runtime/reload"


def median_ms(once, rounds):
    values = [once() * 1000 for _ in range(rounds)]
    return f"{statistics.median(values):.1f} ms (max {max(values):.1f})"


def check(holds, what):
    if not holds:
        sys.exit(f"bench: {what}")


def start_until(binary, path):
    with Daemon(binary) as daemon:
        return daemon.wait(path, 200) - daemon.started


def stop_until_not_ready(binary, old_connection):
    """On a connection that is new, or on one that was there before, as its first request since."""
    with Daemon(binary, "server.grace_delay_ms=5000") as daemon, Client(daemon.ready().port) as old:
        check(old.ask("GET", "/health/ready")[0] == 200, "not ready")
        sent = daemon.signal(signal.SIGTERM)
        if not old_connection:
            return daemon.wait("/health/ready", 503) - sent
        # Until it drains the connection stays: each answer is one more request on it.
        while old.ask("GET", "/health/ready")[0] != 503:
            pass
        return time.perf_counter() - sent


def exit_idle(binary, connections):
    with contextlib.ExitStack() as stack:
        daemon = stack.enter_context(Daemon(binary)).ready()
        for client in [stack.enter_context(Client(daemon.port)) for _ in range(connections)]:
            check(client.ask("GET", "/health/live")[0] == 200, "an idle connection is not served")
        sent = daemon.signal(signal.SIGTERM)
        ended, code = daemon.exited()
        check(code == 0, f"exit code {code}")
        return ended - sent


def exit_with_work(binary, jobs, job_s):
    """One worker: one job runs, the others wait. All must be answered."""
    with contextlib.ExitStack() as stack:
        daemon = stack.enter_context(Daemon(binary, "executor.workers=1",
                                            "executor.drain_timeout_ms=30000")).ready()
        for _ in range(2):  # the first one is not at full speed yet
            probe = json.loads(daemon.ask("POST", PAGERANK, swinging_star(1_000_000))[1])
        body = swinging_star(int(1e6 * job_s / (probe["metadata"]["compute_us"] / 1e6)))
        clients = [stack.enter_context(Client(daemon.port)) for _ in range(jobs)]
        for client in clients:
            client.send("POST", PAGERANK, body)
        daemon.wait_running(1, jobs)
        sent = daemon.signal(signal.SIGTERM)
        statuses = [client.receive()[0] for client in clients]
        ended, code = daemon.exited()
        check(statuses == [200] * jobs and code == 0, f"{statuses}, exit code {code}")
        return ended - sent


def exit_when_stuck(binary, drain_timeout_ms):
    with Daemon(binary, f"executor.drain_timeout_ms={drain_timeout_ms}",
                "log.level=critical") as daemon, Client(daemon.ready().port) as client:
        client.send("POST", PAGERANK, ENDLESS)
        daemon.wait_running(1, 1)
        sent = daemon.signal(signal.SIGTERM)
        ended, code = daemon.exited()
        check(code == 3, f"exit code {code}")
        return ended - sent


def reload_under_load(binary, reloads):
    """Half by the signal, half by the request; each is seen to be in force before the next."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "kernd.toml"
        file.write_text("")
        daemon = Daemon(binary)
        daemon.command += ["--config", str(file)]
        with daemon, Load(daemon.ready().port) as load:
            for turn in range(1, reloads + 1):
                fresh = file.with_suffix(".new")
                fresh.write_text(f"limits.max_body_bytes = {4096 + turn}\n"
                                 f"executor.max_queue_depth = {100 + turn}\n")
                os.replace(fresh, file)
                if turn % 2:
                    check(daemon.ask("POST", RELOAD)[0] == 200, "a reload was refused")
                else:
                    daemon.signal(signal.SIGHUP)
                end = time.perf_counter() + PATIENCE_S
                while json.loads(daemon.ask("GET", "/api/v1/runtime")[1])["configuration"][
                        "revision"] != turn + 1:
                    check(time.perf_counter() < end, f"reload {turn} did not happen")
    return load


def rolling_restarts(binary, restarts, grace_ms):
    key = f"server.grace_delay_ms={grace_ms}"
    with contextlib.ExitStack() as stack:
        daemons = [stack.enter_context(Daemon(binary, key)).ready() for _ in range(2)]
        port = free_port()
        proxy = subprocess.Popen([sys.executable, str(HERE / "proxy.py"), str(port),
                                  *(str(daemon.port) for daemon in daemons)])
        stack.callback(lambda: (proxy.kill(), proxy.wait()))
        front = Client(port)
        wait_for_proxy(front)
        with Load(port) as load:
            for turn in range(restarts):
                old = daemons[turn % 2]
                old.signal(signal.SIGTERM)
                _, code = old.exited()
                check(code == 0, f"exit code {code}")
                fresh = Daemon(binary, key, port=old.port)
                daemons[turn % 2] = stack.enter_context(fresh).ready()
                time.sleep(0.2)  # the proxy asks every 50 ms: it knows by then
    return load


def wait_for_proxy(front):
    end = time.perf_counter() + PATIENCE_S
    while True:
        with contextlib.suppress(OSError), front:
            if front.ask("POST", *AXPY)[0] == 200:
                return
        check(time.perf_counter() < end, "the proxy does not answer")
        time.sleep(0.05)


def probe_p99(binary, on_probe_port, probes=500):
    """While wrk keeps every loop and worker busy over 256 connections."""
    probe_port = free_port()
    with Daemon(binary, f"server.probe_port={probe_port}") as daemon:
        port = probe_port if on_probe_port else daemon.ready().port
        daemon.ready()
        script = ROOT / "bench" / "http" / "load.lua"
        with tempfile.NamedTemporaryFile("wb") as body:
            body.write(b'{"input":{"data":[' + b",".join([b"1.5"] * 1024) + b"]}}")
            body.flush()
            load = subprocess.Popen(
                ["wrk", "--threads", "1", "--connections", "256", "--duration", "60s", "--script",
                 str(script),
                 f"http://127.0.0.1:{daemon.port}/api/v1/kernels/core/identity/execute", "--",
                 body.name], stdout=subprocess.DEVNULL)
            try:
                time.sleep(1)  # until it is at its speed
                waits = []
                for _ in range(probes):
                    begun = time.perf_counter()
                    with Client(port) as client:
                        check(client.ask("GET", "/health/live")[0] == 200, "not live")
                    waits.append(time.perf_counter() - begun)
                stats = daemon.stats()
                print(f"under load: {stats}", file=sys.stderr)
                check(load.poll() is None and stats["jobs_in_flight"] > 0, "there is no load")
            finally:
                load.kill()
                load.wait()
    waits.sort()
    return (f"p50 {waits[probes // 2] * 1000:.1f} ms, p99 {waits[probes * 99 // 100] * 1000:.1f} ms")


def counts(load):
    for reason in load.lost[:3]:
        print(f"lost: {reason}", file=sys.stderr)
    return f"{len(load.lost)} lost of {load.answered + len(load.lost)}"


def rows(binary, rounds):
    """What, how, the figure, and what it must be."""
    yield ("exec → first 200 of `/health/live`", f"median of {rounds}; polled without a pause",
           lambda: median_ms(lambda: start_until(binary, "/health/live"), rounds), "")
    yield ("exec → first 200 of `/health/ready`", "the same, self-test included",
           lambda: median_ms(lambda: start_until(binary, "/health/ready"), rounds), "")
    yield ("SIGTERM → readiness 503, new connection", "a connection per question",
           lambda: median_ms(lambda: stop_until_not_ready(binary, False), rounds), "< 50 ms")
    yield ("SIGTERM → readiness 503, old connection", "questions on one connection",
           lambda: median_ms(lambda: stop_until_not_ready(binary, True), rounds), "< 50 ms")
    yield ("SIGTERM → exit, idle", "`server.grace_delay_ms=0`; code 0",
           lambda: median_ms(lambda: exit_idle(binary, 0), rounds), "")
    yield ("SIGTERM → exit, 100 idle keep-alive connections", "the same",
           lambda: median_ms(lambda: exit_idle(binary, 100), rounds), "< 1 s")
    yield ("SIGTERM → exit, 8 jobs of 100 ms on one worker", "all answered with 200; code 0",
           lambda: median_ms(lambda: exit_with_work(binary, 8, 0.1), rounds), "about 800 ms")
    yield ("SIGTERM → exit, a kernel that does not end", "`executor.drain_timeout_ms=500`; code 3",
           lambda: median_ms(lambda: exit_when_stuck(binary, 500), rounds), "about 500 ms")
    yield ("100 reloads under load", "50 SIGHUP, 50 POST; 8 connections of `core/axpy`",
           lambda: counts(reload_under_load(binary, 100)), "0 lost")
    yield ("20 rolling restarts of two daemons", "proxy that asks for readiness every 50 ms, never "
           "retries; `server.grace_delay_ms=500`; 8 connections",
           lambda: counts(rolling_restarts(binary, 20, 500)), "0 lost")
    yield ("`/health/live` on `server.port` at full load", "256 connections of `core/identity` "
           "1 024 f32 by wrk; 500 questions, a connection each",
           lambda: probe_p99(binary, False), "")
    yield ("`/health/live` on `server.probe_port` at full load", "the same",
           lambda: probe_p99(binary, True), "p99 < 10 ms")


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench operate", description=__doc__)
    parser.add_argument("--rounds", type=int, default=9, help="of each time (default 9)")
    parser.add_argument("--only", default="", help="rows whose title contains this")
    parser.add_argument("--binary", default=ROOT / "build" / "release" / "kernd")
    parser.add_argument("--write", metavar="FILE", help="write the table to FILE as well")
    arguments = parser.parse_args()

    lines = [f"- {name}: {value}" for name, value in machine().items()]
    lines += ["", "| what | how | figure | aim |", "|---|---|---:|---|"]
    for title, how, measure, aim in rows(arguments.binary, arguments.rounds):
        if arguments.only in title:
            lines.append(f"| {title} | {how} | {measure()} | {aim} |")
            print(lines[-1], file=sys.stderr)
    text = "\n".join(["# Operating", "", "Printed by `scripts/bench operate`.", "", *lines, ""])
    print(text)
    if arguments.write:
        Path(arguments.write).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
