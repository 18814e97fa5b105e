#include "server/http/trace_context.hpp"

#include <gtest/gtest.h>

namespace kernd::http {
namespace {

TEST(TraceContextTest, ReadsBothIds) {
  const auto found = parse_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");

  ASSERT_TRUE(found);
  EXPECT_EQ(found->trace_id, "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(found->span_id, "b7ad6b7169203331");
}

class TraceContextIgnoresTest : public ::testing::TestWithParam<const char*> {};

TEST_P(TraceContextIgnoresTest, Malformed) {
  EXPECT_FALSE(parse_traceparent(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(
    Bad, TraceContextIgnoresTest,
    ::testing::Values("", "00", "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                      "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                      "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                      "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
                      "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
                      "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0g",
                      "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x",
                      "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
                      "00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                      "00-0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331-01"));

}  // namespace
}  // namespace kernd::http
