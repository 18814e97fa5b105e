"""What the machine is that a table comes from."""

import os
import platform
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def output_of(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    return (done.stdout + done.stderr).strip()


def machine():
    """Taken before the run: the load average is what the machine did without us."""
    cpu = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    commit = output_of("git", "rev-parse", "--short=12", "HEAD")
    if output_of("git", "status", "--porcelain", "--untracked-files=no"):
        commit += " with changes"
    return {
        "machine": f"{cpu[1] if cpu else platform.machine()}, "
                   f"{len(os.sched_getaffinity(0))} cores, Linux {platform.release()}",
        "load average before": " ".join(f"{value:.2f}" for value in os.getloadavg()),
        "commit": commit,
        "compiler": output_of("c++", "--version").splitlines()[0],
    }
