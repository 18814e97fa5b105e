#include "tests/support/random_words.hpp"
#include "unit/codec_probe.hpp"

namespace kernd {
namespace {

struct network {
  csr_graph g;
};
BOOST_DESCRIBE_STRUCT(network, (), (g))

struct GraphTest : ::testing::Test {
  test::codec_probe<network> probe;

  std::string print(std::string_view graph) {
    return probe.print(probe.accept(R"({"g":)" + std::string{graph} + "}"));
  }
  std::string refuse(std::string_view graph) {
    return probe.refusal(R"({"g":)" + std::string{graph} + "}");
  }
};

TEST_F(GraphTest, ReadsCompressedRows) {
  const auto g =
      probe.accept(R"({"g":{"row_offsets":[0,2,2,3],"num_nodes":3,"col_indices":[1,2,0]}})").g;

  EXPECT_EQ(g.num_nodes, 3u);
  EXPECT_EQ(g.neighbours(0).size(), 2u);
  EXPECT_EQ(g.neighbours(1).size(), 0u);
  EXPECT_EQ(g.neighbours(2)[0], 0u);
  EXPECT_EQ(g.weights.size, 0u);
}

TEST_F(GraphTest, ComesBackAsCompressedRows) {
  for (const std::string text :
       {R"({"num_nodes":3,"row_offsets":[0,2,2,3],"col_indices":[1,2,0]})",
        R"({"num_nodes":1,"row_offsets":[0,1],"col_indices":[0],"weights":[0.5]})",
        R"({"num_nodes":0,"row_offsets":[0],"col_indices":[]})"}) {
    EXPECT_EQ(print(text), R"({"g":)" + text + "}");
  }
}

TEST_F(GraphTest, StoresUndirectedEdgesBothWaysAndLoopsOnce) {
  const std::string stored =
      R"({"g":{"num_nodes":3,"row_offsets":[0,1,3,4],"col_indices":[1,0,1,2]}})";
  EXPECT_EQ(print(R"({"num_nodes":3,"edges":[[0,1],[1,1],[2,2]]})"), stored);
  EXPECT_EQ(print(R"({"directed":false,"edges":[[1,0],[1,1],[2,2]],"num_nodes":3})"), stored);
}

TEST_F(GraphTest, StoresDirectedEdgesInTheOrderGiven) {
  EXPECT_EQ(print(R"({"num_nodes":3,"edges":[[2,1],[0,2],[2,0],[2,1]],"directed":true})"),
            R"({"g":{"num_nodes":3,"row_offsets":[0,1,1,4],"col_indices":[2,1,0,1]}})");
}

TEST_F(GraphTest, CarriesTheWeightsOfEdges) {
  EXPECT_EQ(
      print(R"({"num_nodes":3,"edges":[[2,0],[1,1],[0,1]],"weights":[0.5,2,3]})"),
      R"({"g":{"num_nodes":3,"row_offsets":[0,2,4,5],"col_indices":[2,1,1,0,0],"weights":[0.5,3,2,3,0.5]}})");
}

TEST_F(GraphTest, ReadsGraphsWithoutEdgesOrNodes) {
  EXPECT_EQ(print(R"({"num_nodes":2,"edges":[]})"),
            R"({"g":{"num_nodes":2,"row_offsets":[0,0,0],"col_indices":[]}})");
  EXPECT_EQ(print(R"({"num_nodes":0,"edges":[]})"),
            R"({"g":{"num_nodes":0,"row_offsets":[0],"col_indices":[]}})");
  EXPECT_EQ(print(R"({"num_nodes":2,"edges":[],"weights":[]})"),
            R"({"g":{"num_nodes":2,"row_offsets":[0,0,0],"col_indices":[]}})");
}

TEST_F(GraphTest, RefusesOffsetsThatAreNone) {
  EXPECT_EQ(refuse(R"({"num_nodes":2,"row_offsets":[1,1,1],"col_indices":[0]})"),
            "/input/g/row_offsets/0: 0 expected, found 1");
  EXPECT_EQ(refuse(R"({"num_nodes":3,"row_offsets":[0,2,1,2],"col_indices":[0,0]})"),
            "/input/g/row_offsets/2: offset ≥ 2 expected, found 1");
  EXPECT_EQ(refuse(R"({"num_nodes":2,"row_offsets":[0,1],"col_indices":[0]})"),
            "/input/g/row_offsets: 3 elements expected, found 2");
  EXPECT_EQ(refuse(R"({"num_nodes":4294967295,"row_offsets":[0],"col_indices":[]})"),
            "/input/g/row_offsets: 4294967296 elements expected, found 1");
  EXPECT_EQ(refuse(R"({"num_nodes":0,"row_offsets":[],"col_indices":[]})"),
            "/input/g/row_offsets: 1 elements expected, found 0");
  EXPECT_EQ(refuse(R"({"num_nodes":1,"row_offsets":[0,-1],"col_indices":[]})"),
            "/input/g/row_offsets/1: integer (u64, 0 to 18446744073709551615) expected, found -1");
}

TEST_F(GraphTest, RefusesOffsetsThatDoNotEndWithTheColumns) {
  EXPECT_EQ(refuse(R"({"num_nodes":1,"row_offsets":[0,2],"col_indices":[0]})"),
            "/input/g/col_indices: 2 elements expected, found 1");
  EXPECT_EQ(refuse(R"({"num_nodes":1,"row_offsets":[0,0],"col_indices":[0]})"),
            "/input/g/col_indices: 0 elements expected, found 1");
  EXPECT_EQ(refuse(R"({"num_nodes":1,"row_offsets":[0,18446744073709551615],"col_indices":[0]})"),
            "/input/g/col_indices: 18446744073709551615 elements expected, found 1");
}

TEST_F(GraphTest, RefusesNodesThatAreNot) {
  EXPECT_EQ(refuse(R"({"num_nodes":2,"row_offsets":[0,1,2],"col_indices":[1,2]})"),
            "/input/g/col_indices/1: node below 2 expected, found 2");
  EXPECT_EQ(refuse(R"({"num_nodes":2,"edges":[[0,1],[0,2]]})"),
            "/input/g/edges/1/1: node below 2 expected, found 2");
  EXPECT_EQ(refuse(R"({"num_nodes":0,"edges":[[0,0]]})"),
            "/input/g/edges/0/0: node below 0 expected, found 0");
  EXPECT_EQ(refuse(R"({"num_nodes":2,"edges":[[0,4294967296]]})"),
            "/input/g/edges/0/1: integer (u32, 0 to 4294967295) expected, found 4294967296");
}

TEST_F(GraphTest, RefusesEdgesThatAreNoPairs) {
  EXPECT_EQ(refuse(R"({"num_nodes":2,"edges":[[0]]})"),
            "/input/g/edges/0: 2 nodes expected, found 1");
  EXPECT_EQ(refuse(R"({"num_nodes":2,"edges":[[0,1,1]]})"),
            "/input/g/edges/0: 2 nodes expected, found 3");
  EXPECT_EQ(refuse(R"({"num_nodes":2,"edges":[[]]})"),
            "/input/g/edges/0: 2 nodes expected, found 0");
  EXPECT_EQ(refuse(R"({"num_nodes":2,"edges":[[0,1],[0]]})"),
            "/input/g/edges/1: row of 2 numbers, as the first expected, found 1");
  EXPECT_EQ(refuse(R"({"num_nodes":2,"edges":[0,1]})"),
            "/input/g/edges/0: array expected, found 0");
}

TEST_F(GraphTest, RefusesWeightsThatDoNotMatch) {
  EXPECT_EQ(refuse(R"({"num_nodes":1,"row_offsets":[0,1],"col_indices":[0],"weights":[]})"),
            "/input/g/weights: 1 elements expected, found 0");
  EXPECT_EQ(refuse(R"({"num_nodes":2,"edges":[[0,1]],"weights":[1,2]})"),
            "/input/g/weights: 1 elements expected, found 2");
  EXPECT_EQ(refuse(R"({"num_nodes":2,"edges":[[0,1]],"weights":[NaN]})"),
            "/input/g/weights/0: number expected, found NaN");
  EXPECT_EQ(refuse(R"({"num_nodes":2,"edges":[[0,1]],"weights":null})"),
            "/input/g/weights: array expected, found null");
}

TEST_F(GraphTest, RefusesAMixtureOfItsForms) {
  EXPECT_EQ(refuse(R"({"num_nodes":0,"row_offsets":[0],"col_indices":[],"edges":[]})"),
            "/input/g/edges: no such member beside row_offsets expected, found one");
  EXPECT_EQ(refuse(R"({"num_nodes":0,"row_offsets":[0],"col_indices":[],"directed":true})"),
            "/input/g/directed: no such member beside row_offsets expected, found one");
  EXPECT_EQ(refuse(R"({"num_nodes":0,"edges":[],"col_indices":[]})"),
            "/input/g/col_indices: no such member beside edges expected, found one");
}

TEST_F(GraphTest, NamesWhatIsMissing) {
  EXPECT_EQ(refuse("{}"), "/input/g/num_nodes: a value expected, found nothing");
  EXPECT_EQ(refuse(R"({"num_nodes":0})"),
            "/input/g: row_offsets and col_indices, or edges expected, found neither");
  EXPECT_EQ(refuse(R"({"num_nodes":0,"row_offsets":[0]})"),
            "/input/g/col_indices: a value expected, found nothing");
  EXPECT_EQ(refuse(R"({"num_nodes":1,"edges":[],"nodes":1})"),
            "/input/g/nodes: one of the members num_nodes, row_offsets, col_indices, edges, "
            "weights, directed expected, found that name");
  EXPECT_EQ(refuse("[]"), "/input/g: object expected, found an array");
}

TEST_F(GraphTest, RefusesMoreNodesThanTheJobsMemory) {
  EXPECT_THROW(refuse(R"({"num_nodes":4294967295,"edges":[]})"), memory_limit_error);
}

TEST(GraphRulesTest, HoldWeightsAndNodes) {
  test::codec_probe<network> probe{
      {field<&network::g>{.doc = "d", .min = 0, .max = 5, .min_size = 1}}};

  EXPECT_EQ(probe.refusal(R"({"g":{"num_nodes":0,"edges":[]}})"),
            "/input/g/num_nodes: at least 1 nodes expected, found 0");
  EXPECT_EQ(probe.refusal(R"({"g":{"num_nodes":2,"edges":[[0,1],[1,0]],"weights":[0,-1]}})"),
            "/input/g/weights/1: number ≥ 0 expected, found -1");
  EXPECT_EQ(
      probe.refusal(R"({"g":{"num_nodes":1,"row_offsets":[0,1],"col_indices":[0],"weights":[6]}})"),
      "/input/g/weights/0: number ≤ 5 expected, found 6");
  probe.accept(R"({"g":{"num_nodes":1,"edges":[[0,0]],"weights":[5]}})");
}

/// An edge list is a CSR graph with the same neighbours, whatever the edges.
TEST_F(GraphTest, AgreesWithAnAdjacencyListOfRandomEdges) {
  test::random_words random;
  for (int round = 0; round < 200; ++round) {
    const std::uint32_t nodes = 1 + random() % 12;
    const bool directed = random() % 2 == 0;
    std::vector<std::vector<std::uint32_t>> expected(nodes);
    std::string edges;
    for (auto left = random() % 30; left > 0; --left) {
      const auto u = static_cast<std::uint32_t>(random() % nodes);
      const auto v = static_cast<std::uint32_t>(random() % nodes);
      edges += (edges.empty() ? "[" : ",[") + std::to_string(u) + "," + std::to_string(v) + "]";
      expected[u].push_back(v);
      if (!directed && u != v) expected[v].push_back(u);
    }

    const auto g = probe
                       .accept(R"({"g":{"num_nodes":)" + std::to_string(nodes) + R"(,"edges":[)" +
                               edges + R"(],"directed":)" + (directed ? "true" : "false") + "}}")
                       .g;

    ASSERT_EQ(g.row_offsets.size, nodes + 1u);
    for (std::uint32_t v = 0; v < nodes; ++v) {
      const auto found = g.neighbours(v);
      EXPECT_EQ((std::vector<std::uint32_t>{found.begin(), found.end()}), expected[v]);
    }
  }
}

}  // namespace
}  // namespace kernd
