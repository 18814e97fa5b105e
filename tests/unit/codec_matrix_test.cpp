#include "unit/codec_probe.hpp"

namespace kernd {
namespace {

template <class T>
struct grid {
  matrix<T> m;

  BOOST_DESCRIBE_CLASS(grid, (), (m), (), ())
};

struct MatrixTest : ::testing::Test {
  test::codec_probe<grid<std::int32_t>> probe;

  std::string print(std::string_view matrix) {
    return probe.print(probe.accept(R"({"m":)" + std::string{matrix} + "}"));
  }
  std::string refuse(std::string_view matrix) {
    return probe.refusal(R"({"m":)" + std::string{matrix} + "}");
  }
};

TEST_F(MatrixTest, ReadsNestedRows) {
  const auto m = probe.accept(R"({"m":[[1,2,3],[4,5,6]]})").m;

  EXPECT_EQ(m.rows, 2u);
  EXPECT_EQ(m.cols, 3u);
  EXPECT_EQ(m(1, 0), 4);
}

TEST_F(MatrixTest, ReadsShapeAndDataInAnyOrder) {
  EXPECT_EQ(print(R"({"shape":[2,3],"data":[1,2,3,4,5,6]})"), R"({"m":[[1,2,3],[4,5,6]]})");
  EXPECT_EQ(print(R"({"data":[1,2,3,4,5,6],"sh\u0061pe":[3,2]})"), R"({"m":[[1,2],[3,4],[5,6]]})");
}

TEST_F(MatrixTest, MayBeEmpty) {
  EXPECT_EQ(print("[]"), R"({"m":[]})");
  EXPECT_EQ(print("[[],[]]"), R"({"m":[[],[]]})");
  EXPECT_EQ(print(R"({"shape":[0,0],"data":[]})"), R"({"m":[]})");
  EXPECT_EQ(print(R"({"shape":[2,0],"data":[]})"), R"({"m":[[],[]]})");
  EXPECT_EQ(probe.accept(R"({"m":{"shape":[0,1048576],"data":[]}})").m.cols, 1048576u);
}

TEST_F(MatrixTest, RefusesEmptyShapesThatNothingPaysFor) {
  EXPECT_EQ(refuse(R"({"shape":[9223372036854775807,0],"data":[]})"),
            "/input/m/shape/0: at most 1048576 beside 0 expected, found 9223372036854775807");
  EXPECT_EQ(refuse(R"({"shape":[0,1048577],"data":[]})"),
            "/input/m/shape/1: at most 1048576 beside 0 expected, found 1048577");
}

TEST_F(MatrixTest, RefusesRaggedRows) {
  EXPECT_EQ(refuse("[[1,2],[3]]"), "/input/m/1: row of 2 numbers, as the first expected, found 1");
  EXPECT_EQ(refuse("[[1,2],[3,4,5]]"),
            "/input/m/1: row of 2 numbers, as the first expected, found 3");
  EXPECT_EQ(refuse("[[],[1]]"), "/input/m/1: row of 0 numbers, as the first expected, found 1");
}

TEST_F(MatrixTest, RefusesWhatIsNoMatrix) {
  EXPECT_EQ(refuse("null"),
            "/input/m: rows of numbers, or an object with shape and data expected, found null");
  EXPECT_EQ(refuse("\"x\""),
            "/input/m: rows of numbers, or an object with shape and data expected, found \"x\"");
  EXPECT_EQ(refuse("[1,2]"), "/input/m/0: array expected, found 1");
  EXPECT_EQ(refuse("[[1],null]"), "/input/m/1: array expected, found null");
  EXPECT_EQ(refuse("[[1],[1.5]]"),
            "/input/m/1/0: integer (i32, -2147483648 to 2147483647) expected, found 1.5");
  EXPECT_EQ(refuse("[[NaN]]"), "/input/m/0/0: integer expected, found NaN");
}

TEST_F(MatrixTest, RefusesShapesThatDoNotFitTheirData) {
  EXPECT_EQ(refuse(R"({"shape":[2,2],"data":[1,2,3]})"),
            "/input/m/data: 2 × 2 numbers expected, found 3");
  EXPECT_EQ(refuse(R"({"shape":[4294967296,4294967296],"data":[]})"),
            "/input/m/data: 4294967296 × 4294967296 numbers expected, found 0");
  EXPECT_EQ(refuse(R"({"shape":[18446744073709551615,18446744073709551615],"data":[1]})"),
            "/input/m/data: 18446744073709551615 × 18446744073709551615 numbers expected, found 1");
  EXPECT_EQ(refuse(R"({"shape":[0,0],"data":[1]})"),
            "/input/m/data: 0 × 0 numbers expected, found 1");
}

TEST_F(MatrixTest, RefusesShapesThatAreNone) {
  EXPECT_EQ(refuse(R"({"shape":[1],"data":[1]})"),
            "/input/m/shape: 2 dimensions expected, found 1");
  EXPECT_EQ(refuse(R"({"shape":[1,1,1],"data":[1]})"),
            "/input/m/shape: 2 dimensions expected, found 3");
  EXPECT_EQ(refuse(R"({"shape":[-1,1],"data":[1]})"),
            "/input/m/shape/0: integer (u64, 0 to 18446744073709551615) expected, found -1");
  EXPECT_EQ(refuse(R"({"shape":"2x2","data":[1]})"),
            "/input/m/shape: array expected, found \"2x2\"");
}

TEST_F(MatrixTest, HoldsItsObjectToTheRulesOfObjects) {
  EXPECT_EQ(refuse("{}"), "/input/m/shape: a value expected, found nothing");
  EXPECT_EQ(refuse(R"({"shape":[1,1]})"), "/input/m/data: a value expected, found nothing");
  EXPECT_EQ(refuse(R"({"shape":[1,1],"data":[1],"order":"C"})"),
            "/input/m/order: one of the members shape, data expected, found that name");
  EXPECT_EQ(refuse(R"({"shape":[1,1],"data":[1],"data":[1]})"),
            "/input/m/data: one member of that name expected, found a second one");
}

TEST_F(MatrixTest, RefusesMoreThanTheJobsMemory) {
  std::string wide = "[[0";
  for (int i = 1; i < 3000; ++i) wide += ",0";
  wide += "]";
  for (int i = 1; i < 3000; ++i) wide += ",[]";
  EXPECT_THROW(refuse(wide + "]"), memory_limit_error);
}

TEST(MatrixEncodeTest, NamesRowAndColumnOfWhatIsNotFinite) {
  test::codec_probe<grid<float>> probe;
  float cells[] = {1, 2, 3, -1.0F / 0.0F};

  const auto encoded = probe.encode({{cells, 2, 2}});

  ASSERT_FALSE(encoded);
  EXPECT_EQ(encoded.error().code, errc::non_finite_output);
  EXPECT_EQ(encoded.error().message, "/m/1/1: finite number expected, found an infinity");
}

}  // namespace
}  // namespace kernd
