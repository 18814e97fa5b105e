"""What is on the machine that the bundle was carried to."""

import json
import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PATIENCE_S = 60


class Machine:
    """Where CUDA is, and how the bundle's programs are started."""

    def __init__(self, cuda):
        self.cuda = cuda

    def environment(self):
        folders = [self.cuda / "lib64", *self.cuda.glob("targets/x86_64-linux/lib")]
        # Python's packages of CUDA have the libraries, too, where the toolkit has only the compiler.
        folders += [lib for place in sys.path for lib in sorted(Path(place).glob("nvidia/*/lib"))]
        before = os.environ.get("LD_LIBRARY_PATH")
        path = [str(folder) for folder in folders] + ([before] if before else [])
        return {**os.environ, "LD_LIBRARY_PATH": ":".join(path)}

    def tool(self, name):
        """None where there is no such program."""
        places = [os.environ.get("PATH", os.defpath), self.cuda / "bin", self.cuda / "compute-sanitizer"]
        return shutil.which(name, path=os.pathsep.join(map(str, places)))

    def output_of(self, *words):
        """Standard output; empty when it cannot be run. Its exit code is not looked at."""
        try:
            done = subprocess.run(list(map(str, words)), env=self.environment(), capture_output=True,
                                  stdin=subprocess.DEVNULL, text=True, timeout=PATIENCE_S, check=False)
        except (OSError, subprocess.TimeoutExpired):
            return ""
        return done.stdout

    def doctor(self):
        """What `kernd doctor` finds, and of that its check of the devices; None where it says nothing."""
        text = self.output_of(HERE / "kernd", "doctor", "--json", "--port", "0")
        try:
            found = json.loads(text)
            return found, next(check for check in found["checks"] if check["name"] == "devices")
        except (ValueError, KeyError, StopIteration):
            return None, None

    def device(self):
        """Name, driver and the like of the first device, as nvidia-smi has them; empty without one."""
        fields = ("name", "driver_version", "memory.total", "clocks.max.sm", "clocks.max.mem",
                  "power.limit", "pcie.link.gen.max", "pcie.link.width.max", "mig.mode.current")
        smi = self.tool("nvidia-smi")
        if smi is None:
            return {}
        lines = self.output_of(smi, f"--query-gpu={','.join(fields)}", "--format=csv,noheader").splitlines()
        values = lines[0].split(", ") if lines else []
        return dict(zip(fields, values)) if len(values) == len(fields) else {}

    def facts(self):
        """For the head of the page."""
        cpu = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
        build = json.loads((HERE / "build.json").read_text(encoding="utf-8"))
        nvcc = self.tool("nvcc")
        release = re.search(r"release [\d.]+", self.output_of(nvcc, "--version")) if nvcc else None
        return {
            "kernd": f"{build['version']}, {build['build_type']}, {build['nvcc']}",
            "compiled for": ", ".join(build["architectures"]),
            "machine": f"{cpu[1] if cpu else platform.machine()}, "
                       f"{len(os.sched_getaffinity(0))} cores, Linux {platform.release()}",
            "load average before": " ".join(f"{value:.2f}" for value in os.getloadavg()),
            "CUDA there": release[0] if release else "no nvcc",
            **{f"device: {name}": value for name, value in self.device().items()},
        }
