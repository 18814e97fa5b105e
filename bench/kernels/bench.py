"""Times every kernel's own code beside the machine's limits and beside a library, turn by turn.

Run by scripts/bench kernels, which builds what it needs.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np

from cases import all_cases
from machine import machine

ROOT = Path(__file__).resolve().parents[2]
BENCH = ROOT / "build/bench/kernd_kernel_bench"


def body_text(value):
    """JSON in which every f32 reads back to the same bits."""
    if isinstance(value, dict):
        members = (f"{json.dumps(name)}:{body_text(member)}" for name, member in value.items())
        return "{" + ",".join(members) + "}"
    if isinstance(value, np.ndarray):
        if value.ndim > 1:
            return "[" + ",".join(body_text(row) for row in value) + "]"
        return "[" + ",".join(map(str, value.tolist())) + "]"
    return json.dumps(value)


def seconds_of(work, seconds):
    times = []
    end = time.perf_counter() + seconds
    while len(times) < 3 or time.perf_counter() < end:
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return median(times)


def ask(*arguments, one_core=False):
    pinned = ["taskset", "-c", "0"] if one_core else []
    return json.loads(subprocess.run([*pinned, BENCH, *arguments], stdout=subprocess.PIPE,
                                     text=True, check=True).stdout)


def measure(case, rounds, seconds):
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        file.write(body_text({"input": case.body}))
        file.flush()
        ours, theirs = [], []
        for _ in range(rounds):
            ours.append(ask("run", case.kernel, file.name, str(seconds),
                            one_core=case.one_core)["seconds"])
            if callable(case.oracle):
                theirs.append(seconds_of(case.oracle, seconds))
            elif case.oracle:
                theirs.append(ask(*case.oracle, str(seconds), one_core=case.one_core)["seconds"])
    return median(ours), median(theirs) if theirs else None


def share(case, ours, limits):
    """The rate, and how much of what the cores of that row can do at most."""
    cores = os.cpu_count() if case.one_core else 1
    parts = []
    if case.items:
        parts.append(f"{case.items / ours / 1e6:.0f} M/s")
    if case.bytes_moved:
        rate = case.bytes_moved / ours
        least = "≥ " if case.is_least else ""
        share_of_stream = rate / limits["bytes_per_second"]
        parts.append(f"{least}{rate / 1e9:.1f} GB/s, {least}{share_of_stream:.0%} of stream")
    if case.flops:
        rate, unit = case.flops / ours, "f64" if case.is_f64 else "f32"
        parts.append(f"{rate / 1e9:.3g} Gflop/s, {rate / limits[unit + '_flops'] * cores:.0%} of {unit} peak")
    return "; ".join(parts)


def milliseconds(seconds):
    return "" if seconds is None else f"{seconds * 1e3:.3g} ms"


def times_faster(ours, theirs):
    return "" if theirs is None else f"{theirs / ours:.2f}"


def table(rows, limits, facts, arguments):
    lines = [
        "# Kernel benchmark", "",
        "Made by `scripts/bench kernels`. The kernel's own code on its decoded input, without JSON; the same",
        "input for the library beside it, in turns.", "",
        *(f"- {name}: {fact}" for name, fact in facts.items()),
        f"- limits in this run, all cores: stream triad {limits['bytes_per_second'] / 1e9:.1f} GB/s, "
        f"f32 {limits['f32_flops'] / 1e9:.0f} Gflop/s, f64 {limits['f64_flops'] / 1e9:.0f} Gflop/s",
        f"- {arguments.rounds} rounds of {arguments.seconds} s, medians, but the best for limits; kernd "
        "on all cores where nothing else is said",
        "- bytes are those that must move between memory and cores at least once; ≥ marks where an "
        "algorithm moves more. Flops are counted as 2 n³ for products, 5 n log₂ n for transforms, and the "
        "products of points and centroids for k-means", "",
        "| kernel | input | kernd | rate | beside | its time | times faster | to reach |",
        "|---|---|---:|---:|---|---:|---:|---|"]
    for case, ours, theirs in rows:
        lines.append(f"| `{case.kernel}` | {case.size} | {milliseconds(ours)} | "
                     f"{share(case, ours, limits)} | {case.oracle_name} | {milliseconds(theirs)} | "
                     f"{times_faster(ours, theirs)} | {case.reach} |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=1)
    parser.add_argument("--only", help="kernels whose id contains this")
    parser.add_argument("--write", type=Path, help="file for the table, beside stdout")
    arguments = parser.parse_args()
    facts = machine()
    limits = ask("limits", "1")
    rows = []
    for case in all_cases():
        if arguments.only and arguments.only not in case.kernel:
            continue
        print(f"{case.kernel} {case.size}", file=sys.stderr)
        rows.append((case, *measure(case, arguments.rounds, arguments.seconds)))
    page = table(rows, limits, facts, arguments)
    print(page, end="")
    if arguments.write:
        arguments.write.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
