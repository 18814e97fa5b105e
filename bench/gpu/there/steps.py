"""What is done with a device: each step says how it went, and leaves its output in files."""

import json
import os
import re
import secrets
import signal
import subprocess
import time
from dataclasses import dataclass, field

from machine import HERE

# Small inputs, every twin and all edges; not what makes CUDA refuse something on purpose.
SANITIZED = ("*TwinsTest.SaysWhatItTook/*:*TwinsTest.GivesABatchTheBitsOfSeparateRuns/*:EdgesTest.*")
# Breaks the device for its process, and maybe the process.
FAULT = "FaultTest.*"
FAULT_S = 40
# For racecheck, whose findings within cuBLAS and cuFFT nobody here can act on: kernels whose name
# contains our namespace, mangled or not.
OURS = ("--kernel-name", "kns=kernd")
FOUND_SOMETHING = 99  # exit code of compute-sanitizer when it has something to report


@dataclass
class Outcome:
    """`state` is `passed`, `failed`, `missing` (the machine lacks something), or `not run`."""

    state: str
    what: str
    rows: list = field(default_factory=list)  # for the tables of the page
    seconds: float = 0


class Steps:
    """`logs` is the folder for the files; `deadline` ends them all."""

    def __init__(self, machine, logs, deadline):
        self.machine = machine
        self.logs = logs
        self.deadline = deadline
        self.device = None  # its name, once `doctor` has found one that can be used

    def left(self):
        return max(0.0, self.deadline - time.monotonic())

    def run(self, name, most_seconds, *words, **variables):
        """Exit code (None: its time was up) and output, which also goes to NAME.log."""
        limit = min(most_seconds, self.left())
        log = self.logs / f"{name}.log"
        with open(log, "w", encoding="utf-8") as file:
            process = subprocess.Popen(list(map(str, words)), env=self.machine.environment() | variables,
                                       cwd=self.logs, stdin=subprocess.DEVNULL, stdout=file,
                                       stderr=subprocess.STDOUT, start_new_session=True)
            try:
                code = process.wait(limit)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)  # with the program that a tool has started
                process.wait()
                code = None
        return code, log.read_text(encoding="utf-8", errors="replace")

    def doctor(self):
        found, devices = self.machine.doctor()
        if devices is None:
            return Outcome("failed", "`kernd doctor --json` says nothing of devices")
        (self.logs / "doctor.json").write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
        if smi := self.machine.tool("nvidia-smi"):
            self.run("nvidia-smi", 30, smi, "-q")
        usable = devices["values"]["cuda_state"] == "module_loaded"
        if usable:
            self.device = devices["values"]["cuda_devices"][0]
        return Outcome("passed" if usable else "failed", devices["found"])

    def tests(self):
        report = self.logs / "tests.json"
        seed = str(secrets.randbits(32))  # inputs that no run before has had
        code, _ = self.run("tests", 120, HERE / "kernd_gpu_tests", f"--gtest_filter=-{FAULT}",
                           f"--gtest_output=json:{report}", KERND_SAMPLE_SEED=seed)
        outcome = tests_outcome(code, report)
        if code is not None:
            outcome.what += f"; KERND_SAMPLE_SEED={seed}"
        return outcome

    def fault(self):
        """What a real fault does to the device, as the daemon says."""
        report = self.logs / "fault.json"
        code, _ = self.run("fault", FAULT_S, HERE / "kernd_gpu_tests", f"--gtest_filter={FAULT}",
                           f"--gtest_output=json:{report}")
        outcome = tests_outcome(code, report)
        became = [case["became"] for case in cases_of(report) if "became" in case]
        if became:
            outcome.what += f"; the device became {', '.join(became)}"
        return outcome

    def sanitizer(self, tool):
        program = self.machine.tool("compute-sanitizer")
        if program is None:
            return Outcome("missing", "no compute-sanitizer in the PATH or with CUDA")
        report = self.logs / f"{tool}.json"
        limit = min(180, max(0, self.left() - FAULT_S))  # the last step is to have its time, too
        which = OURS if tool == "racecheck" else ()
        code, text = self.run(tool, limit, program, "--tool", tool, *which,
                              "--error-exitcode", FOUND_SOMETHING, HERE / "kernd_gpu_tests",
                              f"--gtest_filter={SANITIZED}", f"--gtest_output=json:{report}")
        ran = tests_outcome(code, report)
        summary = re.search(r"(ERROR|RACECHECK) SUMMARY: .*", text)
        if code == FOUND_SOMETHING or summary is None:
            return Outcome("failed", summary[0] if summary else f"no summary; {ran.what}")
        return Outcome(ran.state, f"{summary[0]}; {ran.what}")

    def bench(self):
        code, text = self.run("bench", 240, HERE / "kernd_gpu_bench")
        rows, errors = [], []
        for line in text.splitlines():
            (rows if line.startswith("{") else errors).append(line)
        rows = [json.loads(line) for line in rows if line.endswith("}")]
        missed = [row["what"] for row in rows if row.get("reached") is False]
        what = f"{len(rows)} figures, {len(missed)} targets missed"
        if code is None:
            what += "; its time was up"
        elif code != 0:
            what += f"; exit code {code}: {errors[-1] if errors else 'it said nothing'}"
        return Outcome("passed" if code == 0 and rows else "failed", what, rows)


def cases_of(report):
    """Those that ran, of a GoogleTest program's report; none where there is no whole report."""
    try:
        suites = json.loads(report.read_text(encoding="utf-8"))["testsuites"]
    except (OSError, ValueError):
        return []
    return [case for suite in suites for case in suite["testsuite"] if case["status"] == "RUN"]


def tests_outcome(code, report):
    """Of a GoogleTest program, by the report that it writes when it ends. A test that skips has not
    passed here: there is a device. But those of kernels that take one input at a time do skip."""
    if code is None:
        return Outcome("failed", "its time was up")
    cases = cases_of(report)
    if not cases:
        return Outcome("failed", f"exit code {code}, and no test in its report")
    failed = [case for case in cases if case.get("failures")]
    skipped = [case for case in cases if case.get("result") == "SKIPPED"]
    passed = len(cases) - len(failed) - len(skipped)
    what = f"{passed} passed, {len(failed)} failed, {len(skipped)} skipped"
    if failed:
        what += ": " + ", ".join(f"{case['classname']}.{case['name']}" for case in failed[:5])
    good = code == 0 and passed > 0 and not failed
    return Outcome("passed" if good else "failed", what)
