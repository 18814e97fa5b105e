// Long arrays are read and printed in pieces on all cores. What comes out must be the same as for
// short ones.

#include "codec_probe.hpp"

#include <boost/describe/enum.hpp>

#include <limits>
#include <vector>

namespace kernd::test {
namespace {

constexpr std::size_t count = 40'000;  // beyond 64 KiB of text

enum class typed_choice : std::uint8_t { f32, i32, u8 };
BOOST_DESCRIBE_ENUM(typed_choice, f32, i32, u8)

struct typed_input {
  numbers data;
  typed_choice dtype = typed_choice::f32;
  std::optional<float> extra;
};
BOOST_DESCRIBE_STRUCT(typed_input, (), (data, dtype, extra))

std::string ones(const std::string& separator = ",", const std::string& last = "1") {
  std::string text = "[";
  for (std::size_t i = 1; i < count; ++i) text += "1" + separator;
  return text + last + "]";
}

struct LongArrayTest : ::testing::Test {
  codec_probe<typed_input> probe;
};

TEST_F(LongArrayTest, IsReadAsAWhole) {
  const typed_input in = probe.accept(R"({"data":)" + ones(",", "2.5") + "}");

  ASSERT_EQ(in.data.size, count);
  EXPECT_EQ(in.data.as<float>()[0], 1);
  EXPECT_EQ(in.data.as<float>()[count - 1], 2.5f);
}

TEST_F(LongArrayTest, MayBeSpacedOut) {
  EXPECT_EQ(probe.accept("{ \"data\" : " + ones(" ,\n\t") + " \r\n }").data.size, count);
}

TEST_F(LongArrayTest, TakesATypeThatComesBehindIt) {
  const typed_input in = probe.accept(R"({"data":)" + ones() + R"( , "dtype":"i32"})");

  ASSERT_EQ(in.data.type, dtype::i32);
  EXPECT_EQ(in.data.size, count);
}

TEST_F(LongArrayTest, TakesATypeThatComesBehindAnotherMember) {
  const typed_input in = probe.accept(R"({"data":)" + ones() + R"(,"extra":1,"dtype":"u8"})");

  EXPECT_EQ(in.data.type, dtype::u8);
  EXPECT_EQ(in.extra, 1.0f);
}

TEST_F(LongArrayTest, NamesTheElementThatIsRefused) {
  const std::string last = "/input/data/" + std::to_string(count - 1);
  for (const std::string bad :
       {"\"a\"", "\",,,\"", "\"]}\"", "[1,2]", "{}", "null", "NaN", "1e39"}) {
    EXPECT_NE(probe.refusal(R"({"data":)" + ones(",", bad) + "}").find(last), std::string::npos)
        << bad;
  }
}

TEST_F(LongArrayTest, NamesTheElementOfItsTypeThatIsRefused) {
  const std::string refusal = probe.refusal(R"({"data":)" + ones(",", "300") + R"(,"dtype":"u8"})");

  EXPECT_NE(refusal.find("u8"), std::string::npos) << refusal;
}

TEST_F(LongArrayTest, IsNoJsonWithMissingOrDoubledCommas) {
  for (const std::string bad : {",1", "1,", "1 1", ","}) {
    EXPECT_NE(probe.refusal(R"({"data":)" + ones(",", bad) + "}").find("offset"), std::string::npos)
        << bad;
  }
}

TEST_F(LongArrayTest, IsNoJsonWithoutItsEnd) {
  std::string open = ones();
  open.pop_back();

  EXPECT_NE(probe.refusal(R"({"data":)" + open + "}").find("offset"), std::string::npos);
}

TEST_F(LongArrayTest, BlankTextBeforeALongDocumentIsAnEmptyArray) {
  const std::string blank(100'000, ' ');

  const typed_input in = probe.accept(R"({"data":[)" + blank + R"(],"dtype":"i32"})");

  EXPECT_EQ(in.data.size, 0u);
  EXPECT_EQ(in.data.type, dtype::i32);
}

TEST_F(LongArrayTest, GivesEveryNumberItsPlace) {
  std::string text = "[0";
  for (std::size_t i = 1; i < count; ++i) text += "," + std::to_string(i);

  const typed_input in = probe.accept(R"({"data":)" + text + R"(],"dtype":"i32"})");

  ASSERT_EQ(in.data.size, count);
  for (std::size_t i = 0; i < count; ++i) {
    ASSERT_EQ(in.data.as<std::int32_t>()[i], static_cast<std::int32_t>(i));
  }
}

TEST_F(LongArrayTest, NamesWhatIsWrongElsewhere) {
  EXPECT_NE(
      probe.refusal(R"({"data":)" + ones() + R"(,"extra":[)" + std::string(100'000, ' ') + "]}")
          .find("/input/extra: number expected, found an array"),
      std::string::npos);
  EXPECT_NE(probe.refusal(R"({"data":)" + ones() + R"(,"extra":"a"})").find("/input/extra"),
            std::string::npos);
}

TEST_F(LongArrayTest, IsPrintedInOrder) {
  std::vector<float> values(300'000);
  std::string expected = R"({"data":[)";
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<float>(i % 1000) * 0.5f;
    expected += std::to_string(i % 1000 / 2) + (i % 2 == 0 ? "," : ".5,");
  }
  expected.back() = ']';
  typed_input in;
  in.data = {values.data(), values.size(), dtype::f32};

  const auto printed = probe.encode(in, 10'000'000);

  ASSERT_TRUE(printed);
  EXPECT_TRUE(*printed == expected + R"(,"dtype":"f32"})");
}

TEST_F(LongArrayTest, NamesTheFirstElementThatIsNotFinite) {
  std::vector<float> values(300'000, 1.0f);
  values[250'000] = values[200'000] = std::numeric_limits<float>::infinity();
  typed_input in;
  in.data = {values.data(), values.size(), dtype::f32};

  const auto printed = probe.encode(in, 10'000'000);

  ASSERT_FALSE(printed);
  EXPECT_NE(printed.error().message.find("/data/200000"), std::string::npos);
}

TEST_F(LongArrayTest, IsChargedToTheJob) {
  std::vector<float> values(300'000, 1.0f);
  typed_input in;
  in.data = {values.data(), values.size(), dtype::f32};

  EXPECT_THROW(static_cast<void>(probe.encode(in, 599'999)), memory_limit_error);
}

struct wide_input {
  matrix<float> m;
};
BOOST_DESCRIBE_STRUCT(wide_input, (), (m))

TEST(LongRowTest, IsReadLikeAShortOne) {
  test::codec_probe<wide_input> probe;

  const wide_input in = probe.accept(R"({"m":[)" + ones() + "," + ones(" , ", "2") + "]}");

  ASSERT_EQ(in.m.rows, 2u);
  ASSERT_EQ(in.m.cols, count);
  EXPECT_EQ(in.m(1, count - 1), 2);
}

TEST(LongRowTest, IsAsLongAsTheFirst) {
  test::codec_probe<wide_input> probe;

  const std::string refusal = probe.refusal(R"({"m":[)" + ones() + "," + ones(",", "1,2") + "]}");

  EXPECT_NE(refusal.find("/input/m/1: row of 40000 numbers"), std::string::npos) << refusal;
}

TEST_F(LongArrayTest, RefusesASecondOne) {
  const std::string refusal = probe.refusal(R"({"data":)" + ones() + R"(,"data":)" + ones() + "}");

  EXPECT_NE(refusal.find("/input/data"), std::string::npos);
}

}  // namespace
}  // namespace kernd::test
