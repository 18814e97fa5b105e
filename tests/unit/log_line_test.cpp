#include "src/log_line.hpp"

#include "tests/support/random_words.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace kernd {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

constexpr auto time =
    std::chrono::sys_days{std::chrono::year{2026} / 1 / 2} + 3h + 4min + 5s + 678ms;

std::string text(std::string_view message, std::vector<log_field> fields = {}) {
  return log_line(log_format::text, log_level::info, time, message, fields);
}

std::string json(std::string_view message, std::vector<log_field> fields = {}) {
  return log_line(log_format::json, log_level::info, time, message, fields);
}

nlohmann::json parsed(const std::string& line) {
  return nlohmann::json::parse(line);
}

TEST(LogLineTest, TextHasTimeLevelMessageAndFields) {
  EXPECT_EQ(text("message", {{"key", "value"}, {"other", "quoted value"}}),
            "2026-01-02T03:04:05.678Z info  message key=value other=\"quoted value\"\n");
}

TEST(LogLineTest, JsonHasTimeLevelMessageAndFieldsInThatOrder) {
  EXPECT_EQ(json("message", {{"key", "value"}}),
            R"({"ts":"2026-01-02T03:04:05.678Z","level":"info","msg":"message","key":"value"})"
            "\n");
}

TEST(LogLineTest, EveryLevelIsNamed) {
  for (std::size_t i = 0; i < log_level_names.size(); ++i) {
    const auto line = log_line(log_format::json, static_cast<log_level>(i), time, "", {});
    EXPECT_EQ(parsed(line)["level"], log_level_names[i]);
  }
}

TEST(LogLineTest, MillisecondsAreCutNotRounded) {
  const auto line = log_line(log_format::text, log_level::info, time + 999us, "", {});

  EXPECT_TRUE(line.starts_with("2026-01-02T03:04:05.678Z"));
}

TEST(LogLineTest, TimeIsRightOnALeapDay) {
  const auto leap = std::chrono::sys_days{std::chrono::year{2028} / 2 / 29} + 23h + 59min + 59s;

  EXPECT_TRUE(log_line(log_format::text, log_level::info, leap, "", {})
                  .starts_with("2028-02-29T23:59:59.000Z"));
}

TEST(LogLineTest, NumbersAndBooleansKeepTheirType) {
  constexpr auto least = std::numeric_limits<std::int64_t>::min();
  constexpr auto most = std::numeric_limits<std::uint64_t>::max();

  const auto line = parsed(json("m", {{"i", least}, {"u", most}, {"d", 0.1}, {"b", true}}));

  EXPECT_EQ(line["i"], least);
  EXPECT_EQ(line["u"], most);
  EXPECT_EQ(line["d"], 0.1);
  EXPECT_EQ(line["b"], true);
}

TEST(LogLineTest, NumbersThatJsonDoesNotHaveAreStrings) {
  constexpr double infinity = std::numeric_limits<double>::infinity();

  const auto line = parsed(json("m", {{"a", std::nan("")}, {"b", infinity}, {"c", -infinity}}));

  EXPECT_EQ(line["a"], "NaN");
  EXPECT_EQ(line["b"], "Infinity");
  EXPECT_EQ(line["c"], "-Infinity");
}

TEST(LogLineTest, TextQuotesWhatASplitAtSpacesWouldTear) {
  EXPECT_EQ(text("m", {{"a", ""}, {"b", "x=y"}, {"c", "say \"x\""}, {"d", "a\\b"}}),
            "2026-01-02T03:04:05.678Z info  m a=\"\" b=\"x=y\" c=\"say \\\"x\\\"\" d=\"a\\\\b\"\n");
}

TEST(LogLineTest, AMessageCannotForgeALine) {
  EXPECT_EQ(text("a\r\nb"), "2026-01-02T03:04:05.678Z info  a\\r\\nb\n");
}

TEST(LogLineTest, AMessageCannotSendEscapesToATerminal) {
  EXPECT_EQ(text("\x1b[31m\x7f\xc2\x9b"),
            "2026-01-02T03:04:05.678Z info  \\u001b[31m\\u007f\\u009b\n");
}

TEST(LogLineTest, EveryByteGivesValidJsonInOneLine) {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string nasty = "a"s + static_cast<char>(byte) + "b";

    const std::string line = json(nasty, {{nasty, nasty}});

    EXPECT_EQ(line.find('\n'), line.size() - 1) << byte;
    EXPECT_EQ(parsed(line)["msg"], byte < 0x80 ? nasty : "a\ufffdb") << byte;
  }
}

TEST(LogLineTest, RandomBytesGiveValidJson) {
  test::random_words random;
  for (int round = 0; round < 2000; ++round) {
    std::string nasty(random() % 40, '\0');
    // The upper half, where sequences of UTF-8 begin and break.
    for (char& c : nasty) c = static_cast<char>(0x80 | random() % 0x80);
    EXPECT_TRUE(nlohmann::json::accept(json(nasty, {{"k", nasty}}))) << round;
  }
}

TEST(LogLineTest, ValidUtf8IsKept) {
  const std::string valid = "é € 𝄞 \u00a0 \ud7ff \ue000 \U0010ffff";

  EXPECT_EQ(parsed(json(valid))["msg"], valid);
  EXPECT_NE(json(valid).find(valid), std::string::npos);
}

TEST(LogLineTest, InvalidUtf8IsReplacedByteByByte) {
  EXPECT_EQ(parsed(json("\xc0\x80"))["msg"], "\ufffd\ufffd");                      // overlong
  EXPECT_EQ(parsed(json("\xe0\x80\x80"))["msg"], "\ufffd\ufffd\ufffd");            // overlong
  EXPECT_EQ(parsed(json("\xed\xa0\x80"))["msg"], "\ufffd\ufffd\ufffd");            // surrogate
  EXPECT_EQ(parsed(json("\xf4\x90\x80\x80"))["msg"], "\ufffd\ufffd\ufffd\ufffd");  // too large
  EXPECT_EQ(parsed(json("\xe2\x82"))["msg"], "\ufffd\ufffd");                      // cut off
}

TEST(LogLineTest, WhatSomeReadersTakeForALineEndIsEscaped) {
  EXPECT_NE(json("\u2028\u2029\u0085").find(R"(\u2028\u2029\u0085)"), std::string::npos);
}

TEST(LogLineTest, AValueAtTheLimitIsWhole) {
  const std::string value(max_log_value_bytes, 'x');

  EXPECT_EQ(parsed(json("m", {{"k", value}}))["k"], value);
}

TEST(LogLineTest, AValueOverTheLimitIsCut) {
  const std::string value(max_log_value_bytes + 1, 'x');

  EXPECT_EQ(parsed(json("m", {{"k", value}}))["k"], value.substr(1) + "…");
}

TEST(LogLineTest, ACutDoesNotTearACharacter) {
  const std::string value = std::string(max_log_value_bytes - 2, 'x') + "𝄞𝄞";

  EXPECT_EQ(parsed(json("m", {{"k", value}}))["k"],
            std::string(max_log_value_bytes - 2, 'x') + "…");
}

}  // namespace
}  // namespace kernd
