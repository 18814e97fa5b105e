"""Follows docs/writing-a-kernel.md to the letter, in a copy of the tree.

usage: writing_a_kernel_test.py SOURCE WORK

A block fenced as "```LANGUAGE FILE" is the whole FILE; one fenced as "```diff FILE" changes it. The
copy in WORK/source is made anew each time and keeps time stamps, so that WORK/build rebuilds only
what the page changes. Then the tests of the page's kernels must run and pass.
"""

import pathlib
import re
import shutil
import subprocess
import sys

PAGE = "docs/writing-a-kernel.md"
FENCE = re.compile(r"^```(\w+) (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
KERNELS = ("scale_offset", "running_mean")
TARGET = "kernd_kernel_tests"


def apply_diff(file, lines):
    """Replaces the one place that holds the lines marked ' ' and '-' by those marked ' ' and '+'."""
    before = "".join(line[1:] for line in lines if line[0] in " -")
    after = "".join(line[1:] for line in lines if line[0] in " +")
    text = file.read_text()
    assert text.count(before) == 1, f"{file} has {text.count(before)} places like:\n{before}"
    file.write_text(text.replace(before, after))


def follow(page, tree):
    blocks = FENCE.findall(page)
    assert len(blocks) >= 6, "the page lost its blocks"
    for language, name, body in blocks:
        file = tree / name
        if language == "diff":
            apply_diff(file, body.splitlines(keepends=True))
        else:
            assert not file.exists(), f"{name} is part of the product; the page needs another example"
            file.write_text(body)
            print(f"wrote {name}")


def copy_tree(source, tree):
    shutil.rmtree(tree, ignore_errors=True)
    ignore = shutil.ignore_patterns("build", ".git", "__pycache__")
    shutil.copytree(source, tree, ignore=ignore)


def run(*command):
    print("$", " ".join(map(str, command)), flush=True)
    subprocess.run(list(map(str, command)), check=True)


def main(source, work):
    tree, build = work / "source", work / "build"
    copy_tree(source, tree)
    follow((source / PAGE).read_text(), tree)
    run("cmake", "-S", tree, "-B", build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Debug",
        "-DCMAKE_CXX_FLAGS_DEBUG=-O0 -g0", "-DKERND_WERROR=ON", "-DKERND_CUDA=OFF")
    run("cmake", "--build", build, "--target", TARGET)
    program = build / TARGET
    patterns = ["*ScaleOffset*", "*RunningMean*", *("*" + kernel for kernel in KERNELS)]
    named = ["--gtest_filter=" + ":".join(patterns)]
    listed = subprocess.run([program, "--gtest_list_tests", *named], check=True,
                            capture_output=True, text=True).stdout
    for kernel in KERNELS:
        assert f"RunsItsExample/core_{kernel}" in listed, listed
    for case in ("RefusesOffsetsThatDoNotMatch", "EmitsANewMaximum"):
        assert case in listed, listed
    run(program, *named)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve())
