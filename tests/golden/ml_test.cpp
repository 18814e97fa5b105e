#include "tests/golden/golden_cases.hpp"

#include <cmath>

namespace kernd {
namespace {

using json = nlohmann::json;

TEST(MlGoldenTest, KmeansAgreesWithScikitLearn) {
  const auto cases = test::golden_cases("ml_kmeans_cluster.json");
  ASSERT_GE(cases.size(), 21u);
  test::golden_runner runner{"ml/kmeans-cluster"};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.at("name"));

    const json found = runner.execute(c.at("input")), expected = c.at("output");

    EXPECT_EQ(found.at("labels"), expected.at("labels"));
    EXPECT_EQ(found.at("iterations"), expected.at("iterations"));
    const double inertia = expected.at("inertia").get<double>();
    EXPECT_NEAR(found.at("inertia").get<double>(), inertia, 1e-10 * std::fmax(inertia, 1e-3));
    ASSERT_EQ(found.at("centroids").size(), expected.at("centroids").size());
    for (std::size_t k = 0; k < expected.at("centroids").size(); ++k) {
      for (std::size_t j = 0; j < expected.at("centroids")[k].size(); ++j) {
        const double wanted = expected.at("centroids")[k][j].get<double>();
        EXPECT_NEAR(double{found.at("centroids")[k][j].get<float>()}, wanted,
                    6.1e-8 * std::fabs(wanted) + 1e-9)
            << k << '/' << j;
      }
    }
  }
}

}  // namespace
}  // namespace kernd
