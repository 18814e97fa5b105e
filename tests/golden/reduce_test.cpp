#include "tests/golden/golden_cases.hpp"

#include <cmath>

namespace kernd {
namespace {

/// What f64 may lose of the sum of `scale`, added up in a tree.
void expect_sum(const nlohmann::json& found, const nlohmann::json& expected,
                const nlohmann::json& scale) {
  EXPECT_LE(std::fabs(found.get<double>() - expected.get<double>()), 1e-14 * scale.get<double>());
}

nlohmann::json data_of(const nlohmann::json& c) {
  return test::repeated({{"data", c.at("data")}}, c.at("repeat").get<std::size_t>());
}

TEST(ReduceGoldenTest, EveryOperationMatchesNumPyAndExactSums) {
  const auto cases = test::golden_cases("core_reduce.json");
  ASSERT_GE(cases.size(), 23u);
  test::golden_runner reduce{"core/reduce"};
  for (const auto& c : cases) {
    auto input = data_of(c);
    input["dtype"] = c.at("dtype");
    for (const auto& result : c.at("results")) {
      SCOPED_TRACE(c.at("name").dump() + result.at("op").dump());
      input["op"] = result.at("op");

      const auto found = reduce.execute(input);

      const auto& expected = result.at("output");
      EXPECT_EQ(found.at("count"), expected.at("count"));
      EXPECT_EQ(found.value("index", -1), expected.value("index", -1));
      expect_sum(found.at("value"), expected.at("value"), result.at("scale"));
    }
  }
}

TEST(ReduceGoldenTest, ReduceSumMatchesExactSums) {
  const auto cases = test::golden_cases("core_reduce_sum.json");
  ASSERT_GE(cases.size(), 17u);
  test::golden_runner sum{"core/reduce-sum"};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.at("name"));

    const auto found = sum.execute(data_of(c));

    const auto& expected = c.at("output");
    EXPECT_EQ(found.at("count"), expected.at("count"));
    expect_sum(found.at("sum"), expected.at("sum"), c.at("scale"));
  }
}

}  // namespace
}  // namespace kernd
