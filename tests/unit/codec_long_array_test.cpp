// Long arrays are looked into before they are read: their commas are counted, and an object is not
// searched beyond one that ends it. What comes out must be the same as for short ones.

#include "codec_probe.hpp"

#include <boost/describe/enum.hpp>

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

TEST_F(LongArrayTest, RefusesASecondOne) {
  const std::string refusal = probe.refusal(R"({"data":)" + ones() + R"(,"data":)" + ones() + "}");

  EXPECT_NE(refusal.find("/input/data"), std::string::npos);
}

}  // namespace
}  // namespace kernd::test
