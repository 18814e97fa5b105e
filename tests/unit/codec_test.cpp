#include "kernd/codec.hpp"

#include "unit/codec_probe.hpp"

#include <boost/describe/enum.hpp>

#include <limits>
#include <stdexcept>

namespace kernd {
namespace {

/// Why the codec of T cannot be made with `rules`.
template <class T>
std::string fault(std::vector<field_info> rules) {
  test::document_all(describe<T>(), rules);
  try {
    codec made{describe<T>(), rules};
  } catch (const std::logic_error& e) {
    return e.what();
  }
  return "none";
}

struct scalars {
  float rate = 2;
  bool flag = false;
  text name;
  array<text> words;
  std::optional<array<float>> maybe;
};
BOOST_DESCRIBE_STRUCT(scalars, (), (rate, flag, name, words, maybe))

TEST(CodecTest, RefusesAMemberWithoutAnEntry) {
  const std::vector<field_info> fields = {field<&scalars::rate>{.doc = "Rate."}};
  EXPECT_THROW((codec{describe<scalars>(), fields}), std::logic_error);
}

TEST(CodecTest, RefusesAnEntryWithoutADoc) {
  EXPECT_EQ(fault<scalars>({field<&scalars::flag>{.doc = ""}}),
            "member 'flag' has no field entry with a doc in info()");
}

TEST(CodecTest, RefusesRulesThatNothingWouldEnforce) {
  EXPECT_EQ(fault<scalars>({field<&scalars::flag>{.doc = "d", .min = 0}}),
            "member 'flag' has a range but no numbers");
  EXPECT_EQ(fault<scalars>({field<&scalars::words>{.doc = "d", .max = 1}}),
            "member 'words' has a range but no numbers");
  EXPECT_EQ(fault<scalars>({field<&scalars::rate>{.doc = "d", .min_size = 1}}),
            "member 'rate' has min_size but no size");
  EXPECT_EQ(fault<scalars>({field<&scalars::maybe>{.doc = "d", .required = true}}),
            "member 'maybe' is optional and required");
  EXPECT_EQ(fault<scalars>({field<&scalars::maybe>{.doc = "d", .min = 0, .min_size = 1}}), "none");
}

TEST(CodecTest, RefusesADefaultThatItsOwnRulesRefuse) {
  const std::string message = "member 'rate' has a default that its own rules refuse";
  EXPECT_EQ(fault<scalars>({field<&scalars::rate>{.doc = "d", .min = 2.5}}), message);
  EXPECT_EQ(fault<scalars>({field<&scalars::rate>{.doc = "d", .max = 1}}), message);
  EXPECT_EQ(fault<scalars>({field<&scalars::rate>{.doc = "d", .min = 2, .max = 2}}), "none");
  EXPECT_EQ(fault<scalars>({field<&scalars::rate>{.doc = "d", .min = 3, .required = true}}),
            "none");
}

struct undefined_default {
  double x = std::numeric_limits<double>::quiet_NaN();
};
BOOST_DESCRIBE_STRUCT(undefined_default, (), (x))

TEST(CodecTest, RefusesADefaultThatIsNotFinite) {
  EXPECT_EQ(fault<undefined_default>({}), "member 'x' has a default that its own rules refuse");
}

struct holes {
  array<std::optional<float>> x;
};
BOOST_DESCRIBE_STRUCT(holes, (), (x))

TEST(CodecTest, RefusesOptionalElements) {
  EXPECT_EQ(fault<holes>({}), "member 'x' holds an optional inside an optional or array");
}

enum class strange : std::uint8_t { f32, f16 };
BOOST_DESCRIBE_ENUM(strange, f32, f16)

struct strange_dtype {
  numbers data;
  strange dtype{};
};
BOOST_DESCRIBE_STRUCT(strange_dtype, (), (data, dtype))

struct text_dtype {
  numbers data;
  text dtype;
};
BOOST_DESCRIBE_STRUCT(text_dtype, (), (data, dtype))

struct optional_numbers {
  std::optional<numbers> data;
};
BOOST_DESCRIBE_STRUCT(optional_numbers, (), (data))

TEST(CodecTest, RefusesNumbersWhoseTypeNothingNames) {
  EXPECT_EQ(fault<strange_dtype>({}), "the 'dtype' enum names 'f16', no dtype");
  EXPECT_EQ(fault<text_dtype>({}), "member 'dtype' is no enum");
  EXPECT_EQ(fault<optional_numbers>({}),
            "member 'data' has numbers inside an optional or an array, where no dtype names their "
            "type");
}

TEST(CodecTest, DecodesATextOfItsOwn) {
  const test::codec_probe<test::good_input> probe;
  arena memory{1 << 16};
  test::good_input value;

  ASSERT_TRUE(probe.coder().decode(R"( {"good":[1,2]} )", &value, memory));
  EXPECT_EQ(value.good.size, 2u);
}

TEST(CodecTest, NamesWhatIsWrongInATextOfItsOwn) {
  const test::codec_probe<test::good_input> probe;
  arena memory{1 << 16};
  test::good_input value;
  const auto refusal = [&](std::string_view text) {
    const auto decoded = probe.coder().decode(text, &value, memory);
    return decoded ? "accepted" : decoded.error().message;
  };

  EXPECT_EQ(refusal(R"({"good":[1,"a"]})"), R"(/good/1: number expected, found "a")");
  EXPECT_EQ(refusal(R"({"good":[1,]})"), "not JSON at byte offset 11: unexpected ']'");
  EXPECT_EQ(refusal(R"({"good":[]} {})"), "not JSON at byte offset 12: unexpected '{'");
  EXPECT_EQ(refusal(""), "the body is empty");
  EXPECT_EQ(refusal("[]"), "the body: object expected, found an array");
  EXPECT_EQ(refusal("1"), "the body: object expected, found a single value");
}

}  // namespace
}  // namespace kernd
