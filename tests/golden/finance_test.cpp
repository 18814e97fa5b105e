#include "tests/golden/golden_cases.hpp"

#include <algorithm>
#include <cmath>

namespace kernd {
namespace {

using json = nlohmann::json;

TEST(FinanceGoldenTest, BlackScholesAgreesWithTheClosedForm) {
  const auto cases = test::golden_cases("finance_black_scholes.json");
  ASSERT_GE(cases.size(), 14u);
  test::golden_runner runner{"finance/black-scholes"};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.at("name"));

    const json found = runner.execute(c.at("input"));

    for (const auto& [name, expected] : c.at("output").items()) {
      ASSERT_EQ(found.at(name).size(), expected.size()) << name;
      for (std::size_t i = 0; i < expected.size(); ++i) {
        const double wanted = expected[i].get<double>();
        // Half a unit of f32, and what cancels at spots and strikes up to 1000.
        EXPECT_NEAR(double{found.at(name)[i].get<float>()}, wanted,
                    std::fabs(wanted) * 6.1e-8 + 1e-9)
            << name << '/' << i;
      }
    }
  }
}

}  // namespace
}  // namespace kernd
