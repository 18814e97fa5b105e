#include "kernd/payload_bytes.hpp"

#include <boost/describe/class.hpp>
#include <gtest/gtest.h>

#include <array>
#include <optional>

namespace kernd::test {
namespace {

struct inner {
  std::uint32_t id = 0;
  array<double> values;
};
BOOST_DESCRIBE_STRUCT(inner, (), (id, values))

struct outer {
  float scale = 1;
  array<float> x;
  numbers any;
  matrix<float> table;
  csr_graph graph;
  text name;
  std::optional<array<float>> maybe;
  array<inner> rows;
};
BOOST_DESCRIBE_STRUCT(outer, (), (scale, x, any, table, graph, name, maybe, rows))

std::size_t beyond_the_struct(const outer& value) {
  return payload_bytes(describe<outer>(), &value) - sizeof(outer);
}

TEST(PayloadBytesTest, OfAnEmptyValueAreThoseOfItsStruct) {
  EXPECT_EQ(beyond_the_struct({}), 0u);
}

TEST(PayloadBytesTest, CountElementsByTheirType) {
  outer value;
  value.x.size = 3;
  EXPECT_EQ(beyond_the_struct(value), 12u);
  value.any = {nullptr, 5, dtype::f64};
  EXPECT_EQ(beyond_the_struct(value), 12u + 40);
}

TEST(PayloadBytesTest, CountMatricesGraphsAndTexts) {
  outer value;
  value.table = {nullptr, 2, 3};
  EXPECT_EQ(beyond_the_struct(value), 24u);
  value.name.size = 7;
  EXPECT_EQ(beyond_the_struct(value), 24u + 7);
  value.graph.row_offsets.size = 3;
  value.graph.col_indices.size = 4;
  value.graph.weights.size = 4;
  EXPECT_EQ(beyond_the_struct(value), 24u + 7 + 24 + 16 + 16);
}

TEST(PayloadBytesTest, CountWhatAnOptionalHolds) {
  outer value;
  value.maybe = array<float>{nullptr, 6};
  EXPECT_EQ(beyond_the_struct(value), 24u);
}

TEST(PayloadBytesTest, CountStructsInArraysAndWhatTheyShow) {
  std::array<inner, 2> rows{};
  rows[1].values.size = 4;
  outer value;
  value.rows = {rows.data(), rows.size()};
  EXPECT_EQ(beyond_the_struct(value), 2 * sizeof(inner) + 32);
}

}  // namespace
}  // namespace kernd::test
