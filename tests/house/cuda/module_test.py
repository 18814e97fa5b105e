"""kernd needs no CUDA library, and its CUDA module nothing of a driver or of kernd: it exports one
symbol and needs none that a program would have to give it.

Usage: module_test.py KERND MODULE
"""

import re
import subprocess
import sys
import unittest

KERND, MODULE = sys.argv[1:3]


def needed(file):
    listed = subprocess.run(["readelf", "--dynamic", "--wide", file], check=True, capture_output=True, text=True)
    return re.findall(r"\(NEEDED\).*\[(.+)\]", listed.stdout)


def symbols(which):
    listed = subprocess.run(["nm", "--dynamic", which, MODULE], check=True, capture_output=True, text=True)
    return [line.split()[-1].split("@")[0] for line in listed.stdout.splitlines()]


class ModuleTest(unittest.TestCase):
    def test_kernd_needs_no_cuda_library(self):
        libraries = needed(KERND)

        self.assertIn("libc.so.6", libraries)
        self.assertEqual([name for name in libraries if re.match("lib(cu|nv)", name)], [])

    def test_the_module_needs_no_driver(self):
        self.assertEqual([name for name in needed(MODULE) if "cuda" in name or "cudart" in name], [])

    def test_the_module_exports_one_symbol(self):
        self.assertEqual(symbols("--defined-only"), ["kernd_cuda_module"])

    def test_the_module_needs_nothing_of_kernd(self):
        undefined = symbols("--undefined-only")

        self.assertIn("malloc", undefined)
        self.assertEqual([name for name in undefined if "5kernd" in name], [])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
