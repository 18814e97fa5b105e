"""The committed corpus stays small and readable."""

import unittest
from pathlib import Path

CORPUS = Path(__file__).parent / "corpus"
MAX_FILE_BYTES = 4096
MAX_TARGET_BYTES = 32 * 1024


class CorpusTest(unittest.TestCase):
    def test_every_target_has_a_small_corpus(self):
        targets = {path.stem for path in CORPUS.parent.glob("*.cpp")
                   if "LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {"
                   in path.read_text(encoding="utf-8")}

        self.assertEqual({folder.name for folder in CORPUS.iterdir()}, targets)
        for folder in CORPUS.iterdir():
            total = sum(path.stat().st_size for path in folder.iterdir())
            self.assertTrue(0 < total <= MAX_TARGET_BYTES, f"{folder.name}: {total} bytes")

    def test_every_file_is_short_text(self):
        for path in CORPUS.glob("*/*"):
            with self.subTest(path=path.relative_to(CORPUS)):
                text = path.read_bytes().decode("utf-8")
                self.assertLessEqual(len(text), MAX_FILE_BYTES)
                self.assertTrue(text.endswith("\n"))
                odd = [c for c in text if not c.isprintable() and c != "\n"]
                self.assertEqual(odd, [], "write them as \\xHH")


if __name__ == "__main__":
    unittest.main()
