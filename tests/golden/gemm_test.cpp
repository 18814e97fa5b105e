#include "tests/golden/golden_cases.hpp"

#include <cmath>
#include <vector>

namespace kernd {
namespace {

using nlohmann::json;

TEST(GemmGoldenTest, StaysWithinTheErrorBoundOfAnF32Product) {
  const auto cases = test::golden_cases("core_gemm.json");
  ASSERT_GE(cases.size(), 18u);
  test::golden_runner gemm{"core/gemm"}, matmul{"core/matmul"};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.at("name"));
    const auto& in = c.at("input");

    const json found = gemm.execute(in).at("c");

    const auto expected = c.at("expected").get<std::vector<double>>();
    const auto bound = c.at("bound").get<std::vector<double>>();
    const json shape = c.at("shape");
    std::vector<double> flat;
    for (const auto& row : found) {
      for (const auto& value : row) flat.push_back(value.get<double>());
    }
    ASSERT_EQ(flat.size(), expected.size());
    for (std::size_t i = 0; i < flat.size(); ++i) {
      EXPECT_LE(std::fabs(flat[i] - expected[i]), bound[i]) << i;
    }
    if (in.contains("c") || in.at("transpose_a") || in.at("transpose_b")) continue;
    const json product = matmul.execute({{"a", in.at("a").at("data")},
                                         {"b", in.at("b").at("data")},
                                         {"rows_a", shape[0]},
                                         {"cols_a", in.at("a").at("shape")[1]},
                                         {"cols_b", shape[1]}});
    EXPECT_EQ(product.at("result").get<std::vector<double>>(), flat);
  }
}

}  // namespace
}  // namespace kernd
