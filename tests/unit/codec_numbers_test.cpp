#include "tests/support/random_words.hpp"
#include "unit/codec_probe.hpp"

#include <cmath>
#include <cstdint>
#include <limits>

namespace kernd {
namespace {

template <class T>
struct list {
  array<T> x;

  BOOST_DESCRIBE_CLASS(list, (), (x), (), ())
};

template <class T>
struct NumbersTest : ::testing::Test {
  test::codec_probe<list<T>> probe;

  T read(const std::string& text) {
    const auto decoded = probe.accept(R"({"x":[)" + text + "]}");
    return decoded.x.size == 1 ? decoded.x[0] : T{};
  }
  std::string refuse(const std::string& text) { return probe.refusal(R"({"x":[1,)" + text + "]}"); }
};

template <class T>
struct IntegerTest : NumbersTest<T> {};
using integers =
    ::testing::Types<std::int32_t, std::int64_t, std::uint32_t, std::uint64_t, std::uint8_t>;
TYPED_TEST_SUITE(IntegerTest, integers);

std::string one_above(std::string digits) {  // of a decimal that does not end in 9
  ++digits.back();
  return digits;
}

TYPED_TEST(IntegerTest, HoldsItsBounds) {
  using limits = std::numeric_limits<TypeParam>;
  EXPECT_EQ(this->read(std::to_string(limits::max())), limits::max());
  EXPECT_EQ(this->read(std::to_string(limits::min())), limits::min());
  EXPECT_EQ(this->read("0"), TypeParam{0});
}

TYPED_TEST(IntegerTest, RefusesOnePastItsBounds) {
  using limits = std::numeric_limits<TypeParam>;
  const std::string name{describe<dtype>().enumerators[static_cast<int>(dtype_of<TypeParam>)].name};
  const std::string range =
      std::to_string(limits::min()) + " to " + std::to_string(limits::max()) + ")";
  const std::string expected = "/input/x/1: integer (" + name + ", " + range + " expected, found ";
  const std::string above = one_above(std::to_string(limits::max()));
  const std::string below =
      limits::is_signed ? one_above(std::to_string(limits::min())) : std::string{"-1"};

  EXPECT_EQ(this->refuse(above), expected + above);
  EXPECT_EQ(this->refuse(below), expected + below);
  EXPECT_EQ(this->probe.code(), errc::invalid_input);
}

TYPED_TEST(IntegerTest, RefusesFractionsExponentsAndHugeNumbers) {
  for (const std::string text : {"1.5", "1.0", "1e2", "1E0", "123456789012345678901234567890",
                                 "-123456789012345678901234567890", "1e999"}) {
    const std::string message = this->refuse(text);
    EXPECT_EQ(message.find("/input/x/1: integer ("), 0u) << message;
    EXPECT_NE(message.find("expected, found " + text), std::string::npos) << message;
  }
}

TYPED_TEST(IntegerTest, RefusesWhatIsNoNumber) {
  EXPECT_EQ(this->refuse("\"1\""), "/input/x/1: integer expected, found \"1\"");
  EXPECT_EQ(this->refuse("null"), "/input/x/1: integer expected, found null");
  EXPECT_EQ(this->refuse("true"), "/input/x/1: integer expected, found true");
  EXPECT_EQ(this->refuse("NaN"), "/input/x/1: integer expected, found NaN");
  EXPECT_EQ(this->refuse("[1]"), "/input/x/1: integer expected, found an array");
  EXPECT_EQ(this->refuse("{}"), "/input/x/1: integer expected, found an object");
}

TYPED_TEST(IntegerTest, ComesBackBitExact) {
  test::random_words random;
  std::vector<TypeParam> values(5'000);
  for (auto& v : values) v = static_cast<TypeParam>(random() >> random() % 64);

  const auto text = this->probe.encode({{values.data(), values.size()}});
  const auto back = this->probe.accept(*text).x;

  ASSERT_EQ(back.size, values.size());
  EXPECT_TRUE(std::equal(back.begin(), back.end(), values.begin()));
}

template <class T>
struct FloatTest : NumbersTest<T> {
  static T nearest(const std::string& text) {
    if constexpr (sizeof(T) == 4) return std::strtof(text.c_str(), nullptr);
    return static_cast<T>(std::strtod(text.c_str(), nullptr));
  }

  /// The bits must be those that the C library reads; a text beyond the range must be refused.
  void expect_nearest(const std::string& text) {
    const T expected = nearest(text);
    if (std::isinf(expected)) {
      const std::string message = refuse_quietly(text);
      ASSERT_EQ(message.find("/input/x/1: number in the range of f"), 0u) << text << "\n"
                                                                          << message;
      return;
    }
    const auto decoded = this->probe.decode(R"({"x":[)" + text + "]}");
    ASSERT_TRUE(decoded) << text << "\n" << decoded.error().message;
    ASSERT_EQ(std::memcmp(decoded->x.data, &expected, sizeof expected), 0)
        << text << " read as " << decoded->x[0] << ", nearest is " << expected;
  }

  std::string refuse_quietly(const std::string& text) {
    const auto decoded = this->probe.decode(R"({"x":[1,)" + text + "]}");
    return decoded ? "accepted" : decoded.error().message;
  }
};
using floats = ::testing::Types<float, double>;
TYPED_TEST_SUITE(FloatTest, floats);

TYPED_TEST(FloatTest, ReadsWhatTheCLibraryReads) {
  for (const char* text : {"0",
                           "-0",
                           "0.0",
                           "-0.0",
                           "0e10",
                           "-0e-10",
                           "0e999999999",
                           "1",
                           "1e2",
                           "1E+2",
                           "1e-2",
                           "0.1",
                           "-1.5e3",
                           "123456789012345678901234567890",
                           "0.000000000000000000000000000001",
                           "1.7976931348623157e308",
                           "3.4028235e38",
                           "3.4028235677973362e38",
                           "2.2250738585072014e-308",
                           "1.1754943508222875e-38",
                           "1.1754942807573643e-38",
                           "1.4e-45",
                           "7.0064923216240854e-46",
                           "7.0064923216240853e-46",
                           "7.0064923216240862e-46",
                           "5e-324",
                           "2.4703282292062327e-324",
                           "2.4703282292062328e-324",
                           "1e-400",
                           "-1e-400",
                           "1e-99999999",
                           "9007199254740993",
                           "16777217",
                           "16777217.0000000000000000000001",
                           "16777219"}) {
    this->expect_nearest(text);
  }
}

TYPED_TEST(FloatTest, RefusesOverflow) {
  for (const char* text : {"1e309", "-1e309", "1e99999999999999999999", "1.7976931348623159e308"}) {
    EXPECT_EQ(this->refuse(text), std::string{"/input/x/1: number in the range of f"} +
                                      (sizeof(TypeParam) == 4 ? "32" : "64") + " expected, found " +
                                      text);
    EXPECT_EQ(this->probe.code(), errc::invalid_input);
  }
  const std::string digits(400, '9');
  EXPECT_NE(this->refuse(digits).find("number in the range of"), std::string::npos);
}

TYPED_TEST(FloatTest, RefusesLiteralsThatAreNotFinite) {
  for (const std::string text : {"NaN", "nan", "Infinity", "-Infinity", "inf", "-inf", "-NaN"}) {
    EXPECT_EQ(this->refuse(text), "/input/x/1: number expected, found " + text);
    EXPECT_EQ(this->probe.code(), errc::invalid_input);
  }
}

TYPED_TEST(FloatTest, RefusesWhatTheGrammarRefuses) {
  for (const char* text : {"01", "-01", "1.", ".5", "+1", "1e", "1e+", "-", "--1", "0x10", "1_000",
                           "1.5.2", "1e5.2", "1a", "- 1"}) {
    this->refuse(text);
    EXPECT_EQ(this->probe.code(), errc::invalid_json) << text;
  }
}

/// Random decimals of every length and magnitude, with exponents around the edges of both types.
TYPED_TEST(FloatTest, RoundsRandomDecimalsOnce) {
  test::random_words random;
  for (int round = 0; round < 10'000; ++round) {
    std::string text = random() % 2 == 0 ? "-" : "";
    text += static_cast<char>('1' + random() % 9);
    const auto digits = random() % (round % 100 == 0 ? 800 : 25);
    if (digits > 0) text += '.';
    for (std::size_t i = 0; i < digits; ++i) text += static_cast<char>('0' + random() % 10);
    const int spread = round % 3 == 0 ? 330 : 50;
    text += 'e' + std::to_string(static_cast<int>(random() % (2 * spread)) - spread);
    this->expect_nearest(text);
    if (this->HasFatalFailure()) return;
  }
}

/// Exact halves between two neighbouring f32, one digit more and one digit less.
TYPED_TEST(FloatTest, RoundsHalvesOfF32Once) {
  test::random_words random;
  for (int round = 0; round < 10'000; ++round) {
    const auto bits = static_cast<std::uint32_t>(random() % 0x7F800000);
    float low = 0;
    std::memcpy(&low, &bits, sizeof low);
    const double high = bits == 0x7F7FFFFF ? 0x1p128 : double{std::nextafterf(low, INFINITY)};
    char exact[512];  // every digit of the half, as many as it has
    std::snprintf(exact, sizeof exact, "%.200e", double{low} / 2 + high / 2);
    std::string digits{exact};
    const auto e = digits.find('e');
    const std::string power = digits.substr(e);
    digits.resize(e);

    this->expect_nearest(digits + power);
    this->expect_nearest(digits + "00000001" + power);
    const auto last = digits.find_last_not_of("0.");
    --digits[last];
    this->expect_nearest(digits + "99999999" + power);
    if (this->HasFatalFailure()) return;
  }
}

TYPED_TEST(FloatTest, ComesBackBitExact) {
  using bits_type = std::conditional_t<sizeof(TypeParam) == 4, std::uint32_t, std::uint64_t>;
  test::random_words random;
  using limits = std::numeric_limits<TypeParam>;
  std::vector<TypeParam> values = {0,
                                   TypeParam(-0.0),
                                   limits::denorm_min(),
                                   -limits::denorm_min(),
                                   limits::min(),
                                   limits::max(),
                                   limits::lowest(),
                                   limits::epsilon(),
                                   std::nextafter(limits::min(), TypeParam{0})};
  while (values.size() < 5'000) {
    const auto bits = static_cast<bits_type>(random());
    TypeParam value = 0;
    std::memcpy(&value, &bits, sizeof value);
    if (std::isfinite(value)) values.push_back(value);
  }

  const auto text = this->probe.encode({{values.data(), values.size()}});
  const auto back = this->probe.accept(*text).x;

  ASSERT_EQ(back.size, values.size());
  EXPECT_EQ(std::memcmp(back.data, values.data(), values.size() * sizeof(TypeParam)), 0);
}

TEST(SmallestF32Test, KeepsSubnormalsThatRoundUpFromTheText) {
  test::codec_probe<list<float>> probe;
  const auto x = probe.accept(R"({"x":[7.0064923216240853e-46,7.0064923216240862e-46]})").x;

  ASSERT_EQ(x.size, 2u);
  EXPECT_EQ(x[0], 0.0F);
  EXPECT_EQ(x[1], std::numeric_limits<float>::denorm_min());
}

TEST(NumberListTest, AcceptsAnEmptyList) {
  test::codec_probe<list<float>> probe;
  EXPECT_EQ(probe.accept(R"({"x":[ ]})").x.size, 0u);
}

TEST(NumberListTest, RefusesWhatIsNoList) {
  test::codec_probe<list<float>> probe;
  EXPECT_EQ(probe.refusal(R"({"x":1})"), "/input/x: array expected, found 1");
  EXPECT_EQ(probe.refusal(R"({"x":null})"), "/input/x: array expected, found null");
  EXPECT_EQ(probe.refusal(R"({"x":{"0":1}})"), "/input/x: array expected, found an object");
  EXPECT_EQ(probe.refusal(R"({"x":[1,[2],3]})"), "/input/x/1: number expected, found an array");
}

TEST(NumberListTest, ShortensLongTokensAtWholeCharacters) {
  test::codec_probe<list<float>> probe;
  std::string text = "\"";
  for (int i = 0; i < 30; ++i) text += "é";

  EXPECT_EQ(probe.refusal(R"({"x":[)" + text + "\"]}"),
            "/input/x/0: number expected, found " + text.substr(0, 39) + "…");
}

}  // namespace
}  // namespace kernd
