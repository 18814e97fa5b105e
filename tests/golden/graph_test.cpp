#include "contract/kernel_runner.hpp"
#include "kernels/catalogue.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <string>

namespace kernd {
namespace {

using json = nlohmann::json;

TEST(GraphGoldenTest, PagerankAgreesWithNetworkX) {
  std::ifstream file{std::string{KERND_GOLDEN_DIRECTORY} + "/graph_pagerank.json"};
  const json cases = json::parse(file).at("cases");
  ASSERT_GE(cases.size(), 22u);
  kernel_registry registry;
  kernels::add_all(registry).value();
  test::kernel_runner runner{*registry.find("graph/pagerank")};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.at("name"));

    const auto output = runner.execute(c.at("input").dump());

    ASSERT_TRUE(output) << output.error().message;
    const json found = json::parse(*output), expected = c.at("output");
    ASSERT_EQ(found.at("scores").size(), expected.at("scores").size());
    for (std::size_t v = 0; v < expected.at("scores").size(); ++v) {
      EXPECT_NEAR(found.at("scores")[v].get<double>(), expected.at("scores")[v].get<double>(),
                  1e-13)
          << v;
    }
    EXPECT_EQ(found.at("converged"), expected.at("converged"));
    if (c.at("input").at("tolerance").get<double>() > 1e-12) {  // below, rounding has a say in it
      EXPECT_EQ(found.at("iterations"), expected.at("iterations"));
    }
  }
}

}  // namespace
}  // namespace kernd
