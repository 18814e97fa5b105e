"""Both images are the same to whoever runs them, but for CUDA.

Usage: dockerfiles_test.py ROOT
"""

import sys
import unittest
from pathlib import Path

ROOT = Path(sys.argv[1])
sys.path.insert(0, str(ROOT / "scripts"))

from dockerfile import Builder, Failure, parse  # noqa: E402  (where it lies is known only now)

# What says how a container of the image behaves.
OF_CONTAINER = ("USER", "ENV", "EXPOSE", "HEALTHCHECK", "ENTRYPOINT", "CMD")


def instructions(name):
    return list(parse((ROOT / "docker" / name).read_text(encoding="utf-8")))


def behaviour(steps):
    return [str(step) for step in steps if step.name in OF_CONTAINER]


class DockerfilesTest(unittest.TestCase):
    def test_the_image_with_cuda_behaves_as_the_other_one(self):
        plain, cuda = behaviour(instructions("Dockerfile")), behaviour(instructions("Dockerfile.cuda"))

        added = [step for step in cuda if step not in plain]
        self.assertEqual([step for step in cuda if step not in added], plain)
        self.assertEqual(added, ["ENV NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility"])

    def test_both_end_on_the_same_system(self):
        for name in ("Dockerfile", "Dockerfile.cuda"):
            bases = [step.text for step in instructions(name) if step.name == "FROM"]
            self.assertEqual(bases[-1], "debian:12-slim", name)

    def test_the_stage_of_the_toolkit_is_only_copied_from(self):
        builder = Builder(Path("/nowhere"), ROOT, {})
        toolkit, *others = instructions("Dockerfile.cuda")

        builder.perform(toolkit)

        for step in others:
            if step.name != "FROM":
                with self.assertRaisesRegex(Failure, "own system"):
                    builder.perform(step)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
