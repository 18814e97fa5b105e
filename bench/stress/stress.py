"""Overload, slow clients and clients that leave: one Markdown table. Run by scripts/bench stress.

Every row with requests compares what the clients saw with the metrics, count by count.
"""

import argparse
import resource
import sys
import tempfile
from pathlib import Path

import clients
import cost
import overload
from machine import machine


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=5, help="per load")
    parser.add_argument("--only", default="", help="scenarios whose function's name contains this")
    parser.add_argument("--write", type=Path, help="file for the table, beside stdout")
    arguments = parser.parse_args()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    lines = ["# Stress benchmark", "", "Made by `scripts/bench stress`. The daemon has the first core, its "
             "clients the others.", "", *(f"- {name}: {fact}" for name, fact in machine().items()),
             f"- {arguments.seconds} s per load", "",
             "| load | measured | clients and metrics |", "|---|---|---|"]
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        for scenario in cost.SCENARIOS + overload.SCENARIOS + clients.SCENARIOS:
            if arguments.only not in scenario.__name__:
                continue
            print(scenario.__name__, file=sys.stderr)
            for load, measured, wrong in scenario(folder, arguments.seconds):
                lines.append(f"| {load} | {measured} | {'; '.join(wrong) or 'equal'} |")
                print(lines[-1], file=sys.stderr)
                failed = failed or bool(wrong)
    page = "\n".join(lines) + "\n"
    print(page, end="")
    if arguments.write:
        arguments.write.write_text(page, encoding="utf-8")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
