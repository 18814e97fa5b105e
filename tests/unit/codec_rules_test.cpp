#include "unit/codec_probe.hpp"

namespace kernd {
namespace {

struct ruled {
  float rate = 0.5F;
  double exact = 0;
  std::int64_t id = 0;
  array<float> weights;
  array<std::uint8_t> bytes;
  matrix<float> table;
  text name;
  array<array<float>> rows;
  array<text> words;
  std::optional<array<float>> extra;
};
BOOST_DESCRIBE_STRUCT(ruled, (), (rate, exact, id, weights, bytes, table, name, rows, words, extra))

struct RulesTest : ::testing::Test {
  test::codec_probe<ruled> probe{
      {field<&ruled::rate>{.doc = "d", .min = 0.1, .max = 0.7},
       field<&ruled::exact>{.doc = "d", .min = -0.1, .max = 0.1},
       field<&ruled::id>{.doc = "d", .max = 9007199254740992.0},
       field<&ruled::weights>{.doc = "d", .min = 0, .min_size = 1, .required = false},
       field<&ruled::bytes>{.doc = "d", .min = 2, .max = 250, .required = false},
       field<&ruled::table>{.doc = "d", .min = -1, .max = 1, .min_size = 2, .required = false},
       field<&ruled::name>{.doc = "d", .min_size = 2, .required = false},
       field<&ruled::rows>{.doc = "d", .max = 9, .min_size = 2, .required = false},
       field<&ruled::words>{.doc = "d", .min_size = 1, .required = false},
       field<&ruled::extra>{.doc = "d", .max = 1, .min_size = 1}}};
};

TEST_F(RulesTest, LetTheBoundsIn) {
  probe.accept(R"({"rate":0.1})");  // the nearest f32 lies above it
  probe.accept(R"({"rate":0.7})");  // and below this one
  probe.accept(R"({"exact":0.1})");
  probe.accept(R"({"exact":-0.1})");
  probe.accept(R"({"id":9007199254740992})");
  probe.accept(R"({"weights":[0,-0]})");
  probe.accept(R"({"bytes":[2,250]})");
  probe.accept(R"({"table":[[-1,1]]})");
}

TEST_F(RulesTest, RefuseOnePastABound) {
  EXPECT_EQ(probe.refusal(R"({"rate":0.099999994})"),
            "/input/rate: number ≥ 0.1 expected, found 0.099999994");
  EXPECT_EQ(probe.refusal(R"({"rate":0.70000005})"),
            "/input/rate: number ≤ 0.7 expected, found 0.70000005");
  EXPECT_EQ(probe.refusal(R"({"exact":0.10000000000000002})"),
            "/input/exact: number ≤ 0.1 expected, found 0.10000000000000002");
  EXPECT_EQ(probe.refusal(R"({"id":9007199254740993})"),
            "/input/id: number ≤ 9007199254740992 expected, found 9007199254740993");
  EXPECT_EQ(probe.code(), errc::invalid_input);
}

TEST_F(RulesTest, NameTheElement) {
  EXPECT_EQ(probe.refusal(R"({"weights":[1,-1e-45]})"),
            "/input/weights/1: number ≥ 0 expected, found -1e-45");
  EXPECT_EQ(probe.refusal(R"({"bytes":[1]})"), "/input/bytes/0: number ≥ 2 expected, found 1");
  EXPECT_EQ(probe.refusal(R"({"bytes":[9,251]})"),
            "/input/bytes/1: number ≤ 250 expected, found 251");
  EXPECT_EQ(probe.refusal(R"({"table":[[0,0],[0,2]]})"),
            "/input/table/1/1: number ≤ 1 expected, found 2");
  EXPECT_EQ(probe.refusal(R"({"table":{"shape":[2,1],"data":[0,-2]}})"),
            "/input/table/data/1: number ≥ -1 expected, found -2");
  EXPECT_EQ(probe.refusal(R"({"rows":[[1],[2,10]]})"),
            "/input/rows/1/1: number ≤ 9 expected, found 10");
  EXPECT_EQ(probe.refusal(R"({"extra":[2]})"), "/input/extra/0: number ≤ 1 expected, found 2");
}

TEST_F(RulesTest, CountElements) {
  EXPECT_EQ(probe.refusal(R"({"weights":[]})"),
            "/input/weights: at least 1 elements expected, found 0");
  EXPECT_EQ(probe.refusal(R"({"table":[[1]]})"),
            "/input/table: at least 2 elements expected, found 1");
  EXPECT_EQ(probe.refusal(R"({"table":{"shape":[0,5],"data":[]}})"),
            "/input/table: at least 2 elements expected, found 0");
  EXPECT_EQ(probe.refusal(R"({"words":[]})"),
            "/input/words: at least 1 elements expected, found 0");
  EXPECT_EQ(probe.refusal(R"({"extra":[]})"),
            "/input/extra: at least 1 elements expected, found 0");
}

TEST_F(RulesTest, CountOuterElementsOnly) {
  EXPECT_EQ(probe.refusal(R"({"rows":[[]]})"),
            "/input/rows: at least 2 elements expected, found 1");
  probe.accept(R"({"rows":[[],[]]})");
  probe.accept(R"({"words":[""]})");
}

TEST_F(RulesTest, CountCharactersNotBytes) {
  EXPECT_EQ(probe.refusal(R"({"name":"€"})"),
            "/input/name: at least 2 characters expected, found 1");
  probe.accept(R"({"name":"é€"})");
}

}  // namespace
}  // namespace kernd
