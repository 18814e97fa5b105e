#include "contract/kernel_runner.hpp"
#include "kernels/catalogue.hpp"
#include "kernels/core/axpy.hpp"
#include "kernels/core/identity.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstring>
#include <fstream>
#include <string>

namespace kernd {
namespace {

using json = nlohmann::json;

json golden(const std::string& name) {
  std::ifstream file{std::string{KERND_GOLDEN_DIRECTORY} + "/" + name};
  return json::parse(file).at("cases");
}

struct CoreGoldenTest : ::testing::Test {
  kernel_registry registry;
  arena memory{std::size_t{1} << 24};

  CoreGoldenTest() { kernels::add_all(registry).value(); }

  /// `text` as a T, under the codec of a kernel.
  template <class T>
  T decode(const codec& coder, const std::string& text) {
    T value;
    coder.decode(text, &value, memory).value();
    return value;
  }
};

TEST_F(CoreGoldenTest, AxpyIsBitEqualToNumPyInF64RoundedOnce) {
  const auto cases = golden("core_axpy.json");
  ASSERT_GE(cases.size(), 14u);
  test::kernel_runner runner{*registry.find("core/axpy")};
  const codec& coder = runner.entry().output;
  for (const auto& c : cases) {
    SCOPED_TRACE(c.at("name"));

    const auto output = runner.execute(c.at("input").dump());

    ASSERT_TRUE(output) << output.error().message;
    const auto found = decode<kernels::axpy::output>(coder, *output).result;
    const auto expected = decode<kernels::axpy::output>(coder, c.at("output").dump()).result;
    ASSERT_EQ(found.size, expected.size);
    for (std::size_t i = 0; i < found.size; ++i) {
      EXPECT_EQ(std::memcmp(&found[i], &expected[i], sizeof(float)), 0)
          << i << ": " << found[i] << " instead of " << expected[i];
    }
  }
}

TEST_F(CoreGoldenTest, IdentityGivesBackEveryBit) {
  const auto cases = golden("core_identity.json");
  ASSERT_GE(cases.size(), 27u);
  test::kernel_runner runner{*registry.find("core/identity")};
  const codec& coder = runner.entry().input;  // knows the dtype, which an output does not repeat
  for (const auto& c : cases) {
    SCOPED_TRACE(c.at("name"));

    const auto output = runner.execute(c.at("input").dump());

    ASSERT_TRUE(output) << output.error().message;
    json typed = c.at("output");
    typed["dtype"] = c.at("input").at("dtype");
    const auto expected = decode<kernels::identity::input>(coder, typed.dump()).data;
    const std::string dtype = R"(,"dtype":)" + typed["dtype"].dump() + "}";
    const std::string with_dtype = output->substr(0, output->size() - 1) + dtype;
    const auto found = decode<kernels::identity::input>(coder, with_dtype).data;
    ASSERT_EQ(found.type, expected.type);
    ASSERT_EQ(found.size, expected.size);
    if (found.size == 0) continue;
    EXPECT_EQ(std::memcmp(found.data, expected.data, found.size * size_of(found.type)), 0);
  }
}

}  // namespace
}  // namespace kernd
