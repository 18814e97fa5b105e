"""What the daemon and `kernd doctor` say of CUDA, with a driver that is a fake and with none.

Usage: devices_test.py KERND FAKE_DRIVER_DIRECTORY HAS_MODULE
"""

import json
import os
import subprocess
import sys
import tempfile
import unittest
import urllib.request

from daemon import PATIENCE_S, running

BINARY, FAKE_DRIVER, HAS_MODULE = sys.argv[1:4]
WITH_DEVICE = "module_loaded" if HAS_MODULE == "ON" else "module_absent"


def environment(**fakes):
    """Where the fake driver is found, told `fakes`."""
    clean = {k: v for k, v in os.environ.items() if k not in ("CUDA_VISIBLE_DEVICES", "LD_LIBRARY_PATH")}
    return {**clean, "LD_LIBRARY_PATH": FAKE_DRIVER, **fakes}


def doctor(env):
    ran = subprocess.run([BINARY, "doctor", "--json", "--port", "0"], env=env, capture_output=True,
                         text=True, timeout=PATIENCE_S)
    return next(c for c in json.loads(ran.stdout)["checks"] if c["name"] == "devices")


def devices_and_log(env):
    """What /devices answers, and the line about CUDA in the log."""
    with tempfile.TemporaryFile("w+") as log:
        flags = ("--set", "log.level=info", "--set", "log.format=json", "--set", "runtime.self_test=false")
        with running(BINARY, *flags, log=log, env=env) as (_, url):
            with urllib.request.urlopen(url + "/api/v1/devices", timeout=PATIENCE_S) as answer:
                document = json.load(answer)
        log.seek(0)
        lines = [json.loads(line) for line in log]
    (line,) = [entry for entry in lines if entry["msg"] == "cuda"]
    return document, line


class DevicesTest(unittest.TestCase):
    def check(self, env, state, level):
        """Log, /devices and doctor agree; returns the document."""
        document, line = devices_and_log(env)
        check = doctor(env)
        self.assertEqual(document["cuda"]["state"], state, document)
        self.assertEqual((line["state"], line["level"]), (state, level))
        self.assertEqual(line["found"], document["cuda"]["message"])
        self.assertEqual(line["advice"], document["cuda"]["advice"] or "")
        self.assertEqual(check["values"]["cuda_state"], state)
        self.assertEqual(check["level"], "ok" if level == "info" else "warning")
        self.assertEqual(check["advice"], document["cuda"]["advice"])
        return document

    def test_a_device_that_cannot_be_started_is_found_and_said_to_run_nothing(self):
        document = self.check(environment(), WITH_DEVICE, "info" if HAS_MODULE == "ON" else "warn")

        device = document["devices"][1]
        told = {name: device[name] for name in ("id", "kind", "name", "compute_capability",
                                                "memory_total_bytes", "runs_kernels")}
        self.assertEqual(told, {
            "id": "cuda:0", "kind": "cuda", "name": "Fake GPU", "compute_capability": "9.0",
            "memory_total_bytes": 80 << 30, "runs_kernels": False})
        self.assertEqual(device.get("state"), "failed" if HAS_MODULE == "ON" else None)
        self.assertEqual("core/axpy" in document["cuda"]["kernels"], HAS_MODULE == "ON")

    def test_a_device_is_named_by_its_number_where_one_before_it_is_lost(self):
        fakes = environment(KERND_FAKE_DRIVER_DEVICES="2", KERND_FAKE_DRIVER_LOST="0")

        document, _ = devices_and_log(fakes)

        self.assertEqual([device["id"] for device in document["devices"]], ["cpu", "cuda:1"])

    def test_the_banner_names_only_what_runs_kernels(self):
        with subprocess.Popen([BINARY, "serve", "--port", "0", "--set", "log.level=error"], env=environment(),
                              stdout=subprocess.PIPE, text=True) as process:
            banner = process.stdout.readline()
            process.terminate()

        self.assertRegex(banner, r"\(\d+ kernels on cpu\)$")

    def test_hidden_devices_are_told_what_hides_them(self):
        document = self.check(environment(CUDA_VISIBLE_DEVICES=""), "no_device", "warn")

        self.assertIn("CUDA_VISIBLE_DEVICES is ''", document["cuda"]["message"])
        self.assertEqual([device["id"] for device in document["devices"]], ["cpu"])

    def test_a_driver_that_fails_is_named(self):
        document = self.check(environment(KERND_FAKE_DRIVER_ERROR="803"), "driver_unusable", "warn")

        self.assertIn("error 803", document["cuda"]["message"])

    @unittest.skipUnless(HAS_MODULE == "ON", "this build has no CUDA module")
    def test_a_driver_that_is_too_old_is_named(self):
        document = self.check(environment(KERND_FAKE_DRIVER_VERSION="11080"), "driver_too_old", "warn")

        self.assertIn("supports 11.8", document["cuda"]["message"])

    def test_kernels_run_on_the_cpu_all_the_same(self):
        with running(BINARY, "--set", "log.level=error", env=environment()) as (_, url):
            with urllib.request.urlopen(url + "/api/v1/kernels/core/axpy", timeout=PATIENCE_S) as answer:
                self.assertEqual(json.load(answer)["backends"],
                                 ["cpu", "cuda"] if HAS_MODULE == "ON" else ["cpu"])
            request = urllib.request.Request(
                url + "/api/v1/kernels/core/axpy/execute", b'{"input":{"x":[1],"y":[2]}}',
                {"Content-Type": "application/json"})
            with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
                document = json.load(answer)
        self.assertEqual(document["output"], {"result": [3]})
        self.assertEqual(document["metadata"]["backend"], "CPU")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
