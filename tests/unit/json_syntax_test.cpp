#include "src/json_syntax.hpp"

#include <gtest/gtest.h>

#include <string>

namespace kernd {
namespace {

std::string syntax(std::string_view text, std::size_t max_depth = 4) {
  const auto found = find_syntax_error(text, max_depth);
  if (!found) return "JSON";
  EXPECT_EQ(found->code, errc::invalid_json);
  EXPECT_FALSE(found->invalid.has_value());
  return found->message;
}

TEST(JsonSyntaxTest, AcceptsEveryKindOfValue) {
  for (const char* text : {"1", "-0", "0.5", "1e9", "1E+9", "1.25e-7", "true", "false", "null",
                           R"("")", R"("a\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00")", "[]", "{}",
                           R"( { "a" : [ 1 , { } , [ ] , "x" ] , "b" : null } )", "\t\r\n 7 \n"}) {
    EXPECT_EQ(syntax(text), "JSON") << text;
  }
}

TEST(JsonSyntaxTest, AcceptsNumbersThatNoTypeHolds) {
  EXPECT_EQ(syntax("[1e999,-1e-999,123456789012345678901234567890]"), "JSON");
}

struct broken {
  const char* text;
  const char* message;
};

TEST(JsonSyntaxTest, NamesTheFirstByteThatCannotStandThere) {
  const broken cases[] = {{R"({"a" 1})", "not JSON at byte offset 5: unexpected '1'"},
                          {R"({"a":1 "b":2})", "not JSON at byte offset 7: unexpected '\"'"},
                          {R"({"a":1,})", "not JSON at byte offset 7: unexpected '}'"},
                          {R"({a:1})", "not JSON at byte offset 1: unexpected 'a'"},
                          {R"({"a":1]})", "not JSON at byte offset 6: unexpected ']'"},
                          {"[1,,2]", "not JSON at byte offset 3: unexpected ','"},
                          {"[1,]", "not JSON at byte offset 3: unexpected ']'"},
                          {"[1 2]", "not JSON at byte offset 3: unexpected '2'"},
                          {"[1}", "not JSON at byte offset 2: unexpected '}'"},
                          {"[tru]", "not JSON at byte offset 4: unexpected ']'"},
                          {"[nullx]", "not JSON at byte offset 5: unexpected 'x'"},
                          {"[NaN]", "not JSON at byte offset 1: unexpected 'N'"},
                          {"[-Infinity]", "not JSON at byte offset 2: unexpected 'I'"},
                          {"[01]", "not JSON at byte offset 2: unexpected '1'"},
                          {"[1.]", "not JSON at byte offset 3: unexpected ']'"},
                          {"[.5]", "not JSON at byte offset 1: unexpected '.'"},
                          {"[+1]", "not JSON at byte offset 1: unexpected '+'"},
                          {"[1e]", "not JSON at byte offset 3: unexpected ']'"},
                          {"[1e+]", "not JSON at byte offset 4: unexpected ']'"},
                          {"[--1]", "not JSON at byte offset 2: unexpected '-'"},
                          {"[0x10]", "not JSON at byte offset 2: unexpected 'x'"},
                          {R"(["\x"])", "not JSON at byte offset 3: unexpected 'x'"},
                          {R"(["\u12g4"])", "not JSON at byte offset 6: unexpected 'g'"},
                          {"{} {}", "not JSON at byte offset 3: unexpected '{'"},
                          {"1 x", "not JSON at byte offset 2: unexpected 'x'"},
                          {"\xEF\xBB\xBF{}", "not JSON at byte offset 0: unexpected byte 0xef"},
                          {"[1,\v2]", "not JSON at byte offset 3: unexpected byte 0x0b"}};
  for (const auto& c : cases) EXPECT_EQ(syntax(c.text), c.message) << c.text;
}

TEST(JsonSyntaxTest, NamesTheEndOfATextThatStopsEarly) {
  for (const std::string text : {"{", R"({"a)", R"({"a")", R"({"a":)", R"({"a":1)", R"({"a":1,)",
                                 "[", "[1", "[1,", "-", "1.", "1e", "tru", "\"\\", " "}) {
    EXPECT_EQ(syntax(text),
              "not JSON at byte offset " + std::to_string(text.size()) + ": unexpected end")
        << text;
  }
  EXPECT_EQ(syntax(""), "the body is empty");
}

TEST(JsonSyntaxTest, RefusesHalfASurrogatePairAtItsEscape) {
  for (const char* text : {R"(["\ud800"])", R"(["\udc00"])", R"(["\ud800\n"])",
                           R"(["\ud800\ud800"])", R"(["\ud800\u0041"])"}) {
    EXPECT_EQ(syntax(text), "not JSON at byte offset 2: unexpected '\\'") << text;
  }
}

TEST(JsonSyntaxTest, RefusesControlCharactersInStrings) {
  EXPECT_EQ(syntax("\"a\nb\""), "not JSON at byte offset 2: unexpected byte 0x0a");
  EXPECT_EQ(syntax(std::string_view{"\"a\0b\"", 5}),
            "not JSON at byte offset 2: unexpected byte 0x00");
  EXPECT_EQ(syntax("\"\x7f\""), "JSON");
}

TEST(JsonSyntaxTest, AcceptsTheBoundsOfEveryLengthOfUtf8) {
  for (const char* character :
       {"\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80", "\xEF\xBF\xBF",
        "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_EQ(syntax("\"" + std::string{character} + "\""), "JSON");
  }
}

TEST(JsonSyntaxTest, RefusesWhatIsNotUtf8) {
  for (const char* bytes :
       {"\x80", "\xC0\x80", "\xC1\xBF", "\xC2", "\xC2\x41", "\xE0\x9F\xBF", "\xED\xA0\x80",
        "\xE1\x80", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF"}) {
    const std::string message = syntax("\"" + std::string{bytes} + "\"");
    EXPECT_EQ(message.find("not JSON at byte offset 1: unexpected byte 0x"), 0u) << message;
  }
}

TEST(JsonSyntaxTest, RefusesTheFirstLevelThatIsTooDeep) {
  EXPECT_EQ(syntax("[[[[]]]]"), "JSON");
  EXPECT_EQ(syntax("[[[[[]]]]]"), "nested deeper than 4 levels at byte offset 4");
  EXPECT_EQ(syntax(R"([[[[{"a":1}]]]])"), "nested deeper than 4 levels at byte offset 4");
}

TEST(JsonSyntaxTest, DoesNotRecurse) {
  const std::size_t depth = 1'000'000;
  EXPECT_EQ(syntax(std::string(depth, '[') + std::string(depth, ']'), depth), "JSON");
}

}  // namespace
}  // namespace kernd
