#include "kernels/ml/kmeans_cluster.hpp"

#include "contract/kernel_runner.hpp"
#include "kernels/catalogue.hpp"
#include "tests/support/random_words.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstring>
#include <limits>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace kernd::kernels {
namespace {

using json = nlohmann::json;

struct KmeansClusterTest : ::testing::Test {
  kernel_registry registry;
  test::kernel_runner runner{[this]() -> const kernel_entry& {
    add_all(registry).value();
    return *registry.find("ml/kmeans-cluster");
  }()};

  /// Two clusters of four points on a line, with `changes` put over it.
  static std::string line(const char* changes) {
    json input = json::parse(R"({"data":[[0],[2],[10],[12]],"k":2,"init":"points",)"
                             R"("initial_centroids":[[0],[12]]})");
    input.update(json::parse(changes));
    return input.dump();
  }
  std::string refusal(const char* changes) { return runner.refusal(line(changes)); }
  json output(const char* changes) { return json::parse(runner.execute(line(changes)).value()); }
};

TEST_F(KmeansClusterTest, GivesTiesToTheLowestIndex) {
  const json out = output(R"({"data":[[-1],[0],[1]],"initial_centroids":[[1],[-1]]})");
  EXPECT_EQ(out["labels"], json::parse("[1,0,0]"));
  const json same = output(R"({"initial_centroids":[[6],[6]],"max_iterations":1})");
  EXPECT_EQ(same["iterations"], 1);
}

TEST_F(KmeansClusterTest, GivesAnEmptyClusterTheFarthestPoint) {
  const json out = output(R"({"data":[[0],[1],[2],[9]],"initial_centroids":[[1],[-50]]})");
  EXPECT_EQ(out["labels"], json::parse("[0,0,0,1]"));
  EXPECT_EQ(out["centroids"], json::parse("[[1],[9]]"));
}

TEST_F(KmeansClusterTest, LeavesAnEmptyClusterWhereNoPointIsAwayFromItsCentroid) {
  const json out = output(R"({"data":[[5],[5],[5]],"initial_centroids":[[5],[7]]})");
  EXPECT_EQ(out["labels"], json::parse("[0,0,0]"));
  EXPECT_EQ(out["centroids"], json::parse("[[5],[7]]"));
  EXPECT_EQ(out["inertia"], 0);
  EXPECT_EQ(out["converged"], true);
}

TEST_F(KmeansClusterTest, SaysWhenItDidNotConverge) {
  EXPECT_EQ(
      output(R"({"initial_centroids":[[0],[1]],"max_iterations":1,"tolerance":0})").at("converged"),
      false);
  EXPECT_EQ(output(R"({"initial_centroids":[[0],[1]]})").at("converged"), true);
}

TEST_F(KmeansClusterTest, DrawsEveryPointForAsManyClusters) {
  const std::string points = R"({"data":[[1],[1],[1],[2],[3],[3]],"k":6,"seed":)";
  for (int seed = 0; seed < 20; ++seed) {
    const json out = json::parse(runner.execute(points + std::to_string(seed) + "}").value());
    EXPECT_EQ(out["inertia"], 0) << seed;
    EXPECT_EQ(out["centroids"].size(), 6u);
    std::multiset<double> places;
    for (const auto& row : out["centroids"]) places.insert(row[0].get<double>());
    EXPECT_EQ(places, (std::multiset<double>{1, 1, 1, 2, 3, 3})) << seed;
  }
}

TEST_F(KmeansClusterTest, DependsOnItsSeedAlone) {
  const auto first_of = [&](int seed) {
    return runner
        .execute(R"({"data":[[0],[1],[2],[3],[4],[5],[6],[7]],"k":3,"max_iterations":1,"seed":)" +
                 std::to_string(seed) + "}")
        .value();
  };
  std::set<std::string> outputs;
  for (int seed = 0; seed < 20; ++seed) {
    EXPECT_EQ(first_of(seed), first_of(seed));
    outputs.insert(first_of(seed));
  }
  EXPECT_GT(outputs.size(), 5u);
}

TEST_F(KmeansClusterTest, TakesTheWholeRangeOfF32) {
  const json out = output(
      R"({"data":[[-3.4e38],[3.4e38],[3.3e38],[1e-45]],"initial_centroids":[[-3.4e38],[3.4e38]]})");
  EXPECT_EQ(out["labels"], json::parse("[0,1,1,0]"));
}

TEST_F(KmeansClusterTest, RefusesMoreClustersThanPoints) {
  EXPECT_EQ(refusal(R"({"k":5})"), "/input/k: at most 4, as many as points expected, found 5");
  EXPECT_TRUE(refusal(R"({"k":0})").starts_with("/input/k: "));
}

TEST_F(KmeansClusterTest, RefusesInitialCentroidsThatDoNotFit) {
  EXPECT_EQ(refusal(R"({"initial_centroids":[[1]]})"),
            "/input/initial_centroids: 2 rows of 1 expected, found 1 rows of 1");
  EXPECT_EQ(refusal(R"({"initial_centroids":[[1,2],[3,4]]})"),
            "/input/initial_centroids: 2 rows of 1 expected, found 2 rows of 2");
  EXPECT_EQ(refusal(R"({"init":"kmeans_plus_plus"})"),
            "/input/initial_centroids: no such member beside init kmeans_plus_plus expected, found "
            "one");
  EXPECT_EQ(runner.refusal(R"({"data":[[1]],"k":1,"init":"points"})"),
            "/input/initial_centroids: 1 rows of 1 expected, found nothing");
}

TEST_F(KmeansClusterTest, RefusesNumbersOutOfRange) {
  EXPECT_TRUE(refusal(R"({"data":[]})").starts_with("/input/data: "));
  EXPECT_TRUE(
      refusal(R"({"data":[[],[],[]],"initial_centroids":[[],[]]})").starts_with("/input/data: "));
  EXPECT_TRUE(refusal(R"({"init":"random"})").starts_with("/input/init: "));
  EXPECT_TRUE(refusal(R"({"max_iterations":0})").starts_with("/input/max_iterations: "));
  EXPECT_TRUE(refusal(R"({"tolerance":-1})").starts_with("/input/tolerance: "));
  EXPECT_TRUE(refusal(R"({"seed":-1})").starts_with("/input/seed: "));
}

struct KmeansClusterRunTest : ::testing::Test {
  static constexpr std::size_t n = 9001, features = 5;
  test::random_words words{test::measured_with{20240307}};
  arena memory{std::size_t{1} << 28};
  std::atomic<bool> stop{false};
  cpu_context context{memory, stop};

  kmeans_cluster::input random(std::uint32_t k, float offset = 0) {
    std::mt19937_64 draws = words;  // the same on every call
    std::normal_distribution<float> normal;
    kmeans_cluster::input in;
    in.data = {context.allocate<float>(n * features).data, n, features};
    for (float& value : in.data.span()) {
      value = offset + normal(draws) + static_cast<float>(draws() % 4) * 3;
    }
    in.k = k;
    in.seed = words.seed();
    in.tolerance = 0;
    return in;
  }
};

double distance(const float* point, const float* centroid) {
  double sum = 0;
  for (std::size_t j = 0; j < KmeansClusterRunTest::features; ++j) {
    const double difference = double{point[j]} - double{centroid[j]};
    sum += difference * difference;
  }
  return sum;
}

TEST_F(KmeansClusterRunTest, NeverLetsTheInertiaGrow) {
  auto in = random(13);
  double before = std::numeric_limits<double>::infinity();
  for (in.max_iterations = 1; in.max_iterations < 30; ++in.max_iterations) {
    const auto out = kmeans_cluster::run(in, context).value();
    EXPECT_LE(out.inertia, before) << in.max_iterations;
    before = out.inertia;
  }
}

TEST_F(KmeansClusterRunTest, LabelsEveryPointWithItsNearestCentroid) {
  for (const float offset : {0.0F, 1000.0F}) {
    const auto in = random(21, offset);

    const auto out = kmeans_cluster::run(in, context).value();

    double inertia = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const float* const point = in.data.row(i).data();
      const double own = distance(point, out.centroids.row(out.labels[i]).data());
      inertia += own;
      for (std::size_t c = 0; c < in.k; ++c) {
        // The centroids that decided were rounded to f32 afterwards.
        const double slack = 1e-5 * own + 1e-6 * double{offset};
        ASSERT_LE(own, distance(point, out.centroids.row(c).data()) + slack) << i;
      }
    }
    EXPECT_NEAR(out.inertia, inertia, 1e-5 * inertia) << offset;
  }
}

TEST_F(KmeansClusterRunTest, GivesTheSameBitsOnEveryRun) {
  const auto in = random(17);
  const auto first = kmeans_cluster::run(in, context).value();

  for (int again = 0; again < 10; ++again) {
    const auto out = kmeans_cluster::run(in, context).value();
    EXPECT_EQ(std::memcmp(out.labels.data, first.labels.data, n * sizeof(std::uint32_t)), 0);
    EXPECT_EQ(
        std::memcmp(out.centroids.data, first.centroids.data, in.k * features * sizeof(float)), 0);
    EXPECT_EQ(out.inertia, first.inertia);
    EXPECT_EQ(out.iterations, first.iterations);
  }
}

TEST_F(KmeansClusterRunTest, StopsWhenNobodyWaits) {
  const auto in = random(17);
  stop = true;

  EXPECT_EQ(kmeans_cluster::run(in, context).value().iterations, 0u);
}

}  // namespace
}  // namespace kernd::kernels
