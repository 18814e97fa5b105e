#include "kernd/config_loader.hpp"
#include "support/temporary_file.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>

namespace kernd {
namespace {

TEST(ConfigPrintTest, TomlReadsBackAsTheSameConfiguration) {
  const auto loaded = load_config({.preset = "high_performance"});
  const test::temporary_file file{to_toml(*loaded)};

  const auto again = load_config({.file = file.path()});

  ASSERT_TRUE(again) << again.error().messages.front();
  EXPECT_EQ(again->values, loaded->values);
}

TEST(ConfigPrintTest, TomlShowsTheOriginBehindTheValue) {
  const auto text = to_toml(*load_config({.flags = {{"server.port", "81"}}}));

  EXPECT_NE(text.find("\nport = 81 "), std::string::npos);
  EXPECT_NE(text.find("  # flag\n"), std::string::npos);
}

TEST(ConfigPrintTest, JsonHoldsValueAndOrigin) {
  const auto json = to_json(*load_config({.preset = "testing", .flags = {{"log.level", "warn"}}}));

  EXPECT_EQ(json["server"]["port"],
            (nlohmann::ordered_json{{"value", 0}, {"origin", "preset testing"}}));
  EXPECT_EQ(json["log"]["level"], (nlohmann::ordered_json{{"value", "warn"}, {"origin", "flag"}}));
  EXPECT_EQ(json["server"]["cors_origins"]["value"], nlohmann::ordered_json({"*"}));
}

}  // namespace
}  // namespace kernd
