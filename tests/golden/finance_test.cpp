#include "contract/kernel_runner.hpp"
#include "kernels/catalogue.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <string>

namespace kernd {
namespace {

using json = nlohmann::json;

TEST(FinanceGoldenTest, BlackScholesAgreesWithTheClosedForm) {
  std::ifstream file{std::string{KERND_GOLDEN_DIRECTORY} + "/finance_black_scholes.json"};
  const json cases = json::parse(file).at("cases");
  ASSERT_GE(cases.size(), 14u);
  kernel_registry registry;
  kernels::add_all(registry).value();
  test::kernel_runner runner{*registry.find("finance/black-scholes")};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.at("name"));

    const auto output = runner.execute(c.at("input").dump());

    ASSERT_TRUE(output) << output.error().message;
    const json found = json::parse(*output);
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
