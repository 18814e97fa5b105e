#pragma once

#include "contract/kernel_runner.hpp"
#include "kernels/catalogue.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

namespace kernd::test {

inline const kernel_registry& shipped() {
  static const kernel_registry registry = [] {
    kernel_registry filled;
    kernels::add_all(filled).value();
    return filled;
  }();
  return registry;
}

/// A test of every kernel that the daemon ships:
/// `INSTANTIATE_TEST_SUITE_P(Shipped, Suite, test::all_shipped(), test::name_of_shipped);`
struct shipped_kernel_test : ::testing::TestWithParam<std::size_t> {
  const kernel_entry& entry = *shipped().by_index()[GetParam()];
  const kernel_info& info = entry.kernel.info;
  const nlohmann::ordered_json example = nlohmann::ordered_json::parse(info.example.input);
  kernel_runner runner{entry};

  /// `input` is invalid at `pointer`, and the message says so.
  void expect_refused(const std::string& input, const std::string& pointer) {
    const auto output = runner.execute(input);
    ASSERT_FALSE(output) << info.id << " accepts " << input;
    EXPECT_EQ(output.error().code, errc::invalid_input) << output.error().message;
    ASSERT_TRUE(output.error().invalid) << output.error().message;
    EXPECT_EQ(output.error().invalid->pointer, pointer) << input << ": " << output.error().message;
  }
};

inline auto all_shipped() {
  return ::testing::Range(std::size_t{0}, shipped().size());
}

/// Likewise, of every batch kernel.
inline auto all_shipped_batch() {
  std::vector<std::size_t> indices;
  for (const kernel_entry* entry : shipped().find_all({.mode = kernel_mode::batch})) {
    indices.push_back(entry->index);
  }
  return ::testing::ValuesIn(indices);
}

inline std::string name_of_shipped(const ::testing::TestParamInfo<std::size_t>& index) {
  std::string name{shipped().by_index()[index.param]->kernel.info.id};
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == '/' || c == '-'; }, '_');
  return name;
}

}  // namespace kernd::test
