"""The bundle of scripts/gpu-check, made of this build: complete, and honest where there is no device.

Usage: bundle_test.py ROOT BUILD_FOLDER FAKE_DRIVER_FOLDER
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import unittest
from pathlib import Path

ROOT, BUILD, FAKE_DRIVER = (Path(argument).resolve() for argument in sys.argv[1:4])
PATIENCE_S = 100
LIMIT_BYTES = 56 << 20
MOST_FILES = 8  # that come back from such a machine
HIDDEN = {"CUDA_VISIBLE_DEVICES": ""}  # a machine that has a device is as good as one without


def run(*words, environment=None, **options):
    return subprocess.run(list(map(str, words)), env=environment or {}, capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=PATIENCE_S, check=False, **options)


FOLDER = Path(tempfile.mkdtemp(prefix="kernd-bundle."))
BUNDLE = FOLDER / "carried elsewhere"


def setUpModule():
    unittest.addModuleCleanup(shutil.rmtree, FOLDER)  # also when the bundle cannot be made
    made = FOLDER / "made"
    done = run(ROOT / "scripts/gpu-check", "--of", BUILD, "--into", made, environment=dict(os.environ))
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    made.rename(BUNDLE)


class BundleTest(unittest.TestCase):
    def starts(self, program, *flags):
        """With nothing of this environment and in another folder: its exit code and what it said."""
        done = run(BUNDLE / program, *flags, environment=HIDDEN, cwd="/")
        return done.returncode, done.stdout + done.stderr

    def log(self, out, name):
        with tarfile.open(out / "logs.tar.gz") as tar:
            return tar.extractfile(name).read().decode()

    def test_is_small_enough_to_be_carried(self):
        size = sum(file.stat().st_size for file in BUNDLE.iterdir())

        self.assertLess(size, LIMIT_BYTES)

    def test_has_no_library_of_cuda_or_glibc(self):
        names = " ".join(file.name for file in BUNDLE.iterdir())

        self.assertNotRegex(names, r"libcu|libc\.so|libm\.so|ld-linux")

    def test_its_programs_find_their_libraries_where_they_lie(self):
        for program in ("kernd", "kernd_gpu_tests", "kernd_gpu_bench", "kernd_load"):
            found = run("/usr/bin/ldd", BUNDLE / program).stdout
            self.assertRegex(found, rf"libstdc\+\+\.so\.6 => {re.escape(str(BUNDLE))}/", program)

    def test_its_programs_start(self):
        for code, told, program, *flags in ((0, "kernd ", "kernd", "--version"),
                                            (0, "TwinsTest", "kernd_gpu_tests", "--gtest_list_tests"),
                                            (0, "reduce", "kernd_gpu_bench", "--list"),
                                            (2, "kernd_load PORT", "kernd_load")):
            with self.subTest(program):
                found, said = self.starts(program, *flags)
                self.assertEqual(found, code, said)
                self.assertIn(told, said)

    def test_its_module_can_be_loaded(self):
        load = f"import ctypes; ctypes.CDLL({str(BUNDLE / 'libkernd_cuda.so')!r}).kernd_cuda_module"

        done = run(sys.executable, "-c", load, cwd="/")

        self.assertEqual(done.returncode, 0, done.stderr)

    def test_the_benchmark_says_that_there_is_no_device(self):
        code, said = self.starts("kernd_gpu_bench", "--small")

        self.assertEqual(code, 2, said)
        self.assertIn("no device", said)

    def test_the_benchmark_refuses_flags_that_it_does_not_know(self):
        for flags in (["--smal"], ["--rounds", "0"], ["--rounds"], ["--only", "gem"]):
            self.assertEqual(self.starts("kernd_gpu_bench", *flags)[0], 1, flags)

    def test_without_device_the_page_says_so_and_the_run_fails(self):
        out = FOLDER / "out"

        done = run(sys.executable, BUNDLE / "run", out, environment={**HIDDEN, "PATH": os.defpath}, cwd="/")

        self.assertEqual(done.returncode, 1, done.stderr)
        page = (out / "no-device.md").read_text(encoding="utf-8")
        self.assertIn("# kernd: no device", page)
        self.assertRegex(page, r"\| doctor \| failed \|")
        for step in ("tests", "oracle", "memcheck", "racecheck", "bench", "http", "fault"):
            self.assertRegex(page, rf"\| {step} \| not run \| 0 \| no device \|")
        self.assertEqual({file.name for file in out.iterdir()}, {"no-device.md", "logs.tar.gz"})
        doctor = json.loads(self.log(out, "doctor.json"))
        self.assertIn("devices", [check["name"] for check in doctor["checks"]])

    def test_what_fails_on_a_device_stands_on_its_page(self):
        """The fake driver names a device and can do nothing with it."""
        out = FOLDER / "fake"

        done = run(sys.executable, BUNDLE / "run", out, "--only", "tests,bench",
                   environment={"PATH": os.defpath, "LD_LIBRARY_PATH": str(FAKE_DRIVER)}, cwd="/")

        self.assertEqual(done.returncode, 1, done.stderr)
        page = (out / "fake-gpu.md").read_text(encoding="utf-8")
        self.assertIn("# kernd on Fake GPU", page)
        self.assertRegex(page, r"\| doctor \| passed \|")
        self.assertRegex(page, r"\| tests \| failed \| \d+ \| 0 passed, [1-9]\d* failed")
        self.assertRegex(page, r"\| bench \| failed \| \d+ \| 0 figures.*exit code 2")
        self.assertRegex(page, r"\| http \| not run \| 0 \| not asked for \|")
        self.assertTrue(self.log(out, "tests.log"))
        self.assertLessEqual(len(list(out.iterdir())), MOST_FILES)


class OracleTest(unittest.TestCase):
    """The oracles beside the CPU, in a Python that has what they need."""

    SCRIPT = """
import json, pathlib, sys, time
sys.path.insert(0, sys.argv[1])
import http_load, machine, oracle, steps
exec(sys.argv[4])
steps = steps.Steps(machine.Machine(pathlib.Path("/nowhere")), pathlib.Path(sys.argv[2]), time.monotonic() + 100)
outcome = oracle.check(steps, (sys.argv[3],))
print(json.dumps([outcome.state, outcome.what, outcome.rows]))
"""
    KERNELS = 11

    @classmethod
    def setUpClass(cls):
        cls.logs = FOLDER / "oracle"
        cls.logs.mkdir()

    def python(self):
        places = (Path(sys.executable), *(ROOT / "build" / name / "bin/python" for name in ("python", "oracles")))
        for place in places:
            if place.exists() and run(place, "-c", "import numpy, scipy, networkx").returncode == 0:
                return place
        return self.skipTest("no Python here has NumPy, SciPy and NetworkX")

    def check(self, python, backend="CPU", change="", **variables):
        """State, text and rows; `change` is a statement that comes before."""
        done = run(python, "-B", "-c", self.SCRIPT, BUNDLE, self.logs, backend, change,
                   environment={**HIDDEN, **variables})
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def test_the_cpu_answers_as_the_oracles(self):
        state, what, rows = self.check(self.python())

        self.assertEqual(state, "passed", what)
        self.assertEqual(len(rows), self.KERNELS)
        for row in rows:
            self.assertLessEqual(row["CPU"], 1, row)

    def test_the_seed_is_told_and_repeats_the_inputs(self):
        first = self.check(self.python(), KERND_SAMPLE_SEED="7")

        self.assertIn("KERND_SAMPLE_SEED=7", first[1])
        self.assertEqual(self.check(self.python(), KERND_SAMPLE_SEED="7"), first)

    def test_a_wrong_answer_is_a_failure_that_is_named(self):
        change = ("right = oracle.fft; oracle.ORACLES = (('signal/fft', lambda rng: ((what, given | "
                  "{'real': [2 * x for x in given['real']]}, off) for what, given, off in right(rng)), '', ()),)")

        state, what, rows = self.check(self.python(), change=change)

        self.assertEqual(state, "failed")
        self.assertRegex(what, r"CPU: signal/fft \(3 × length 1, forward\): \S+ × its tolerance off")
        self.assertGreater(rows[0]["CPU"], 1)

    def test_an_answer_of_another_backend_is_a_failure(self):
        state, what, _ = self.check(self.python(), "CUDA")

        self.assertEqual(state, "failed")
        self.assertIn("core/axpy (1 f32): ValueError: ran on CPU", what)

    def test_without_what_an_oracle_needs_its_kernel_is_left_out(self):
        state, what, rows = self.check(self.python(), change="oracle.find_spec = lambda m: m == 'numpy' or None")

        self.assertEqual(state, "missing", what)
        self.assertIn("there is no networkx, no scipy", what)
        self.assertEqual(len(rows), self.KERNELS - len(("signal/fft", "finance/black-scholes", "graph/pagerank")))

    def test_without_numpy_there_is_no_oracle(self):
        state, what, rows = self.check(sys.executable, change="oracle.find_spec = lambda m: None")

        self.assertEqual((state, rows), ("missing", []))
        self.assertRegex(what, "^there is no networkx, no numpy, no scipy; KERND_SAMPLE_SEED=")


class RunnerTest(unittest.TestCase):
    """The steps with what this machine has: all but the device."""

    @classmethod
    def setUpClass(cls):
        sys.path.insert(0, str(BUNDLE))
        import http_load
        import page
        import steps
        from machine import Machine
        cls.http_load, cls.page, cls.steps = http_load, page, steps
        cls.out = FOLDER / "steps"
        cls.out.mkdir()
        os.environ.update(HIDDEN)
        cls.machine = Machine(Path("/usr/local/cuda"))

    def begin(self, seconds):
        return self.steps.Steps(self.machine, self.out, time.monotonic() + seconds)

    def small(self):
        """The first input: unoptimised builds take seconds for the others."""
        return list(self.http_load.inputs())[:1]

    def test_every_load_can_be_run(self):
        steps = self.begin(PATIENCE_S)
        for kernel, size, value in self.http_load.inputs():
            with self.subTest(kernel + " " + size):
                body = self.out / "body.json"
                body.write_text(json.dumps(value), encoding="utf-8")
                done = run(BUNDLE / "kernd", "run", kernel, "--input", body)
                self.assertEqual(done.returncode, 0, done.stderr)

    def test_tests_that_all_skip_have_failed(self):
        outcome = self.begin(PATIENCE_S).tests()

        self.assertEqual(outcome.state, "failed")
        self.assertRegex(outcome.what, r"^0 passed, 0 failed, [1-9]\d* skipped; KERND_SAMPLE_SEED=\d+$")

    def test_a_benchmark_that_found_nothing_has_failed(self):
        outcome = self.begin(PATIENCE_S).bench()

        self.assertEqual((outcome.state, outcome.rows), ("failed", []))
        self.assertIn("no device", outcome.what)

    def test_a_step_whose_time_is_up_has_failed(self):
        outcome = self.begin(0).tests()

        self.assertEqual((outcome.state, outcome.what), ("failed", "its time was up"))

    def test_a_tool_that_is_not_there_is_missing(self):
        steps = self.steps.Steps(type(self.machine)(FOLDER), self.out, time.monotonic() + PATIENCE_S)
        os.environ["PATH"], before = str(FOLDER), os.environ["PATH"]
        self.addCleanup(os.environ.__setitem__, "PATH", before)

        self.assertEqual(steps.sanitizer("memcheck").state, "missing")

    def test_what_became_of_a_faulted_device_is_told(self):
        steps = self.begin(PATIENCE_S)
        case = {"status": "RUN", "result": "COMPLETED", "classname": "FaultTest", "name": "A", "became": "failed"}
        report = {"testsuites": [{"testsuite": [case]}]}

        def run(name, *_):
            (self.out / f"{name}.json").write_text(json.dumps(report), encoding="utf-8")
            return 0, ""
        steps.run = run

        outcome = steps.fault()

        self.assertEqual(outcome.state, "passed")
        self.assertEqual(outcome.what, "1 passed, 0 failed, 0 skipped; the device became failed")

    def test_a_fault_that_ends_the_process_is_a_failure(self):
        steps = self.begin(PATIENCE_S)
        steps.run = lambda *_: (-6, "")
        (self.out / "fault.json").unlink(missing_ok=True)

        outcome = steps.fault()

        self.assertEqual((outcome.state, outcome.what), ("failed", "exit code -6, and no test in its report"))

    def test_a_fault_is_provoked_by_its_own_step_only(self):
        for step, own in (("tests", False), ("fault", True)):
            steps = self.begin(PATIENCE_S)
            getattr(steps, step)()
            names = {case["classname"] for case in self.steps.cases_of(self.out / f"{step}.json")}
            self.assertEqual("FaultTest" in names, own, step)
            self.assertEqual(names == {"FaultTest"}, own, step)

    def test_racecheck_looks_at_kernels_of_kernd_only(self):
        tools = FOLDER / "cuda/bin"
        tools.mkdir(parents=True)
        (tools / "compute-sanitizer").write_text("#!/bin/sh\necho \"$@\"\n", encoding="utf-8")
        (tools / "compute-sanitizer").chmod(0o755)
        steps = self.steps.Steps(type(self.machine)(tools.parent), self.out, time.monotonic() + PATIENCE_S)

        for tool, restricted in (("racecheck", True), ("memcheck", False)):
            steps.sanitizer(tool)
            flags = (self.out / f"{tool}.log").read_text(encoding="utf-8")
            self.assertIn(f"--tool {tool}", flags)
            self.assertEqual("--kernel-name kns=kernd " in flags, restricted, flags)

    def test_failed_tests_are_named(self):
        report = self.out / "report.json"
        case = {"status": "RUN", "result": "COMPLETED", "classname": "EdgesTest", "name": "AxpyTakesAnyBits"}
        suites = [{"testsuite": [case | {"name": "Other"}, case | {"failures": [{"failure": "3 is not 4"}]}]}]
        report.write_text(json.dumps({"testsuites": suites}), encoding="utf-8")

        outcome = self.steps.tests_outcome(1, report)

        self.assertEqual(outcome.state, "failed")
        self.assertEqual(outcome.what, "1 passed, 1 failed, 0 skipped: EdgesTest.AxpyTakesAnyBits")

    def test_loads_are_sent_to_the_backend_and_counted(self):
        outcome = self.http_load.measure(self.begin(PATIENCE_S), 0.05, self.small(), ("CPU",))

        self.assertEqual(outcome.state, "passed", outcome.what)
        self.assertEqual([row["connections"] for row in outcome.rows], list(self.http_load.CONNECTIONS))
        for row in outcome.rows:
            rate, p50, p99 = row["CPU"]
            self.assertGreater(rate, 0)
            self.assertLessEqual(p50, p99)
        self.assertIn("| core/axpy | 16 f32 | 64 |", "\n".join(self.page.loads(outcome.rows)))

    def test_jobs_that_run_on_the_wrong_backend_are_a_failure(self):
        outcome = self.http_load.measure(self.begin(PATIENCE_S), 0.05, self.small(), ("CUDA",))

        self.assertEqual(outcome.state, "failed")
        self.assertIn("core/axpy ran on CPU instead of CUDA", outcome.what)

    def test_a_load_that_outlasts_the_run_is_cut_and_those_before_it_stand(self):
        steps = self.begin(PATIENCE_S)
        one_s, loads = 1, []
        real = self.http_load.load

        def load(*arguments):
            if loads:
                steps.deadline = time.monotonic() + one_s
                arguments = (*arguments[:-1], PATIENCE_S)
            loads.append(arguments)
            return real(*arguments)
        self.addCleanup(setattr, self.http_load, "load", real)
        self.http_load.load = load
        start = time.monotonic()

        outcome = self.http_load.measure(steps, 0.05, self.small(), ("CPU", "CUDA"))

        self.assertLess(time.monotonic() - start, PATIENCE_S / 2)
        self.assertEqual(outcome.state, "failed")
        self.assertRegex(outcome.what, "CPU: .*timed out.*; CUDA: no time left")
        self.assertEqual([row["connections"] for row in outcome.rows], [1])

    def test_figures_stand_beside_the_bare_ones(self):
        rows = [{"what": "gemm", "unit": "ms", "ours": 21.5, "bare": 20, "target": "at most 1.05 × bare",
                 "reached": False},
                {"what": "tf32", "unit": "ms", "bare": 3}]

        lines = self.page.figures(rows)

        self.assertIn("| gemm | ms | 21.50 | 20.00 | 1.075 | at most 1.05 × bare | **no** |  |", lines)
        self.assertIn("| tf32 | ms |  | 3.000 |  |  |  |  |", lines)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
