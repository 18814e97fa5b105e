"""Mixed good, bad, slow and leaving clients with reloads, for long. Run by scripts/soak.

Says what the daemon's memory, descriptors and threads did meanwhile, and whether its metrics still
tell what the clients saw.
"""

import argparse
import math
import signal
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import linear_regression, mean, median

from daemon_under_test import Daemon, finish
from kinds import bad, fast, fft, identity, live, slow
from machine import machine

MIX = [
    fast(weight=40),
    identity(16) | {"weight": 40},
    identity(4096, "identity 4 096") | {"weight": 4},
    fft() | {"weight": 10},
    live() | {"weight": 10},
    slow(10_000, weight=10),
    slow(200_000, "left", weight=2, hang_up_ms=10),
    fast("byte by byte", weight=1, byte_each_ms=5),
    *(kind | {"weight": 2} for kind in bad()),
]


@dataclass
class Sample:
    seconds: float
    rss_mb: float
    descriptors: int
    threads: int


def sampled(daemon, start):
    return Sample(time.monotonic() - start, daemon.status("VmRSS") / 1024, daemon.descriptors(),
                  daemon.status("Threads"))


def slope_per_hour(samples):
    """MB per hour, and what it may be off by (two standard errors of least squares)."""
    times = [s.seconds / 3600 for s in samples]
    sizes = [s.rss_mb for s in samples]
    line = linear_regression(times, sizes)
    rest = sum((y - line.intercept - line.slope * x) ** 2 for x, y in zip(times, sizes))
    spread = sum((x - mean(times)) ** 2 for x in times)
    return line.slope, 2 * math.sqrt(rest / (len(samples) - 2) / spread)


def soaked(folder, minutes, connections, rate):
    """The daemon under load, with a reload after every sample, each with another limit."""
    file = Path(folder) / "kernd.toml"
    file.write_text("[executor]\nkernel_queue_depth = 64\n")
    samples = []
    with Daemon(folder, all_cores=True, config=file, runtime__hot_reload="true") as daemon:
        start = time.monotonic()
        loading = daemon.start_load(MIX, connections, minutes * 60, rate)
        while loading.poll() is None and time.monotonic() - start < minutes * 60 + 120:
            samples.append(sampled(daemon, start))
            depth = 64 + len(samples) % 2
            file.write_text(f"[executor]\nkernel_queue_depth = {depth}\n")
            daemon.process.send_signal(signal.SIGHUP)
            time.sleep(min(5.0, minutes * 6))
        result = finish(loading)
        wrong = daemon.mismatches([(MIX, result)])
        cpu = daemon.cpu_seconds()
    return samples, result, wrong, cpu, daemon.process.returncode


def report(arguments, samples, result, wrong, cpu, code, facts):
    settled_part = samples[len(samples) // 3:]
    slope, error = slope_per_hour(settled_part)
    sent = sum(kind["sent"] for kind in result["kinds"].values())
    lost = sum(kind["lost"] for kind in result["kinds"].values())
    lines = [
        "# Soak", "", "Made by `scripts/soak`. Good, bad, slow and leaving clients at once; the "
        "configuration reloaded at every sample.", "",
        *(f"- {name}: {fact}" for name, fact in facts.items()),
        f"- {arguments.minutes} minutes, {arguments.connections} connections, {arguments.rate:,} req/s asked for",
        "", "| | |", "|---|---|",
        f"| requests | {sent:,}, {sent / result['seconds']:,.0f} req/s, {cpu / sent * 1e6:.0f} CPU-µs each |",
        f"| without an answer | {lost} |",
        f"| clients and metrics | {'; '.join(wrong) or 'equal'} |",
        f"| reloads | {len(samples)} |",
        f"| resident memory | first {samples[0].rss_mb:.1f} MB, median {median(s.rss_mb for s in samples):.1f}, "
        f"last {samples[-1].rss_mb:.1f}; slope after the first third {slope:+.2f} ± {error:.2f} MB/h |",
        f"| descriptors | {samples[1].descriptors} … {max(s.descriptors for s in samples)}, last "
        f"{samples[-1].descriptors} |",
        f"| threads | {min(s.threads for s in samples)} … {max(s.threads for s in samples)} |",
        f"| exit status on SIGTERM | {code} |", "",
        "| requests | sent | answers | hung up | p50 / p99 / max ms |", "|---|---:|---|---:|---|"]
    for name, kind in result["kinds"].items():
        answers = ", ".join(f"{count:,} × {answer}" for answer, count in sorted(kind["answers"].items()))
        times = kind["latency_us"]
        latency = " / ".join(f"{times[q] / 1000:.2f}" for q in ("p50", "p99", "max")) if times else ""
        lines.append(f"| {name} | {kind['sent']:,} | {answers} | {kind['hung_up']:,} | {latency} |")
    return "\n".join(lines) + "\n", bool(wrong or lost or code != 0)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("minutes", type=float)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--rate", type=float, default=2000)
    parser.add_argument("--write", type=Path, help="file for the report, beside stdout")
    arguments = parser.parse_args()
    facts = machine()
    with tempfile.TemporaryDirectory() as folder:
        page, failed = report(arguments, *soaked(folder, arguments.minutes, arguments.connections,
                                                 arguments.rate), facts)
    print(page, end="")
    if arguments.write:
        arguments.write.write_text(page, encoding="utf-8")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
