#!/usr/bin/env python3
"""Holds the tree against include_rules.py, and include_rules.py against examples that break it."""

import tempfile
import unittest
from pathlib import Path

import include_rules

ROOT = Path(__file__).resolve().parents[2]


class TheTree(unittest.TestCase):
    def test_is_not_empty(self):
        self.assertIn("include/kernd/kernel.hpp", include_rules.Tree(ROOT).files)

    def test_keeps_the_rules(self):
        found = include_rules.violations(ROOT)

        self.assertEqual([], found, "\n" + "\n".join(found))


class TheRules(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)

    def write(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def header(self, path, *includes):
        self.write(path, "#pragma once\n" + "".join(f"#include {i}\n" for i in includes))

    def assert_one(self, expected):
        found = include_rules.violations(self.root)
        self.assertEqual(1, len(found), found)
        self.assertIn(expected, found[0])

    def test_accept_what_points_down(self):
        self.header("include/kernd/executor.hpp", "<vector>", "<boost/asio/awaitable.hpp>")
        self.header("server/http/session.hpp", "<boost/beast/core.hpp>")
        self.header("server/api/kernels.hpp", '"kernd/executor.hpp"', '"server/http/session.hpp"')
        self.header("server/app.hpp", '"server/api/kernels.hpp"')
        self.write("server/main.cpp", '#include "server/app.hpp"\n')

        self.assertEqual([], include_rules.violations(self.root))

    def test_refuse_what_points_up(self):
        self.header("server/app.hpp")
        self.header("server/api/kernels.hpp", '"server/app.hpp"')

        self.assert_one("server/api/kernels.hpp: may not include server/app.hpp")

    def test_refuse_the_server_in_the_library(self):
        self.header("server/http/request.hpp")
        self.header("include/kernd/job.hpp", '"server/http/request.hpp"')

        self.assert_one("may not include server/http/request.hpp")

    def test_refuse_a_private_header_in_a_public_one(self):
        self.header("src/scanner.hpp")
        self.header("include/kernd/codec.hpp", '"src/scanner.hpp"')

        self.assert_one("may not include src/scanner.hpp")

    def test_refuse_the_front_end_in_main(self):
        self.header("server/http/server.hpp")
        self.write("server/main.cpp", '#include "server/http/server.hpp"\n')

        self.assert_one("may not include server/http/server.hpp")

    def test_refuse_beast_outside_the_front_end(self):
        self.write("server/api/kernels.cpp", "#include <boost/beast/http.hpp>\n")

        self.assert_one("may not include <boost/beast/http.hpp> (beast)")

    def test_refuse_a_logger_outside_its_owner(self):
        self.write("src/log.cpp", "#include <spdlog/logger.h>\n")
        self.write("src/arena.cpp", "#include <spdlog/spdlog.h>\n")

        self.assert_one("src/arena.cpp: may not include <spdlog/spdlog.h>")

    def test_refuse_cuda_outside_gpu(self):
        self.header("include/kernd/gpu/stream.hpp", "<cuda_runtime_api.h>")
        self.header("include/kernd/kernel.hpp", '"kernd/gpu/stream.hpp"')

        self.assert_one("include/kernd/kernel.hpp: may not include include/kernd/gpu/stream.hpp")

    def test_refuse_another_domain(self):
        self.header("kernels/core/axpy.hpp")
        self.header("kernels/ml/knn.hpp", '"kernels/core/axpy.hpp"')

        self.assert_one("kernels/ml/knn.hpp: may not include kernels/core/axpy.hpp")

    def test_refuse_a_folder_without_a_rule(self):
        self.write("plugins/x.cpp", "int x;\n")

        self.assert_one("plugins/x.cpp: no rule")

    def test_refuse_a_library_that_nobody_decided_on(self):
        self.write("src/arena.cpp", "#include <folly/Range.h>\n")

        self.assert_one("<folly/Range.h> belongs to no known library")

    def test_refuse_an_include_of_nothing(self):
        self.write("src/arena.cpp", '#include "kernd/gone.hpp"\n')

        self.assert_one('"kernd/gone.hpp" is no file')

    def test_refuse_a_header_without_pragma_once(self):
        self.write("include/kernd/arena.hpp", "// An arena.\n#include <vector>\n")

        self.assert_one("does not start with #pragma once")

    def test_refuse_an_own_header_that_is_not_first(self):
        self.header("include/kernd/arena.hpp")
        self.write("src/arena.cpp", '#include <vector>\n#include "kernd/arena.hpp"\n')

        self.assert_one("its own header include/kernd/arena.hpp is not its first include")

    def test_refuse_a_name_that_says_nothing(self):
        self.header("include/kernd/string_utils.hpp")

        self.assert_one("'string_utils' says nothing")

    def test_refuse_a_long_file(self):
        self.write("src/arena.cpp", "\n" * 400)
        self.write("src/codec.cpp", "\n" * 401)

        self.assert_one("src/codec.cpp: 401 lines, limit 400")

    def test_refuse_a_clock_that_may_jump(self):
        self.write("src/patience.cpp", "#include <chrono>\nauto t = std::chrono::system_clock::now();\n")

        self.assert_one("system_clock may jump")

    def test_leave_build_trees_alone(self):
        self.write("out/CMakeCache.txt", "")
        self.write("out/gen/x.cpp", "#include <folly/Range.h>\n")

        self.assertEqual([], include_rules.violations(self.root))


if __name__ == "__main__":
    unittest.main()
