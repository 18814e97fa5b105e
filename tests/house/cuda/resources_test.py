"""None of our own device functions spills registers, on any architecture of this build: each .cu file is compiled
once more, with the assembler's report of what its kernels use. Those of libraries are theirs.

Usage: resources_test.py COMPILE_COMMANDS SOURCE_DIRECTORY OUTPUT_DIRECTORY
"""

import json
import re
import shlex
import subprocess
import sys
import unittest
from pathlib import Path

COMMANDS, SOURCE, OUTPUT = (Path(argument) for argument in sys.argv[1:4])

FUNCTION = re.compile(
    r"Function properties for (?P<name>\S+)\n"
    r"\s*(?P<stack>\d+) bytes stack frame, (?P<stores>\d+) bytes spill stores, (?P<loads>\d+) bytes spill loads")


def sources():
    entries = {Path(entry["file"]): entry for entry in json.loads(COMMANDS.read_text())}
    return {path.relative_to(SOURCE): entry for path, entry in sorted(entries.items())
            if path.suffix == ".cu" and path.is_relative_to(SOURCE)
            and path.relative_to(SOURCE).parts[0] in ("kernels", "src") and "__global__" in path.read_text()}


def report(path, entry):
    words = shlex.split(entry["command"])
    words[words.index("-o") + 1] = str(OUTPUT / (path.as_posix().replace("/", "-") + ".o"))
    made = subprocess.run(words + ["-Xptxas=-v"], cwd=entry["directory"], capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    return made.stderr


class ResourcesTest(unittest.TestCase):
    def test_no_kernel_of_ours_spills(self):
        OUTPUT.mkdir(parents=True, exist_ok=True)
        checked = {}
        for path, entry in sources().items():
            for found in FUNCTION.finditer(report(path, entry)):
                if found["name"].startswith("_ZN5kernd"):
                    checked.setdefault(path, []).append(found)

        self.assertIn(Path("kernels/core/reduce.cu"), checked)
        self.assertIn(Path("kernels/finance/black_scholes.cu"), checked)
        spilling = [f"{path}: {found.group(0)}" for path, all_found in checked.items() for found in all_found
                    if int(found["stores"]) + int(found["loads"]) > 0]
        self.assertEqual(spilling, [])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
