#include "tests/golden/golden_cases.hpp"

namespace kernd {
namespace {

using json = nlohmann::json;

void expect_bits_of_numpy(const char* id, const char* file, std::size_t num_cases) {
  const auto cases = test::golden_cases(file);
  ASSERT_GE(cases.size(), num_cases);
  test::golden_runner runner{id};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.at("name"));
    const auto repeat = c.at("repeat").get<std::size_t>();

    const json found = runner.execute(test::repeated(c.at("input"), repeat));

    const json expected = test::repeated(c.at("output"), repeat);
    test::expect_same_bits<float>(found.at("result"), expected.at("result"));
  }
}

TEST(CoreGoldenTest, AxpyIsBitEqualToNumPyInF64RoundedOnce) {
  expect_bits_of_numpy("core/axpy", "core_axpy.json", 15);
}

TEST(CoreGoldenTest, VectorAddIsBitEqualToNumPy) {
  expect_bits_of_numpy("core/vector-add", "core_vector_add.json", 14);
}

TEST(CoreGoldenTest, IdentityGivesBackEveryBit) {
  const auto cases = test::golden_cases("core_identity.json");
  ASSERT_GE(cases.size(), 27u);
  test::golden_runner runner{"core/identity"};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.at("name"));

    const json found = runner.execute(c.at("input")).at("data");

    const json& expected = c.at("output").at("data");
    const json& dtype = c.at("input").at("dtype");
    if (dtype == "f32") {
      test::expect_same_bits<float>(found, expected);
    } else if (dtype == "f64") {
      test::expect_same_bits<double>(found, expected);
    } else {
      EXPECT_EQ(found, expected);  // integers are exact
    }
  }
}

}  // namespace
}  // namespace kernd
