#include "tests/golden/golden_cases.hpp"

namespace kernd {
namespace {

using json = nlohmann::json;

TEST(GraphGoldenTest, PagerankAgreesWithNetworkX) {
  const auto cases = test::golden_cases("graph_pagerank.json");
  ASSERT_GE(cases.size(), 27u);
  test::golden_runner runner{"graph/pagerank"};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.at("name"));

    const json found = runner.execute(c.at("input")), expected = c.at("output");

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
