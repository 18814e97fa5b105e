#include "server/http/request_id.hpp"

#include <gtest/gtest.h>

#include <regex>

namespace kernd::http {
namespace {

TEST(RequestIdTest, KeepsVisibleAscii) {
  EXPECT_TRUE(is_usable_request_id("a"));
  EXPECT_TRUE(is_usable_request_id("!~{\"weird\"}"));
  EXPECT_TRUE(is_usable_request_id(std::string(128, 'x')));
}

TEST(RequestIdTest, RefusesTheRest) {
  EXPECT_FALSE(is_usable_request_id(""));
  EXPECT_FALSE(is_usable_request_id("a b"));
  EXPECT_FALSE(is_usable_request_id("a\tb"));
  EXPECT_FALSE(is_usable_request_id("\xc3\xa9"));
  EXPECT_FALSE(is_usable_request_id("\x7f"));
  EXPECT_FALSE(is_usable_request_id(std::string(129, 'x')));
}

TEST(RequestIdTest, MakesVersionFourUuids) {
  request_id_source ids;
  std::string id;

  ids.write(id);

  const std::regex shape{"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"};
  EXPECT_TRUE(std::regex_match(id, shape)) << id;
}

TEST(RequestIdTest, MakesEveryIdAnother) {
  request_id_source ids;
  request_id_source others;
  std::string first;
  std::string second;
  std::string third;

  ids.write(first);
  ids.write(second);
  others.write(third);

  EXPECT_NE(first, second);
  EXPECT_NE(first, third);
}

}  // namespace
}  // namespace kernd::http
