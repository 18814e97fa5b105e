"""Performs the instructions of a Dockerfile in folders, one per stage, made from a bare Debian.

Strict: an instruction, a flag or a form that is not used in docker/Dockerfile and Dockerfile.cuda is a
Failure. A stage of CUDA's toolkit is this machine's own system, from which files can only be copied.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

BARE_DEBIAN = Path(__file__).resolve().parent / "bare-debian"
BASES = {"debian:12", "debian:12-slim"}
TOOLKIT = re.compile(r"nvidia/cuda:[\d.]+-devel-\w+(\.\w+)?")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Failure(Exception):
    pass


def expect(holds, message):
    if not holds:
        raise Failure(message)


def run(words, **options):
    """What it printed, where `options` ask for that."""
    if "input" not in options:
        options["stdin"] = subprocess.DEVNULL
    done = subprocess.run(words, **options)
    expect(done.returncode == 0, f"exit code {done.returncode}")
    return done.stdout


@dataclass
class Stage:
    """A folder with a system in it, and what the instructions so far say of it."""

    folder: Path
    is_this_machine: bool = False
    environment: dict = field(default_factory=lambda: {"PATH": PATH})
    arguments: dict = field(default_factory=dict)
    workdir: str = "/"
    user: str = "0:0"
    port: int = 0
    healthcheck: list = field(default_factory=list)
    healthcheck_timeout: int = 30  # seconds
    entrypoint: list = field(default_factory=list)
    cmd: list = field(default_factory=list)

    def command(self, words, build=False):
        """What runs `words` in it, with nothing of this machine's environment."""
        variables = {"HOME": "/root" if self.user == "0:0" else "/"}
        variables |= (self.arguments if build else {}) | self.environment
        return [
            "env",
            "-i",
            *(f"{name}={value}" for name, value in variables.items()),
            "chroot",
            f"--userspec={self.user}",
            str(self.folder),
            "env",
            f"--chdir={self.workdir}",
            *words,
        ]

    def path(self, name):
        """Where the file that it calls `name` is for us; never outside its folder."""
        path = self.folder / os.path.join(self.workdir, name).lstrip("/")
        expect(path.resolve().is_relative_to(self.folder), f"{name} leads out of the system")
        return path


@dataclass
class Instruction:
    line: int
    name: str
    flags: dict
    text: str

    def words(self):
        expect("$" not in self.text, f"{self.name}: variables are expanded in RUN only")
        return shlex.split(self.text)

    def form(self):
        """The words of the form that no shell sees: a JSON list."""
        try:
            words = json.loads(self.text)
        except json.JSONDecodeError:
            words = None
        expect(
            isinstance(words, list) and words and all(isinstance(w, str) for w in words),
            f'{self.name} must be a list such as ["kernd", "serve"]',
        )
        return words

    def __str__(self):
        flags = "".join(f"--{name}={value} " for name, value in self.flags.items())
        return " ".join(f"{self.name} {flags}{self.text}".split())


def parse(text):
    """The instructions of a Dockerfile, with their continued lines joined."""
    joined, start = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        expect(not re.match(r"#\s*(syntax|escape|check)\s*=", line), "a parser directive")
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        start = start if joined else number
        if line.rstrip().endswith("\\"):
            joined += line.rstrip()[:-1] + " "
            continue
        name, _, rest = (joined + line).strip().partition(" ")
        flags = {}
        while match := re.match(r"\s*--([a-z-]+)=(\S+)\s+", rest):
            flags[match[1]] = match[2]
            rest = rest[match.end() :]
        yield Instruction(start, name, flags, rest.strip())
        joined = ""
    expect(not joined, "the last line is continued")


class Builder:
    """Performs instructions, each stage in a folder below `below`."""

    KNOWN_FLAGS = {
        "COPY": {"from"},
        "HEALTHCHECK": {"interval", "timeout", "start-period", "retries"},
    }

    def __init__(self, below, context, arguments):
        self.below = below
        self.context = context
        self.given = arguments
        self.stages = {}
        self.stage = None

    def perform(self, step):
        perform = getattr(self, f"perform_{step.name}", None)
        expect(perform, f"unknown instruction {step.name}")
        unknown = step.flags.keys() - self.KNOWN_FLAGS.get(step.name, set())
        expect(not unknown and not step.text.startswith("--"), f"unknown flag of {step.name}")
        expect(self.stage or step.name == "FROM", "an instruction before FROM")
        changes = step.name != "FROM"
        expect(not changes or not self.stage.is_this_machine, "this stage is this machine's own system")
        perform(step)

    def perform_FROM(self, step):
        base, *rest = step.words()
        is_toolkit = TOOLKIT.fullmatch(base) is not None
        expect(base in BASES or is_toolkit, f"{base} is none of {sorted(BASES)} and no toolkit")
        expect(not rest or (len(rest) == 2 and rest[0] == "AS"), "FROM IMAGE [AS NAME]")
        name = rest[1] if rest else str(len(self.stages))
        expect(name not in self.stages, f"two stages {name}")
        if is_toolkit:
            self.stage = self.stages[name] = Stage(Path("/"), is_this_machine=True)
            return
        folder = self.below / name
        folder.mkdir()
        run([BARE_DEBIAN, "make", folder])
        self.stage = self.stages[name] = Stage(folder)

    def perform_WORKDIR(self, step):
        (name,) = step.words()
        self.stage.path(name).mkdir(parents=True, exist_ok=True)
        self.stage.workdir = os.path.join(self.stage.workdir, name)

    def perform_COPY(self, step):
        *sources, target = step.words()
        origin = self.stages[step.flags["from"]].folder if "from" in step.flags else self.context
        to = self.stage.path(target)
        expect(len(sources) == 1 or target.endswith("/"), "several files need a folder")
        for source in sources:
            path = (origin / source.lstrip("/")).resolve()
            expect(path.is_relative_to(origin), f"{source} leads out of its origin")
            if path.is_dir():
                shutil.copytree(path, to, symlinks=True, dirs_exist_ok=True)
                continue
            file = to / path.name if target.endswith("/") or to.is_dir() else to
            file.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, file)

    def perform_RUN(self, step):
        expect(not step.text.startswith("["), "RUN takes a line for the shell")
        run(self.stage.command(["/bin/sh", "-c", step.text], build=True))

    def perform_ARG(self, step):
        ((name, default),) = pairs(step)
        expect(name in self.given, f"this script gives no build argument {name}")
        self.stage.arguments[name] = self.given[name] or default

    def perform_ENV(self, step):
        self.stage.environment |= dict(pairs(step))

    def perform_USER(self, step):
        (user,) = step.words()
        expect(re.fullmatch(r"\d+:\d+", user), "USER must be UID:GID in numbers")
        self.stage.user = user

    def perform_EXPOSE(self, step):
        (port,) = step.words()
        self.stage.port = int(port)

    def perform_HEALTHCHECK(self, step):
        word, _, step.text = step.text.partition(" ")
        expect(word == "CMD", "HEALTHCHECK [FLAG…] CMD LIST")
        self.stage.healthcheck = step.form()
        timeout = re.fullmatch(r"(\d+)s", step.flags.get("timeout", "30s"))
        expect(timeout, "--timeout must be whole seconds, such as 3s")
        self.stage.healthcheck_timeout = int(timeout[1])

    def perform_ENTRYPOINT(self, step):
        self.stage.entrypoint = step.form()

    def perform_CMD(self, step):
        self.stage.cmd = step.form()


def pairs(step):
    words = [word.partition("=") for word in step.words()]
    expect(all(equals for _, equals, _ in words), f"{step.name} NAME=VALUE")
    return [(name, value) for name, _, value in words]
