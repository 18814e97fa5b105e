"""docs/kernels.md says what the kernels say of themselves.

Usage: kernels_page_test.py KERND ROOT
"""

import subprocess
import sys
import unittest
from pathlib import Path

BINARY, ROOT = sys.argv[1], Path(sys.argv[2])


class KernelsPageTest(unittest.TestCase):
    def test_is_current(self):
        made = subprocess.run([ROOT / "scripts/kernels-page", BINARY], capture_output=True,
                              text=True, check=True).stdout

        self.assertEqual(made, (ROOT / "docs/kernels.md").read_text(encoding="utf-8"),
                         "run scripts/kernels-page >docs/kernels.md")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
