"""The benchmark's table."""

import os
import re
import subprocess
import tempfile
from importlib.metadata import version
from pathlib import Path

from machine import output_of
from servers import DAEMON, NGINX, ROOT

NAMES = {"kernd": "kernd", "nginx": "nginx `return 200`", "fastapi": "FastAPI + NumPy"}


def peers():
    """What kernd is compared with, and in which versions."""
    return {
        "compared with": f"{output_of(NGINX, '-v').split(': ')[-1]}, FastAPI {version('fastapi')}, "
                         f"uvicorn {version('uvicorn')} (uvloop, httptools), NumPy {version('numpy')}",
    }


def stripped_megabytes(binary):
    with tempfile.NamedTemporaryFile() as stripped:
        subprocess.run(["strip", "-o", stripped.name, binary], check=True)
        return os.stat(stripped.name).st_size / 1e6


def number(value, unit):
    if value is None:
        return ""
    digits = 0 if value >= 1000 else 1 if value >= 10 else 2
    return f"{value:,.{digits}f}".replace(",", " ") + f" {unit}"


def ratio(ours, theirs, more_is_better):
    """How many times better we are."""
    if ours is None or theirs is None:
        return ""
    return f"{ours / theirs if more_is_better else theirs / ours:.2f}"


def line(title, unit, figures, reach):
    kernd, nginx, fastapi = (figures.get(name) for name in NAMES)
    more = unit == "req/s"
    cells = [title, *(number(figure, unit) for figure in (kernd, nginx, fastapi)),
             ratio(kernd, nginx, more), ratio(kernd, fastapi, more), reach]
    return "| " + " | ".join(cells) + " |"


def codec_lines(codec, identity_ms):
    """The codec beside the loops that nothing can beat without changing the work."""
    decode, encode = codec["bare/decode"], codec["bare/encode"]
    rows = [("decode", codec["codec/decode"], decode), ("encode", codec["codec/encode"], encode),
            ("both", codec["codec/decode"] + codec["codec/encode"], decode + encode),
            ("whole request, 1 connection", identity_ms, decode + encode)]
    return ["", "262 144 f32 on one core, in this process, beside bare loops over the same text "
            "(simdjson on demand; `std::to_chars`):", "",
            "| what | kernd | bare loop | kernd ÷ bare |", "|---|---:|---:|---:|"] + [
        f"| {what} | {number(ours, 'ms')} | {number(bare, 'ms')} | {ours / bare:.2f} |"
        for what, ours, bare in rows]


def table(rows, figures, starts, memory, codec, facts, arguments):
    lines = [
        "# HTTP benchmark", "",
        "Made by `scripts/bench http`; what it compares and what to beware of: "
        "[README.md](README.md).", "",
        *(f"- {name}: {value}" for name, value in facts.items()),
        "- load average after: " + " ".join(f"{value:.2f}" for value in os.getloadavg()),
        f"- {arguments.rounds} rounds of {arguments.seconds} s each, medians; server on one core, "
        "client on the other, except where it says all cores", "",
        "| | " + " | ".join(NAMES.values()) + " | times nginx | times FastAPI | to reach |",
        "|---|---:|---:|---:|---:|---:|---|"]
    for row in rows:
        found = {name: figures.get((row.title, name)) for name in row.servers}
        lines.append(line(row.title, row.unit, found, row.reach))
    lines.append(line("start to first 200 on `/health/live`", "ms", starts, "≤ 100 ms"))
    lines.append(line("resident memory, idle", "MB", memory, "≤ 20 MB"))
    if "kernd" in starts:
        lines.append(line("stripped binary", "MB", {"kernd": stripped_megabytes(DAEMON)}, "≤ 15 MB"))
    if codec:
        big = next(r for r in rows if r.elements == 262144 and not r.all_cores)
        lines += codec_lines(codec, figures[big.title, "kernd"])
    return "\n".join(lines) + "\n"
