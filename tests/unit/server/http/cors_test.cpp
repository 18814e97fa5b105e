#include "server/http/cors.hpp"

#include <gtest/gtest.h>

namespace kernd::http {
namespace {

std::string lines(const cors_policy& policy, std::string_view origin, bool preflight = false) {
  std::string head;
  policy.write(head, origin, preflight);
  return head;
}

TEST(CorsTest, LetsAnyOriginReadWithAStar) {
  const cors_policy any{true, {"*"}};

  EXPECT_EQ(lines(any, "http://a"),
            "Access-Control-Allow-Origin: *\r\n"
            "Access-Control-Expose-Headers: X-Request-ID, Retry-After, Location\r\n");
}

TEST(CorsTest, SaysNothingWithoutAnOrigin) {
  const cors_policy any{true, {"*"}};

  EXPECT_EQ(lines(any, ""), "");
}

TEST(CorsTest, AllowsWhatIsListed) {
  const cors_policy some{true, {"http://a"}};

  EXPECT_TRUE(some.allows("http://a"));
  EXPECT_FALSE(some.allows("http://b"));
  EXPECT_FALSE(some.allows(""));
}

TEST(CorsTest, AllowsEveryOriginWithAStar) {
  EXPECT_TRUE(cors_policy(true, {"*"}).allows("http://a"));
}

TEST(CorsTest, AllowsNoOriginWhenItIsOff) {
  EXPECT_FALSE(cors_policy(false, {"*"}).allows("http://a"));
}

TEST(CorsTest, EchoesAListedOrigin) {
  const cors_policy some{true, {"http://a", "http://b"}};

  EXPECT_EQ(lines(some, "http://b"),
            "Vary: Origin\r\nAccess-Control-Allow-Origin: http://b\r\n"
            "Access-Control-Expose-Headers: X-Request-ID, Retry-After, Location\r\n");
}

TEST(CorsTest, OnlyVariesForAnUnlistedOrigin) {
  const cors_policy some{true, {"http://a"}};

  EXPECT_EQ(lines(some, "http://a.evil"), "Vary: Origin\r\n");
  EXPECT_EQ(lines(some, ""), "Vary: Origin\r\n");
}

TEST(CorsTest, NamesMethodsAndHeadersToAPreflight) {
  const cors_policy any{true, {"*"}};

  EXPECT_EQ(lines(any, "http://a", true),
            "Access-Control-Allow-Origin: *\r\n"
            "Access-Control-Allow-Methods: GET, POST, PUT, DELETE, OPTIONS\r\n"
            "Access-Control-Allow-Headers: Content-Type, Authorization, X-Request-ID, X-Tenant-ID, "
            "X-API-Key, X-Request-Timeout-Ms, X-Request-Priority, traceparent\r\n"
            "Access-Control-Max-Age: 600\r\n");
}

TEST(CorsTest, SaysNothingWhenDisabled) {
  const cors_policy off{false, {"*"}};

  EXPECT_EQ(lines(off, "http://a", true), "");
}

}  // namespace
}  // namespace kernd::http
