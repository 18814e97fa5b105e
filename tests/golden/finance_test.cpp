#include "tests/golden/golden_cases.hpp"

#include <algorithm>
#include <cmath>

namespace kernd {
namespace {

using json = nlohmann::json;

/// The largest spot or strike, and at least 1000.
double largest_amount(const json& input) {
  double largest = 1000;
  for (const char* name : {"spot", "strike"}) {
    for (const auto& amount : input.at(name)) largest = std::max(largest, amount.get<double>());
  }
  return largest;
}

TEST(FinanceGoldenTest, BlackScholesAgreesWithTheClosedForm) {
  const auto cases = test::golden_cases("finance_black_scholes.json");
  ASSERT_GE(cases.size(), 21u);
  test::golden_runner runner{"finance/black-scholes"};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.at("name"));

    const json found = runner.execute(c.at("input"));

    const double money = largest_amount(c.at("input"));
    for (const auto& [name, expected] : c.at("output").items()) {
      ASSERT_EQ(found.at(name).size(), expected.size()) << name;
      for (std::size_t i = 0; i < expected.size(); ++i) {
        const double wanted = expected[i].get<double>();
        // Half a unit of f32, and what cancels.
        const double scale = name == "delta" || name == "gamma" ? 1000 : money;
        EXPECT_NEAR(double{found.at(name)[i].get<float>()}, wanted,
                    std::fabs(wanted) * 6.1e-8 + scale * 1e-12)
            << name << '/' << i;
      }
    }
  }
}

}  // namespace
}  // namespace kernd
