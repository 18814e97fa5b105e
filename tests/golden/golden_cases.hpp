#pragma once

#include "contract/kernel_runner.hpp"
#include "kernels/catalogue.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <regex>
#include <string>

namespace kernd::test {

/// The cases of a file in tests/golden.
inline nlohmann::json golden_cases(const std::string& name) {
  std::ifstream file{std::string{KERND_GOLDEN_DIRECTORY} + "/" + name};
  return nlohmann::json::parse(file).at("cases");
}

/// Runs one kernel of the catalogue on inputs of golden cases.
struct golden_runner {
  kernel_registry registry;
  kernel_runner runner;

  explicit golden_runner(const char* id)
      : runner{[this, id]() -> const kernel_entry& {
          kernels::add_all(registry).value();
          return *registry.find(id);
        }()} {}

  nlohmann::json execute(const nlohmann::json& input) {
    const auto output = runner.execute(input.dump());
    EXPECT_TRUE(output) << output.error().message;
    if (!output) return nlohmann::json::object();
    // The reader of the tests would take -0 for an integer and lose its sign.
    return nlohmann::json::parse(
        std::regex_replace(*output, std::regex{"([,\\[])-0(?=[,\\]])"}, "$1-0.0"));
  }
};

}  // namespace kernd::test
