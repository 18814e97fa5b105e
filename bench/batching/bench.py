"""Small requests computed each alone and together: one Markdown table. Run by scripts/bench batching.

The daemons of all settings stand side by side on the first core and are loaded in turns from the
others; a cell is the median of its rounds. A request that does not succeed ends the run.
"""

import argparse
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from accounts import scrape, total
from daemon_under_test import Daemon
from kinds import identity, post
from machine import machine

SETTINGS = {
    "off": {"executor__max_batch_size": 1},
    "on": {"executor__max_batch_size": 64},
    "on, 200 µs": {"executor__max_batch_size": 64, "executor__max_queue_delay_us": 200},
}
CONNECTIONS = (1, 16, 64, 256)
SHARES = (0.5, 0.8)  # of what the daemon without batches reaches with OPEN_CONNECTIONS
OPEN_CONNECTIONS = 64


def axpy():
    numbers = [0.5 + i for i in range(16)]
    return post("core/axpy", "/api/v1/kernels/core/axpy/execute",
                f'{{"input":{{"alpha":2,"x":{numbers},"y":{numbers}}}}}')


def batches(daemon):
    """How many there were, and of how many jobs."""
    samples = scrape(daemon.url)
    return (total(samples, "kernd_kernel_batch_size_count"),
            total(samples, "kernd_kernel_batch_size_sum"))


def measure(daemon, kind, connections, seconds, rate):
    daemon.load([kind], connections, 0.1)
    count, jobs = batches(daemon)
    cpu = daemon.cpu_seconds()
    result = daemon.load([kind], connections, seconds, rate)
    cpu = daemon.cpu_seconds() - cpu
    told = result["kinds"][kind["name"]]
    if set(told["answers"]) != {"200"} or told["lost"]:
        raise RuntimeError(f"requests failed: {told}")
    more_count, more_jobs = batches(daemon)
    return {"rate": told["sent"] / result["seconds"], "p50": told["latency_us"]["p50"],
            "p99": told["latency_us"]["p99"], "cpu": cpu / told["sent"] * 1e6,
            "size": (more_jobs - jobs) / (more_count - count)}


def medians(rounds):
    return {name: median(each[name] for each in rounds) for name in rounds[0]}


def compare(daemons, kind, connections, arguments, rate=0):
    """By setting, the medians of rounds in turns."""
    rounds = {setting: [] for setting in daemons}
    for _ in range(arguments.rounds):
        for setting, daemon in daemons.items():
            rounds[setting].append(measure(daemon, kind, connections, arguments.seconds, rate))
    return {setting: medians(of) for setting, of in rounds.items()}


def rows(name, load, compared):
    for setting, cell in compared.items():
        yield (f"| {name} | {load} | {setting} | {cell['rate']:,.0f} | {cell['p50']:,.0f} | "
               f"{cell['p99']:,.0f} | {cell['cpu']:.2f} | {cell['size']:.1f} |")


def table(daemons, arguments):
    for kind in (axpy(), identity(name="core/identity")):
        for connections in CONNECTIONS:
            compared = compare(daemons, kind, connections, arguments)
            yield from rows(kind["name"], f"closed loop, {connections} connections", compared)
            if connections == OPEN_CONNECTIONS:
                most = compared["off"]["rate"]
        for share in SHARES:
            compared = compare(daemons, kind, OPEN_CONNECTIONS, arguments, most * share)
            yield from rows(kind["name"], f"open loop, {most * share:,.0f} req/s", compared)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2, help="per load")
    parser.add_argument("--write", type=Path, help="file for the table, beside stdout")
    arguments = parser.parse_args()
    lines = ["# Batching benchmark", "", "Made by `scripts/bench batching`. 16 f32 per array; the daemons "
             "have the first core, their client the others; what the table says is discussed in "
             "[README.md](README.md#batching).", "",
             *(f"- {name}: {fact}" for name, fact in machine().items()),
             f"- {arguments.rounds} rounds of {arguments.seconds} s, the settings in turns",
             "- off: `executor.max_batch_size=1`; on: 64; 200 µs: `executor.max_queue_delay_us=200`", "",
             "| kernel | load | batching | req/s | p50 µs | p99 µs | CPU-µs per request | jobs per batch |",
             "|---|---|---|---:|---:|---:|---:|---:|"]
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        daemons = {}
        for number, (setting, values) in enumerate(SETTINGS.items()):
            where = Path(folder) / str(number)
            where.mkdir()
            daemons[setting] = stack.enter_context(Daemon(where, **values))
        for line in table(daemons, arguments):
            lines.append(line)
            print(line, file=sys.stderr)
    page = "\n".join(lines) + "\n"
    print(page, end="")
    if arguments.write:
        arguments.write.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
