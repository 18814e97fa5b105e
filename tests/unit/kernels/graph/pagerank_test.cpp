#include "kernels/graph/pagerank.hpp"

#include "contract/kernel_runner.hpp"
#include "kernels/catalogue.hpp"
#include "tests/support/random_words.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <cstring>
#include <random>
#include <string>
#include <vector>

namespace kernd::kernels {
namespace {

using json = nlohmann::json;

struct PagerankTest : ::testing::Test {
  kernel_registry registry;
  test::kernel_runner runner{[this]() -> const kernel_entry& {
    add_all(registry).value();
    return *registry.find("graph/pagerank");
  }()};

  /// A directed triangle with `changes` put over it.
  static std::string triangle(const char* changes) {
    json input =
        json::parse(R"({"graph":{"num_nodes":3,"edges":[[0,1],[1,2],[2,0]],"directed":true}})");
    input.update(json::parse(changes));
    return input.dump();
  }
  std::string refusal(const char* changes) { return runner.refusal(triangle(changes)); }
};

TEST_F(PagerankTest, RanksNothingInAnEmptyGraph) {
  const char* const empty = R"({"scores":[],"iterations":0,"converged":true})";
  EXPECT_EQ(runner.execute(R"({"graph":{"num_nodes":0,"edges":[]}})").value(), empty);
  EXPECT_EQ(runner.execute(R"({"graph":{"num_nodes":0,"edges":[]},"personalization":[]})").value(),
            empty);
}

TEST_F(PagerankTest, SaysWhenItDidNotConverge) {
  const json output =
      json::parse(runner
                      .execute(R"({"graph":{"num_nodes":2,"edges":[[0,1]],"directed":true},)"
                               R"("max_iterations":2})")
                      .value());

  EXPECT_EQ(output["iterations"], 2);
  EXPECT_EQ(output["converged"], false);
}

TEST_F(PagerankTest, FollowsThePersonalizationAlone) {
  const json output =
      json::parse(runner.execute(triangle(R"({"damping":0,"personalization":[1,0,3]})")).value());

  EXPECT_EQ(output["scores"], json::parse("[0.25,0,0.75]"));
}

TEST_F(PagerankTest, DoesNotNoticeTheScaleOfItsWeights) {
  const auto weighted = [&](const char* weights) {
    return runner
        .execute(R"({"graph":{"num_nodes":3,"edges":[[0,1],[0,2],[1,0],[2,0]],"directed":true,)"
                 R"("weights":)" +
                 std::string{weights} + "}}")
        .value();
  };
  EXPECT_EQ(weighted("[1,3,1,1]"), weighted("[0.25,0.75,4,128]"));
  EXPECT_NE(weighted("[1,3,1,1]"), weighted("[3,1,1,1]"));
}

TEST_F(PagerankTest, RefusesNumbersOutOfRange) {
  EXPECT_EQ(refusal(R"({"damping":1.5})"), "/input/damping: number ≤ 1 expected, found 1.5");
  EXPECT_TRUE(refusal(R"({"damping":-0.1})").starts_with("/input/damping: "));
  EXPECT_TRUE(refusal(R"({"tolerance":-1})").starts_with("/input/tolerance: "));
  EXPECT_TRUE(refusal(R"({"max_iterations":0})").starts_with("/input/max_iterations: "));
}

TEST_F(PagerankTest, RefusesNegativeWeights) {
  EXPECT_TRUE(runner.refusal(R"({"graph":{"num_nodes":2,"edges":[[0,1],[1,0]],"weights":[1,-1]}})")
                  .starts_with("/input/graph/weights/1: "));
}

TEST_F(PagerankTest, RefusesEdgesToNowhere) {
  EXPECT_TRUE(runner.refusal(R"({"graph":{"num_nodes":2,"edges":[[0,2]]}})")
                  .starts_with("/input/graph/edges/0/1: "));
}

TEST_F(PagerankTest, RefusesAPersonalizationThatPrefersNothing) {
  EXPECT_EQ(refusal(R"({"personalization":[1,2]})"),
            "/input/personalization: 3 elements, one per node expected, found 2");
  EXPECT_EQ(refusal(R"({"personalization":[0,0,0]})"),
            "/input/personalization: a positive element expected, found none");
  EXPECT_TRUE(refusal(R"({"personalization":[0,-1,2]})").starts_with("/input/personalization/1: "));
  EXPECT_TRUE(
      refusal(R"({"personalization":[1e308,1e308,1]})").starts_with("/input/personalization: "));
  EXPECT_EQ(
      refusal(R"({"personalization":[1e-310,0,0]})"),
      "/input/personalization: elements with a sum in the range of f64 expected, found another");
  EXPECT_EQ(refusal(R"({"personalization":[-0.0,0,-0.0]})"),
            "/input/personalization: a positive element expected, found none");
}

struct PagerankRunTest : ::testing::Test {
  static constexpr std::uint32_t n = 30000;
  test::random_words words{test::measured_with{20240305}};
  arena memory{std::size_t{1} << 28};
  std::atomic<bool> stop{false};
  cpu_context context{memory, stop};
  std::vector<std::uint64_t> offsets;
  std::vector<std::uint32_t> columns;
  std::vector<float> weights;

  /// Several parts, a hub that is one of its own, and nodes that dangle.
  pagerank::input random() {
    std::mt19937_64 draws = words;  // the same on every call
    offsets.push_back(0);
    for (std::uint32_t v = 0; v < n; ++v) {
      const std::size_t degree = draws() % 8;
      for (std::size_t e = 0; e < degree; ++e) {
        const bool to_hub = draws() % 4 == 0;
        columns.push_back(to_hub ? n / 2 : static_cast<std::uint32_t>(draws() % n));
        weights.push_back(static_cast<float>(draws() % 1000));
      }
      offsets.push_back(columns.size());
    }
    pagerank::input in;
    in.graph = {n,
                {offsets.data(), offsets.size()},
                {columns.data(), columns.size()},
                {weights.data(), weights.size()}};
    return in;
  }
};

/// The definition, pushed along the edges in sequence.
std::vector<double> push(const csr_graph& graph, double damping, int iterations) {
  const std::size_t n = graph.num_nodes;
  std::vector<double> scores(n, 1.0 / static_cast<double>(n));
  for (int i = 0; i < iterations; ++i) {
    std::vector<double> next(n, 0);
    double dangling = 0;
    for (std::size_t u = 0; u < n; ++u) {
      double total = 0;
      for (auto e = graph.row_offsets[u]; e < graph.row_offsets[u + 1]; ++e) {
        total += double{graph.weights[e]};
      }
      if (total == 0) dangling += scores[u];
      if (total == 0) continue;
      for (auto e = graph.row_offsets[u]; e < graph.row_offsets[u + 1]; ++e) {
        next[graph.col_indices[e]] += scores[u] * double{graph.weights[e]} / total;
      }
    }
    for (double& score : next) {
      score = damping * (score + dangling / static_cast<double>(n)) +
              (1 - damping) / static_cast<double>(n);
    }
    scores = next;
  }
  return scores;
}

TEST_F(PagerankRunTest, SumsToOneAndMatchesItsDefinition) {
  const auto in = random();

  const auto out = pagerank::run(in, context).value();

  double sum = 0;
  for (const double score : out.scores) sum += score;
  EXPECT_NEAR(sum, 1, 1e-12);
  EXPECT_TRUE(out.converged);
  const auto expected = push(in.graph, in.damping, static_cast<int>(out.iterations));
  for (std::uint32_t v = 0; v < n; ++v) {
    ASSERT_NEAR(out.scores[v], expected[v], 1e-12 * expected[v]) << v;
  }
}

TEST_F(PagerankRunTest, GivesTheSameBitsOnEveryRun) {
  const auto in = random();
  const auto first = pagerank::run(in, context).value();

  for (int again = 0; again < 10; ++again) {
    const auto out = pagerank::run(in, context).value();
    EXPECT_EQ(std::memcmp(out.scores.data, first.scores.data, n * sizeof(double)), 0);
    EXPECT_EQ(out.iterations, first.iterations);
  }
}

TEST_F(PagerankRunTest, StopsWhenNobodyWaits) {
  const auto in = random();
  stop = true;

  const auto out = pagerank::run(in, context);

  ASSERT_TRUE(out);
  EXPECT_EQ(out->iterations, 0u);
}

}  // namespace
}  // namespace kernd::kernels
