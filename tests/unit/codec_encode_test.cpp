#include "unit/codec_probe.hpp"

#include <boost/describe/enum.hpp>

#include <cmath>
#include <limits>

namespace kernd {
namespace {

enum class verdict : std::int16_t { guilty = -300, innocent = 300 };
BOOST_DESCRIBE_ENUM(verdict, guilty, innocent)

struct report {
  float loss = 0;
  std::optional<double> p;
  verdict outcome = verdict::innocent;
  text note;
  array<double> values;
  array<bool> flags;
};
BOOST_DESCRIBE_STRUCT(report, (), (loss, p, outcome, note, values, flags))

struct EncodeTest : ::testing::Test {
  test::codec_probe<report> probe;

  std::string refusal(const report& value) {
    const auto encoded = probe.encode(value);
    return encoded ? "accepted" : encoded.error().message;
  }
};

TEST_F(EncodeTest, LeavesAbsentOptionalsOut) {
  EXPECT_EQ(probe.print({}), R"({"loss":0,"outcome":"innocent","note":"","values":[],"flags":[]})");
  report value;
  value.p = 0.05;
  EXPECT_EQ(probe.print(value),
            R"({"loss":0,"p":0.05,"outcome":"innocent","note":"","values":[],"flags":[]})");
}

TEST_F(EncodeTest, WritesTheShortestNumbersThatReadBack) {
  double values[] = {
      0.1, -0.0, 1e21, 1e-7, 123456789, 0.30000000000000004, 5e-324, 1.7976931348623157e308};
  report value;
  value.loss = 0.1F;
  value.values = {values, std::size(values)};
  EXPECT_EQ(probe.print(value),
            R"({"loss":0.1,"outcome":"innocent","note":"","values":[0.1,-0,1e+21,1e-07,123456789,)"
            R"(0.30000000000000004,5e-324,1.7976931348623157e+308],"flags":[]})");
}

TEST_F(EncodeTest, RefusesWhatIsNotFiniteWithItsPointer) {
  report value;
  value.loss = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(refusal(value), "/loss: finite number expected, found NaN");
  value = {};
  value.p = std::numeric_limits<double>::infinity();
  EXPECT_EQ(refusal(value), "/p: finite number expected, found an infinity");
  std::vector<double> values(2000, 1.0);
  values[1700] = -std::numeric_limits<double>::infinity();
  value = {};
  value.values = {values.data(), values.size()};
  EXPECT_EQ(refusal(value), "/values/1700: finite number expected, found an infinity");
  EXPECT_EQ(probe.encode(value).error().code, errc::non_finite_output);
}

TEST_F(EncodeTest, WritesEnumeratorsByName) {
  report value;
  value.outcome = verdict::guilty;
  EXPECT_NE(probe.print(value).find(R"("outcome":"guilty")"), std::string::npos);
}

TEST_F(EncodeTest, RefusesAnEnumThatHoldsNoEnumerator) {
  report value;
  value.outcome = static_cast<verdict>(7);

  const auto encoded = probe.encode(value);

  ASSERT_FALSE(encoded);
  EXPECT_EQ(encoded.error().code, errc::execution_failed);
  EXPECT_EQ(encoded.error().message, "/outcome: one of its names expected, found no such value");
}

TEST_F(EncodeTest, EscapesText) {
  const std::string raw = "q\" b\\ \n \x01 \x7f ü";
  report value;
  value.note = {raw.data(), raw.size()};
  EXPECT_NE(probe.print(value).find(R"("note":"q\" b\\ \n \u0001 )"), std::string::npos);
  EXPECT_EQ(probe.accept(probe.print(value)).note.view(), raw);
}

TEST_F(EncodeTest, ReplacesWhatIsNotUtf8) {
  report value;
  value.note = {"a\xff", 2};
  EXPECT_NE(probe.print(value).find("\"note\":\"a\xEF\xBF\xBD\""), std::string::npos);
}

TEST_F(EncodeTest, ChargesEveryByteToTheJob) {
  std::vector<char> bytes(10'000, 1);
  report value;
  value.flags = {reinterpret_cast<bool*>(bytes.data()), bytes.size()};

  const auto encoded = probe.encode(value);

  ASSERT_TRUE(encoded);
  const std::size_t size = encoded->size();
  EXPECT_TRUE(probe.encode(value, size));
  EXPECT_THROW(static_cast<void>(probe.encode(value, size - 1)), memory_limit_error);
}

TEST_F(EncodeTest, ChargesNumbersToTheJob) {
  std::vector<double> values(10'000, 0.1);
  report value;
  value.values = {values.data(), values.size()};

  const auto encoded = probe.encode(value);

  ASSERT_TRUE(encoded);
  EXPECT_TRUE(probe.encode(value, encoded->size()));
  EXPECT_THROW(static_cast<void>(probe.encode(value, encoded->size() - 1)), memory_limit_error);
}

TEST_F(EncodeTest, AppendsToWhatIsThere) {
  text_buffer out{"output: "};
  arena memory{1 << 16};
  const report value;

  ASSERT_TRUE(probe.coder().encode(&value, out, memory));

  EXPECT_EQ(out.view().substr(0, 16), "output: {\"loss\":");
}

struct outer {
  array<report> reports;
};
BOOST_DESCRIBE_STRUCT(outer, (), (reports))

TEST(EncodeNestedTest, PointsThroughArraysOfStructs) {
  test::codec_probe<outer> probe;
  report reports[3];
  reports[2].loss = std::numeric_limits<float>::infinity();

  const auto encoded = probe.encode({{reports, 3}});

  ASSERT_FALSE(encoded);
  EXPECT_EQ(encoded.error().message, "/reports/2/loss: finite number expected, found an infinity");
}

struct nothing {};
BOOST_DESCRIBE_STRUCT(nothing, (), ())

TEST(EncodeNestedTest, WritesAStructWithoutMembers) {
  test::codec_probe<nothing> probe;
  EXPECT_EQ(probe.print(probe.accept("{}")), "{}");
}

struct graph_report {
  csr_graph g;
};
BOOST_DESCRIBE_STRUCT(graph_report, (), (g))

TEST(EncodeGraphTest, PointsAtAWeightThatIsNotFinite) {
  test::codec_probe<graph_report> probe;
  std::uint64_t offsets[] = {0, 1};
  std::uint32_t column = 0;
  float weight = std::numeric_limits<float>::quiet_NaN();

  const auto encoded = probe.encode({{1, {offsets, 2}, {&column, 1}, {&weight, 1}}});

  ASSERT_FALSE(encoded);
  EXPECT_EQ(encoded.error().message, "/g/weights/0: finite number expected, found NaN");
}

}  // namespace
}  // namespace kernd
