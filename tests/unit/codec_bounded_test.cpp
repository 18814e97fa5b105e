#include "kernd/bounded.hpp"
#include "unit/codec_probe.hpp"

#include <boost/describe/enum.hpp>
#include <nlohmann/json.hpp>

#include <cstring>
#include <string>

namespace kernd {
namespace {

enum class side : std::uint8_t { buy, sell };
BOOST_DESCRIBE_ENUM(side, buy, sell)

struct level {
  std::int64_t price = 0;
  std::uint64_t quantity = 0;
};
BOOST_DESCRIBE_STRUCT(level, (), (price, quantity))

struct bounded_things {
  bounded_text<8> name;
  bounded_array<std::uint32_t, 3> numbers;
  bounded_array<side, 4> sides;
  bounded_array<level, 2> levels;
  bounded_array<bounded_text<4>, 2> words;
};
BOOST_DESCRIBE_STRUCT(bounded_things, (), (name, numbers, sides, levels, words))

static_assert(std::is_trivially_copyable_v<bounded_things>);
static_assert(sizeof(bounded_text<8>) == 12 && alignof(bounded_text<8>) == 4);
static_assert(sizeof(bounded_array<std::uint32_t, 3>) == 16);
static_assert(sizeof(bounded_array<level, 2>) == 40 && alignof(bounded_array<level, 2>) == 8);

struct padded {
  std::uint64_t wide = 0;
  std::uint32_t narrow = 0;
};
BOOST_DESCRIBE_STRUCT(padded, (), (wide, narrow))
struct pointing {
  array<float> far;
};
BOOST_DESCRIBE_STRUCT(pointing, (), (far))
struct forgetful {
  std::uint32_t named = 0;
  std::uint32_t forgotten = 0;
};
BOOST_DESCRIBE_STRUCT(forgetful, (), (named))
static_assert(detail::described_bytes<level>() == sizeof(level));
static_assert(detail::described_bytes<bounded_array<level, 2>>() == 40);
static_assert(detail::described_bytes<padded>() != sizeof(padded));
static_assert(detail::described_bytes<pointing>() != sizeof(pointing));
static_assert(detail::described_bytes<forgetful>() != sizeof(forgetful));
static_assert(detail::described_bytes<bounded_array<padded, 2>>() !=
              sizeof(bounded_array<padded, 2>));

constexpr const char* full =
    R"({"name":"12345678","numbers":[1,2,3],"sides":["buy","sell","buy","sell"],)"
    R"("levels":[{"price":-1,"quantity":2},{"price":3,"quantity":18446744073709551615}],)"
    R"("words":["abcd",""]})";
constexpr const char* empty = R"({"name":"","numbers":[],"sides":[],"levels":[],"words":[]})";

struct BoundedTest : ::testing::Test {
  test::codec_probe<bounded_things> probe;

  /// `empty` but for one member.
  static std::string with(const std::string& name, const std::string& value) {
    auto input = nlohmann::ordered_json::parse(empty);
    input[name] = nlohmann::ordered_json::parse(value);
    return input.dump();
  }
  std::string refuse(const std::string& name, const std::string& value) {
    const std::string message = probe.refusal(with(name, value));
    EXPECT_EQ(probe.code(), errc::invalid_input);
    return message;
  }
};

TEST_F(BoundedTest, ReadsBackWhatWasWritten) {
  EXPECT_EQ(probe.print(probe.accept(full)), full);
  EXPECT_EQ(probe.print(probe.accept(empty)), empty);
}

TEST_F(BoundedTest, FillsTheStruct) {
  const bounded_things read = probe.accept(full);

  EXPECT_EQ(read.name.view(), "12345678");
  EXPECT_EQ(read.numbers.size, 3u);
  EXPECT_EQ(read.numbers[2], 3u);
  EXPECT_EQ(read.sides[1], side::sell);
  EXPECT_EQ(read.levels[0].price, -1);
  EXPECT_EQ(read.words[0].view(), "abcd");
}

TEST_F(BoundedTest, LeavesZerosBehindTheEnd) {
  const bounded_things read = probe.accept(with("levels", R"([{"price":5,"quantity":6}])"));

  bounded_things expected;
  expected.levels.push_back({5, 6});
  EXPECT_EQ(std::memcmp(&read.levels, &expected.levels, sizeof read.levels), 0);
  EXPECT_EQ(std::memcmp(&read.name, &expected.name, sizeof read.name), 0);
}

TEST_F(BoundedTest, RefusesATextBeyondItsLimit) {
  EXPECT_EQ(refuse("name", R"("123456789")"), "/input/name: at most 8 bytes expected, found 9");
}

TEST_F(BoundedTest, CountsTheBytesOfATextAndNotItsCharacters) {
  EXPECT_EQ(probe.accept(with("name", R"("éééé")")).name.view(), "éééé");
  EXPECT_EQ(refuse("name", R"("ééééé")"), "/input/name: at most 8 bytes expected, found 10");
}

TEST_F(BoundedTest, RefusesMoreElementsThanItsLimit) {
  EXPECT_EQ(refuse("numbers", "[1,2,3,4]"), "/input/numbers: at most 3 elements expected, found 4");
  EXPECT_EQ(refuse("words", R"(["","",""])"), "/input/words: at most 2 elements expected, found 3");
}

TEST_F(BoundedTest, RefusesWhatIsNoTextAndNoArray) {
  EXPECT_EQ(refuse("name", "7"), "/input/name: string expected, found 7");
  EXPECT_EQ(refuse("numbers", "7"), "/input/numbers: array expected, found 7");
}

TEST_F(BoundedTest, SaysWhichElementIsWrong) {
  EXPECT_EQ(refuse("levels", R"([{},{"price":0.5}])"),
            "/input/levels/1/price: integer (i64, -9223372036854775808 to 9223372036854775807) "
            "expected, found 0.5");
  EXPECT_EQ(refuse("words", R"(["","abcde"])"),
            "/input/words/1: at most 4 bytes expected, found 5");
}

TEST_F(BoundedTest, HoldsElementsToTheRulesOfTheField) {
  test::codec_probe<bounded_things> strict{
      {field<&bounded_things::numbers>{.doc = "D.", .max = 5, .min_size = 1},
       field<&bounded_things::name>{.doc = "D.", .min_size = 2}}};
  std::string good = R"({"name":"ab","numbers":[5],"sides":[],"levels":[],"words":[]})";
  strict.accept(good);

  EXPECT_EQ(strict.refusal(good.replace(good.find("[5]"), 3, "[6]")),
            "/input/numbers/0: number ≤ 5 expected, found 6");
  EXPECT_EQ(strict.refusal(good.replace(good.find("[6]"), 3, "[]")),
            "/input/numbers: at least 1 elements expected, found 0");
  EXPECT_EQ(strict.refusal(good.replace(good.find("ab"), 2, "é")),
            "/input/name: at least 2 characters expected, found 1");
}

TEST_F(BoundedTest, IsRequiredUnlessTheFieldSaysOtherwise) {
  EXPECT_EQ(probe.refusal("{}"), "/input/name: a value expected, found nothing");
  test::codec_probe<bounded_things> lenient{
      {field<&bounded_things::name>{.doc = "D.", .required = false}}};
  EXPECT_EQ(lenient.accept(R"({"numbers":[],"sides":[],"levels":[],"words":[]})").name.size, 0u);
}

TEST_F(BoundedTest, RefusesToWriteASizeBeyondTheLimit) {
  bounded_things broken;
  broken.numbers.size = 4;
  const auto numbers = probe.encode(broken);
  broken = {};
  broken.name.size = 0xFFFFFFFF;
  const auto name = probe.encode(broken);

  ASSERT_FALSE(numbers);
  EXPECT_EQ(numbers.error().code, errc::execution_failed);
  EXPECT_EQ(numbers.error().message, "/numbers: at most 3 elements expected, found 4");
  ASSERT_FALSE(name);
  EXPECT_EQ(name.error().message, "/name: at most 8 bytes expected, found 4294967295");
}

TEST_F(BoundedTest, CountsWhatItWrites) {
  const bounded_things value = probe.accept(full);
  EXPECT_THROW(static_cast<void>(probe.encode(value, 10)), memory_limit_error);
}

TEST_F(BoundedTest, IsBoundedInTheSchema) {
  const auto schema = probe.coder().schema()["properties"];

  EXPECT_EQ(schema["name"]["maxLength"], 8);
  EXPECT_EQ(schema["name"]["x-max-bytes"], 8);
  EXPECT_EQ(schema["levels"]["maxItems"], 2);
  EXPECT_EQ(schema["levels"]["items"]["type"], "object");
  EXPECT_EQ(schema["numbers"]["items"]["type"], "integer");
}

TEST(BoundedArrayTest, TakesNoMoreThanItHolds) {
  bounded_array<std::uint32_t, 2> two;

  EXPECT_TRUE(two.push_back(7));
  EXPECT_TRUE(two.push_back(8));
  EXPECT_FALSE(two.push_back(9));

  EXPECT_EQ(two.size, 2u);
  EXPECT_EQ(two.end() - two.begin(), 2);
  EXPECT_EQ(two[1], 8u);
}

TEST(BoundedTextTest, HoldsALiteral) {
  const bounded_text<8> text{"full"};

  EXPECT_EQ(text.view(), "full");
  EXPECT_EQ(std::string(text.data + 4, 4), std::string(4, '\0'));
}

}  // namespace
}  // namespace kernd
