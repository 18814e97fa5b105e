#include "tests/golden/golden_cases.hpp"

#include <cmath>

namespace kernd {
namespace {

TEST(ReduceGoldenTest, EveryOperationMatchesNumPyAndExactSums) {
  const auto cases = test::golden_cases("core_reduce.json");
  ASSERT_GE(cases.size(), 22u);
  test::golden_runner reduce{"core/reduce"};
  for (const auto& c : cases) {
    for (const auto& result : c.at("results")) {
      SCOPED_TRACE(c.at("name").dump() + result.at("op").dump());

      const auto found = reduce.execute(
          {{"data", c.at("data")}, {"dtype", c.at("dtype")}, {"op", result.at("op")}});

      const auto& expected = result.at("output");
      EXPECT_EQ(found.at("count"), expected.at("count"));
      EXPECT_EQ(found.value("index", -1), expected.value("index", -1));
      const auto scale = result.at("scale").get<double>();
      EXPECT_LE(std::fabs(found.at("value").get<double>() - expected.at("value").get<double>()),
                1e-14 * scale);
    }
  }
}

}  // namespace
}  // namespace kernd
