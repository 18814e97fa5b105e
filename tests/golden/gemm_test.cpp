#include "tests/golden/golden_cases.hpp"

#include <cmath>
#include <vector>

namespace kernd {
namespace {

using nlohmann::json;

/// `c` says what the elements are and what each may be wrong by.
void expect_within_bounds(const std::vector<double>& found, const json& c) {
  const auto expected = c.at("expected").get<std::vector<double>>();
  const auto bound = c.at("bound").get<std::vector<double>>();
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_LE(std::fabs(found[i] - expected[i]), bound[i]) << i;
  }
}

TEST(GemmGoldenTest, StaysWithinTheErrorBoundOfAnF32Product) {
  const auto cases = test::golden_cases("core_gemm.json");
  ASSERT_GE(cases.size(), 18u);
  test::golden_runner gemm{"core/gemm"};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.at("name"));

    const json found = gemm.execute(c.at("input")).at("c");

    std::vector<double> flat;
    for (const auto& row : found) {
      for (const auto& value : row) flat.push_back(value.get<double>());
    }
    expect_within_bounds(flat, c);
  }
}

TEST(GemmGoldenTest, MatmulStaysWithinTheErrorBoundAndIsExactForIntegers) {
  const auto cases = test::golden_cases("core_matmul.json");
  ASSERT_GE(cases.size(), 18u);
  test::golden_runner matmul{"core/matmul"};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.at("name"));

    const json found = matmul.execute(c.at("input"));

    expect_within_bounds(found.at("result").get<std::vector<double>>(), c);
  }
}

}  // namespace
}  // namespace kernd
