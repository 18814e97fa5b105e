#pragma once

#include "contract/kernel_runner.hpp"
#include "kernels/catalogue.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstring>
#include <fstream>
#include <regex>
#include <string>

namespace kernd::test {

/// The cases of a file in tests/golden.
inline nlohmann::json golden_cases(const std::string& name) {
  std::ifstream file{std::string{KERND_GOLDEN_DIRECTORY} + "/" + name};
  return nlohmann::json::parse(file).at("cases");
}

/// Every array of `object`, `count` times one after the other.
inline nlohmann::json repeated(nlohmann::json object, std::size_t count) {
  for (auto& member : object) {
    if (!member.is_array()) continue;
    const std::size_t size = member.size();
    for (std::size_t i = size; i < count * size; ++i) member.push_back(member[i - size]);
  }
  return object;
}

/// Numbers that have the same bits as T.
template <class T>
void expect_same_bits(const nlohmann::json& found, const nlohmann::json& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const T a = found[i].get<T>(), b = expected[i].get<T>();
    ASSERT_EQ(std::memcmp(&a, &b, sizeof(T)), 0) << i << ": " << a << " instead of " << b;
  }
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
