// Values from closed forms and textbooks, and for the karate club those that NetworkX prints: all
// known without the scripts beside this file.

#include "tests/golden/golden_cases.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace kernd {
namespace {

using json = nlohmann::json;

void expect_near(const json& found, const std::vector<double>& expected, double tolerance) {
  ASSERT_GE(found.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_NEAR(found[i].get<double>(), expected[i], tolerance) << i;
  }
}

json rank(const char* graph) {
  test::golden_runner runner{"graph/pagerank"};
  return runner
      .execute({{"graph", json::parse(graph)}, {"tolerance", 1e-14}, {"max_iterations", 10000}})
      .at("scores");
}

TEST(KnownValuesTest, PagerankOfAStarWithFourSpokes) {
  // The hub's x solves x = d · 4y + (1 − d)/5 with y = d · x/4 + (1 − d)/5: x = 0.2 (1 + 4d)/(1 +
  // d).
  const double hub = 0.2 * 4.4 / 1.85, spoke = (1 - hub) / 4;
  expect_near(rank(R"({"num_nodes":5,"edges":[[0,1],[0,2],[0,3],[0,4]]})"),
              {hub, spoke, spoke, spoke, spoke}, 1e-12);
  EXPECT_NEAR(hub, 0.475675676, 5e-10);
}

TEST(KnownValuesTest, PagerankOfAPathThatEnds) {
  // Each score is the first one's times 1, 1 + d and 1 + d + d².
  const double first = 1 / (1 + 1.85 + 2.5725);
  expect_near(rank(R"({"num_nodes":3,"edges":[[0,1],[1,2]],"directed":true})"),
              {first, 1.85 * first, 2.5725 * first}, 1e-12);
  EXPECT_NEAR(first, 0.184417, 5e-7);
}

TEST(KnownValuesTest, PagerankOfTheKarateClub) {
  const auto cases = test::golden_cases("graph_pagerank.json");
  const auto karate = std::find_if(cases.begin(), cases.end(), [](const json& c) {
    return c.at("name") == "karate club, to the end";
  });
  ASSERT_NE(karate, cases.end());
  expect_near(rank(karate->at("input").at("graph").dump().c_str()),
              {0.096997285, 0.052876924, 0.057078509, 0.035859858}, 5e-10);
}

TEST(KnownValuesTest, BlackScholesOfTextbooks) {
  test::golden_runner runner{"finance/black-scholes"};

  const json out = runner.execute(json::parse(
      R"({"spot":[100,100,42,42,1.6],"strike":[100,100,40,40,1.6],"rate":[0.05,0.05,0.1,0.1,0.08],)"
      R"("dividend_yield":[0,0,0,0,0.11],"volatility":[0.2,0.2,0.2,0.2,0.141],)"
      R"("expiry":[1,1,0.5,0.5,0.33333334],"type":["call","put","call","put","call"]})"));

  // The inputs are f32: 0.05 is not 0.05, so a unit of f32 in them shows in the result.
  expect_near(out["price"], {10.450583572, 5.573526022, 4.759422393, 0.808599373, 0.04295773},
              1e-6);
  expect_near(out["delta"], {0.636830651}, 1e-7);
  expect_near(out["gamma"], {0.018762017}, 1e-8);
  expect_near(out["vega"], {37.524034692}, 1e-5);
  expect_near(out["theta"], {-6.414027546}, 1e-6);
  expect_near(out["rho"], {53.232481545}, 1e-5);
}

TEST(KnownValuesTest, KmeansOfTwoTriangles) {
  test::golden_runner runner{"ml/kmeans-cluster"};

  const json out = runner.execute(
      json::parse(R"({"data":[[0,0],[0.1,0.1],[0.2,0],[10,10],[10.1,10.1],[10.2,10]],"k":2})"));

  EXPECT_NEAR(out["inertia"].get<double>(), 0.16 / 3, 1e-6);
  const std::size_t low = out["labels"][0].get<std::size_t>();
  expect_near(out["centroids"][low], {0.1, 0.1 / 3}, 1e-7);
  expect_near(out["centroids"][1 - low], {10.1, 10 + 0.1 / 3}, 1e-6);
}

TEST(KnownValuesTest, FourierTransformOfAnImpulseIsAWave) {
  test::golden_runner runner{"signal/fft"};
  for (const std::size_t n : {std::size_t{1} << 17, std::size_t{100'003}, std::size_t{99'999}}) {
    SCOPED_TRACE(n);
    const std::size_t place = n / 3;
    json impulse = std::vector<int>(n);
    impulse[place] = 1;

    const json out = runner.execute({{"real", impulse}});

    for (std::size_t k = 0; k < n; k += 101) {
      const double angle =
          -2 * std::acos(-1.0) * static_cast<double>(place * k % n) / static_cast<double>(n);
      ASSERT_NEAR(out["real"][k].get<double>(), std::cos(angle), 6e-8) << k;
      ASSERT_NEAR(out["imag"][k].get<double>(), std::sin(angle), 6e-8) << k;
    }
  }
}

}  // namespace
}  // namespace kernd
