#!/usr/bin/env python3
"""What rings, actors and calls over HTTP cost; prints one page. Run by scripts/bench ring."""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from daemon_under_test import Daemon, cores, pinned
from kinds import identity, post
from machine import ROOT, machine

BENCH = ROOT / "build/bench"
ACTOR = "/api/v1/actors/bench"
SECONDS = 5
ROUNDS = 5


def google(binary, *flags):
    """Rows by name; of repetitions the least, which is what it takes when nobody interferes."""
    done = subprocess.run([BENCH / binary, "--benchmark_format=json", *flags], capture_output=True,
                          text=True, check=True)
    rows = {}
    for row in json.loads(done.stdout)["benchmarks"]:
        if row.get("aggregate_name", "min") == "min":
            rows[row["run_name"]] = row
    return rows


def ring_table():
    rows = google("kernd_ring_bench", "--benchmark_repetitions=15", "--benchmark_min_time=0.05",
                  "--benchmark_enable_random_interleaving=true",
                  "--benchmark_report_aggregates_only=true")
    lines = ["## Rings", "", "The least of 15 short runs that take turns. Memory is the same slots written and "
             "read without a queue; a sketch is the least a queue between two threads can do: no "
             "refusal, no statistics, one size.", "",
             "| payload | one thread: memory | sketch | SPSC | MPSC |",
             "|---:|---:|---:|---:|---:|"]
    for size in (64, 256, 1024, 4096):
        cells = (f"{rows[f'one thread/{size}/{kind}']['real_time']:.1f} ns"
                 for kind in ("memory", "sketch", "spsc", "mpsc"))
        lines.append(f"| {size} | " + " | ".join(cells) + " |")
    lines += ["", "| two threads, 64 B | sketch | SPSC | share |", "|---|---:|---:|---:|"]
    moved = [16384 / rows[f"two threads/64/{kind}/real_time"]["real_time"] * 1e3
             for kind in ("sketch", "spsc")]
    lines.append(f"| M messages/s | {moved[0]:.1f} | {moved[1]:.1f} | {moved[1] / moved[0]:.2f} |")
    there = [rows[f"there and back/64/{kind}/real_time"]["real_time"] / 1e6
             for kind in ("sketch", "spsc")]
    lines.append(f"| there and back, µs | {there[0]:.2f} | {there[1]:.2f} | {there[1] / there[0]:.2f} |")
    return lines + [""]


def microseconds(row, *counters):
    return " | ".join(f"{row[c] / 1000:.2f}" for c in counters)


def echo_rows():
    """By name, the runs' messages per second, and what all of them lost."""
    done = subprocess.run([BENCH / "kernd_actor_bench", "--benchmark_filter=^echoes", "--benchmark_format=json",
                           "--benchmark_repetitions=9", "--benchmark_enable_random_interleaving=true"],
                          capture_output=True, text=True, check=True)
    rates, lost = {}, {}
    for row in json.loads(done.stdout)["benchmarks"]:
        if row["run_type"] == "iteration":
            name = row["run_name"]
            rates.setdefault(name, []).append(row["items_per_second"] / 1e6)
            lost[name] = lost.get(name, 0) + row["lost"]
    return {name: (rates[name], lost[name]) for name in sorted(rates)}


def actor_table():
    rows = google("kernd_actor_bench", "--benchmark_filter=-^echoes")
    lines = ["## Actors in process", "",
             "From before the send until the reply's payload is checked; 10⁶ calls each.", "",
             "| call, µs | p50 | p99 | p99.9 | max | lost |", "|---|---:|---:|---:|---:|---:|"]
    for name in ("call/spinning", "call/parked", "call/pool"):
        row = next(r for n, r in rows.items() if n.startswith(name))
        lines.append(f"| {name[5:]} | {microseconds(row, 'p50', 'p99', 'p99.9', 'max')} | {row['lost']:.0f} |")
    lines += ["", "Nine runs of millions of echoes each, the rows in turns.", "",
              "| echo, M messages/s | median | least | most | lost |", "|---|---:|---:|---:|---:|"]
    for name, (rates, lost) in echo_rows().items():
        _, mode, window, *_ = name.split("/")
        lines.append(f"| {mode}, window {window} | {median(rates):.2f} | {min(rates):.2f} | {max(rates):.2f} "
                     f"| {lost:.0f} |")
    lines += ["", "| life, µs | launch p50 | end p50 | end p99 |", "|---|---:|---:|---:|"]
    for name, row in rows.items():
        if name.startswith("life"):
            lines.append(f"| {name.split('/')[1]} | {microseconds(row, 'launch p50', 'p50', 'p99')} |")
    return lines + [""]


def launch(daemon, actor_id, **options):
    body = json.dumps({"kernel_id": "core/echo", "actor_id": actor_id, "options": options})
    ask(daemon, "POST", "/api/v1/actors", body)


def ask(daemon, method, path, body=""):
    import http.client
    connection = http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=30)
    connection.request(method, path, body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    if answer.status >= 300:
        sys.exit(f"bench: {method} {path}: {answer.status} {content.decode()}")
    return content


def closed_loop(daemon, kind):
    """One keep-alive connection that waits for every answer."""
    told = daemon.load([kind], 1, SECONDS)["kinds"][kind["name"]]
    good = sum(n for answer, n in told["answers"].items() if answer == "200")
    if good != told["sent"]:
        sys.exit(f"bench: {kind['name']}: {told['answers']}")
    return told


def socket_echo(daemon, messages, window):
    done = subprocess.run(
        pinned(cores()[1], BENCH / "kernd_socket_echo", daemon.port, f"{ACTOR}/stream", messages,
               window), capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def http_table(folder):
    call = post("call", f"{ACTOR}/call", '{"type":"echo","payload":{"value":7}}',
                route=("POST", "/api/v1/actors/{actor}/call"))
    execute = post("execute", "/api/v1/kernels/core/echo/execute", '{"input":{"value":7}}')
    runs = {"identity": [], "call": [], "execute": []}
    sockets = []
    with Daemon(folder) as daemon:
        launch(daemon, "bench")
        for _ in range(ROUNDS):
            for kind in (identity(1), call, execute):
                runs[kind["name"]].append(closed_loop(daemon, kind))
            sockets.append(socket_echo(daemon, 200_000, 64))
    lines = ["## Over HTTP", "",
             f"One keep-alive connection, the daemon on the first core, the client on the second; medians of {ROUNDS} "
             "rounds that take turns. Each answer is checked.", "",
             "| one at a time | answers | /s | p50 µs | p99 µs | p99.9 µs | max µs |",
             "|---|---:|---:|---:|---:|---:|---:|"]
    rates, p50 = {}, {}
    for name, rounds in runs.items():
        sent = sum(r["sent"] for r in rounds)
        rates[name] = median(r["sent"] for r in rounds) / SECONDS
        p50[name] = median(r["latency_us"]["p50"] for r in rounds)
        cells = [f"{median(r['latency_us'][q] for r in rounds):.0f}" for q in ("p50", "p99", "p999", "max")]
        lines.append(f"| {name} | {sent:,} | {rates[name]:,.0f} | " + " | ".join(cells) + " |")
    rate = median(s["messages"] / s["seconds"] for s in sockets)
    lines += ["", f"- a call's p50 is {p50['call'] - p50['identity']:+.0f} µs from `core/identity`'s",
              f"- one WebSocket, 64 messages under way: {rate:,.0f} echoes/s, "
              f"{rate / rates['call']:.1f} × the calls; {sum(s['messages'] for s in sockets):,} in all, "
              f"{sum(s['wrong'] for s in sockets)} lost or wrong; "
              f"p50 {median(s['p50_us'] for s in sockets):.0f} µs, p99 {median(s['p99_us'] for s in sockets):.0f} µs", ""]
    return lines


def idle_table(folder):
    import http.client
    count = 10_000
    with Daemon(folder, ring__max_actors=count) as daemon:
        launch(daemon, "first", mode="event_driven", input_queue_capacity=64, output_queue_capacity=64)
        ask(daemon, "DELETE", "/api/v1/actors/first")
        before = daemon.status("VmRSS")
        connection = http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=30)
        body = json.dumps({"kernel_id": "core/echo",
                           "options": {"mode": "event_driven", "input_queue_capacity": 64,
                                       "output_queue_capacity": 64}})
        began = time.perf_counter()
        for _ in range(count):
            connection.request("POST", "/api/v1/actors", body, {"Content-Type": "application/json"})
            connection.getresponse().read()
        launched = time.perf_counter() - began
        after = daemon.status("VmRSS")
        ring = json.loads(ask(daemon, "GET", "/api/v1/runtime"))["ring"]
        cpu = daemon.cpu_seconds()
        time.sleep(10)
        idle = (daemon.cpu_seconds() - cpu) / 10
    return ["## 10,000 idle event-driven actors with queues of 64", "",
            f"- launched over HTTP, one request after the other, in {launched:.2f} s",
            f"- {(after - before) * 1024 / count:,.0f} bytes of resident memory each, of which queues and state "
            f"as they count themselves {ring['host_memory_used'] / count:,.0f}",
            f"- idle: {idle * 100:.2f} % of a core", ""]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--write", type=Path)
    parser.add_argument("--only", choices=["rings", "actors", "http", "idle"])
    arguments = parser.parse_args()
    facts = machine()
    lines = ["# Rings and actors", "", "Made by `scripts/bench ring`.", "",
             *(f"- {name}: {fact}" for name, fact in facts.items()), ""]
    with tempfile.TemporaryDirectory() as folder:
        parts = {"rings": ring_table, "actors": actor_table, "http": lambda: http_table(folder),
                 "idle": lambda: idle_table(folder)}
        for name, part in parts.items():
            if arguments.only in (None, name):
                lines += part()
    page = "\n".join(lines).rstrip() + "\n"
    print(page, end="")
    if arguments.write:
        arguments.write.write_text(page)


if __name__ == "__main__":
    main()
