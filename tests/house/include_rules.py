"""Who may include whom: the table of docs/architecture.md, and the other rules of the house that a
machine can check. `include_rules_test.py` runs them over the tree."""

import re
from dataclasses import dataclass, field
from pathlib import Path

SOURCE_SUFFIXES = {".hpp", ".cpp", ".cu", ".cuh"}
HEADER_SUFFIXES = {".hpp", ".cuh"}
MAX_LINES = 400
GENERATED = {"layout_facts.inc", "layout_kernels.inc"}  # by the build, so not in the tree
# The clock on the wall may jump: it dates what people read, and nothing waits for it or measures by it.
WALL_CLOCK = re.compile(r"system_clock|high_resolution_clock|CLOCK_REALTIME|gettimeofday|\btime\(nullptr\)")
WALL_CLOCK_READERS = {
    "include/kernd/monitor.hpp", "src/monitor.cpp", "server/api/components.cpp",  # when it failed
    "include/kernd/live_config.hpp", "src/live_config.cpp", "server/api/runtime.cpp",  # when it loaded
    "src/log.cpp", "src/log_line.hpp", "src/log_line.cpp",  # when it was logged
    "include/kernd/ring/dead_letters.hpp",  # when it could not be delivered
    "include/kernd/ring/clock.hpp",  # its stamps go on rising when the wall clock steps back
    "server/http/event_loop.cpp",  # the header Date
}
VAGUE_NAMES = {"util", "utils", "utility", "common", "helper", "helpers", "misc"}

# What stands between < and >, by what it belongs to; the first match counts.
GROUPS = [
    ("std", r"[a-z_]+|c[a-z]+"),
    ("cuda", r"cuda.*|cub/.*|thrust/.*|cooperative_groups.*|nv.*|cu[a-z]+(_v2)?\.h|mma\.h"),
    ("beast", r"boost/beast.*"),
    ("asio", r"boost/asio.*"),
    ("describe", r"boost/(describe|mp11|system)([/.].*)|boost/(describe|mp11)\.hpp"),
    ("boost", r"boost/.*"),
    ("json_fwd", r"nlohmann/json_fwd\.hpp"),
    ("json", r"nlohmann/.*"),
    ("simdjson", r"simdjson\.h"),
    ("spdlog", r"(spdlog|fmt)/.*"),
    ("prometheus", r"prometheus/.*"),
    ("toml", r"toml\+\+/.*"),
    ("cli", r"CLI/.*"),
    ("compute", r"(tbb|oneapi|Eigen)/.*|cblas\.h|lapacke\.h"),
    ("gtest", r"(gtest|gmock)/.*"),
    ("benchmark", r"benchmark/.*"),
    ("posix", r"[a-z]+\.h|(sys|netinet|arpa|linux)/.*\.h"),
    ("sanitizer", r"sanitizer/.*"),
]


@dataclass(frozen=True)
class Rule:
    """Files that match `files` may include what matches `project` (paths from the root) and, beside
    the standard library, the groups in `outside`. `*` stays inside one folder, `**` does not;
    `{domain}` is the file's folder below `kernels/`."""

    files: str
    project: tuple
    outside: tuple = ()


KERND = "include/kernd/*"
GPU = "include/kernd/gpu/*"
# What the daemon sees of CUDA; no other header of gpu/ is for it, and none of CUDA's.
DEVICES = ("include/kernd/gpu/backend.hpp", "include/kernd/gpu/discovery.hpp")
RING = "include/kernd/ring/*"
ACTOR = ("include/kernd/ring/outbox.hpp", "include/kernd/ring/ring_kernel.hpp")
CONTRACTS = ("describe", "boost", "json_fwd", "asio", "posix", "sanitizer")

# The first rule that matches a file is the one that holds; a file that none matches is an error,
# so a new folder cannot appear without a decision.
TABLE = [
    # The library: no HTTP, no CUDA outside gpu/. Heavy libraries stay in the .cpp that owns them.
    Rule("include/kernd/gpu/*", ("include/kernd/**",), ("describe", "boost", "cuda")),
    Rule("include/kernd/ring/*", (KERND, RING), ("describe",)),
    Rule("include/kernd/message_body.hpp", (KERND, RING), CONTRACTS),
    Rule("include/kernd/registry.hpp", (KERND, "include/kernd/ring/ring_kernel.hpp")),
    Rule("include/kernd/*", (KERND,), CONTRACTS),
    Rule("src/gpu/*", ("include/kernd/**", "src/gpu/*"), ("describe", "boost", "cuda", "posix")),
    Rule("src/ring/*", (KERND, RING, "src/ring/*"), ("posix",)),
    Rule("src/log*", (KERND, "src/*"), CONTRACTS + ("json", "spdlog")),
    Rule("src/config*", (KERND, "src/*"), CONTRACTS + ("json", "toml")),
    Rule("src/*metrics*.cpp", (KERND, "src/*"), CONTRACTS + ("prometheus",)),
    Rule("src/exposition.cpp", (KERND, "src/*"), CONTRACTS + ("prometheus",)),
    Rule("src/executor*.cpp", (KERND, "src/*") + DEVICES, CONTRACTS + ("json",)),
    Rule("src/parallel.cpp", (KERND,), ("posix", "compute")),
    Rule("src/job_runner.*", (KERND, "src/*") + DEVICES, CONTRACTS),
    Rule("src/*", (KERND, "src/*"), CONTRACTS + ("json", "simdjson")),
    # Kernels: their types and their arithmetic. No domain includes another's.
    Rule("kernels/twins.cu", (KERND, GPU, "kernels/*/*.hpp", "kernels/*/*.cuh")),
    Rule("kernels/catalogue.*", (KERND, "kernels/*/*.hpp", "kernels/catalogue.hpp")),
    Rule("kernels/*/*.cu*", ("include/kernd/**", "kernels/{domain}/*"), ("describe", "cuda")),
    Rule("kernels/*/*.cpp", (KERND,) + ACTOR + ("kernels/{domain}/*",), ("describe", "compute")),
    Rule("kernels/*/*.hpp", (KERND,) + ACTOR + ("kernels/{domain}/*",), ("describe",)),
    # The daemon: main → serve → app → its parts → api → http. Commands reach for what they show.
    Rule("server/http/*", (KERND, "server/http/*"), CONTRACTS + ("json", "beast", "prometheus")),
    Rule("server/api/*", (KERND, RING, "server/api/*", "server/http/*") + DEVICES,
         CONTRACTS + ("json", "prometheus")),
    Rule("server/app.*", (KERND, "include/kernd/ring/runtime.hpp", "kernels/catalogue.hpp", "server/app.hpp",
                          "server/access_log_writer.hpp", "server/probe_listener.hpp",
                          "server/self_test.hpp", "server/api/*",
                          "server/http/*") + DEVICES, CONTRACTS + ("json",)),
    Rule("server/access_log_writer.*", (KERND, "server/access_log_writer.hpp", "server/http/*")),
    Rule("server/probe_listener.*", (KERND, "server/probe_listener.hpp", "server/api/*",
                                     "server/http/*")),
    Rule("server/self_test.*", (KERND, "server/self_test.hpp"), ("json",)),
    Rule("server/cli_healthcheck.cpp", (KERND, "server/cli*", "server/http/client.hpp"),
         CONTRACTS + ("json",)),
    Rule("server/cli_daemon.*", (KERND, "server/cli*", "server/http/client.hpp",
                                 "server/http/problem.hpp"), CONTRACTS + ("json",)),
    Rule("server/cli_catalogue.*", (KERND, "server/cli*", "server/api/kernel_documents.hpp",
                                    "kernels/catalogue.hpp")),
    Rule("server/cli_kernels.cpp", (KERND, "server/cli*", "server/api/kernel_documents.hpp")
         + DEVICES, ("json",)),
    Rule("server/cli_kernel_page.*", (KERND, "server/cli*") + DEVICES, CONTRACTS + ("json",)),
    Rule("server/cli_doctor.cpp", (KERND, "server/cli*") + DEVICES, CONTRACTS + ("json",)),
    Rule("server/cli_trials.cpp", (KERND, "server/cli*", "server/http/client.hpp",
                                   "server/self_test.hpp"), ("asio",)),
    Rule("server/cli_refusal.cpp", (KERND, "server/cli*", "server/http/problem.hpp")),
    Rule("server/cli_findings.hpp", (KERND, "server/cli*") + DEVICES, ("json",)),
    Rule("server/cli_run.cpp", (KERND, "server/cli*", "server/http/problem.hpp")),
    Rule("server/cli*", (KERND, "server/cli*"), CONTRACTS + ("json", "cli")),
    Rule("server/stop_signals.*", ("server/stop_signals.hpp",), ("posix",)),
    Rule("server/serve.*", (KERND, "server/serve.hpp", "server/cli.hpp", "server/app.hpp",
                            "server/stop_signals.hpp"), CONTRACTS),
    Rule("server/*", (KERND, "server/*"), CONTRACTS + ("json", "cli")),
    # Tests and benchmarks see everything of ours.
    Rule("tests/**.cu", ("**",), ("describe", "cuda")),
    Rule("tests/support/compute_threads.cpp", ("tests/support/*",), ("compute",)),
    Rule("tests/unit/server/cli_completion_test.cpp", ("**",), ("cli", "gtest")),
    Rule("tests/**", ("**",), CONTRACTS + ("json", "beast", "prometheus", "simdjson", "toml",
                                           "gtest")),
    Rule("bench/ring/**", ("**",), ("asio", "beast", "json")),  # with a server to compare with
    Rule("bench/gpu/**.cu*", ("**",), ("cuda",)),
    Rule("bench/**", ("**",), CONTRACTS + ("json", "simdjson", "benchmark", "compute")),
]

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(<[^>]+>|"[^"]+")', re.MULTILINE)


@dataclass
class Tree:
    """The sources below a root, without build trees and hidden folders."""

    root: Path
    files: list = field(default_factory=list)

    def __post_init__(self):
        pending = [self.root]
        while pending:
            folder = pending.pop()
            for entry in folder.iterdir():
                if entry.is_dir():
                    is_build = entry.name == "build" or (entry / "CMakeCache.txt").exists()
                    if not is_build and not entry.name.startswith("."):
                        pending.append(entry)
                elif entry.suffix in SOURCE_SUFFIXES:
                    self.files.append(entry.relative_to(self.root).as_posix())
        self.files.sort()

    def text(self, path):
        return (self.root / path).read_text(encoding="utf-8")

    def resolve(self, path, name):
        """The path from the root that a quoted include means, or None."""
        folders = [Path(path).parent, Path("."), Path("include"), Path("src")]
        if path.startswith("tests/"):
            folders.append(Path("tests"))
        for folder in folders:
            candidate = (self.root / folder / name).resolve()
            if candidate.is_file() and candidate.is_relative_to(self.root.resolve()):
                return candidate.relative_to(self.root.resolve()).as_posix()
        return None


def matches(path, pattern):
    wild = {"**": ".*", "*": "[^/]*"}
    parts = re.split(r"(\*\*?)", pattern)
    return re.fullmatch("".join(wild.get(part, re.escape(part)) for part in parts), path)


def rule_of(path):
    return next((rule for rule in TABLE if matches(path, rule.files)), None)


def group_of(name):
    return next((group for group, pattern in GROUPS if re.fullmatch(pattern, name)), None)


def own_headers(path):
    """Where the header of a source may be, most likely first."""
    stem = Path(path).with_suffix(".hpp").as_posix()
    return [re.sub("^src/", "include/kernd/", stem), stem]


def check_includes(tree, path):
    rule = rule_of(path)
    if rule is None:
        yield f"{path}: no rule in tests/house/include_rules.py for this folder"
        return
    parts = path.split("/")
    domain = parts[1] if len(parts) > 2 else ""
    allowed = [pattern.format(domain=domain) for pattern in rule.project]
    for include in INCLUDE.findall(tree.text(path)):
        name = include[1:-1]
        if include.startswith("<"):
            group = group_of(name)
            if group is None:
                yield f"{path}: <{name}> belongs to no known library (GROUPS)"
            elif group != "std" and group not in rule.outside:
                yield f"{path}: may not include <{name}> ({group}); rule {rule.files}"
            continue
        target = tree.resolve(path, name)
        if name in GENERATED:
            continue
        if target is None:
            yield f'{path}: "{name}" is no file of this project'
        elif not any(matches(target, pattern) for pattern in allowed):
            yield f"{path}: may not include {target}; rule {rule.files}"


def check_shape(tree, path):
    text = tree.text(path)
    count = text.count("\n")
    if count > MAX_LINES:
        yield f"{path}: {count} lines, limit {MAX_LINES}"
    for part in Path(path).with_suffix("").parts:
        if VAGUE_NAMES.intersection(re.split(r"[_.\-]", part)):
            yield f"{path}: '{part}' says nothing; such code belongs to the type it serves"
    code = re.sub(r"/\*.*?\*/|//[^\n]*", "", text, flags=re.DOTALL).lstrip()
    if Path(path).suffix in HEADER_SUFFIXES:
        if not code.startswith("#pragma once"):
            yield f"{path}: does not start with #pragma once"
        return
    own = next((header for header in own_headers(path) if header in tree.files), None)
    includes = INCLUDE.findall(text)
    if own and (not includes or tree.resolve(path, includes[0][1:-1]) != own):
        yield f"{path}: its own header {own} is not its first include"


def check_clocks(tree, path):
    is_ours = path.split("/")[0] in ("include", "src", "server", "kernels")
    if is_ours and path not in WALL_CLOCK_READERS:
        found = WALL_CLOCK.search(tree.text(path))
        if found:
            yield f"{path}: {found.group(0)} may jump; use std::chrono::steady_clock"


def violations(root):
    tree = Tree(Path(root))
    return [message for path in tree.files
            for check in (check_includes, check_shape, check_clocks)
            for message in check(tree, path)]
