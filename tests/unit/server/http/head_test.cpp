#include "server/http/head.hpp"

#include <gtest/gtest.h>

namespace kernd::http {
namespace {

struct HeadTest : ::testing::Test {
  response answer = json_response("{}");
  head_context context{.date = "DATE", .request_id = "ID", .cors = nullptr};

  std::string written() {
    std::string head = "what was there";
    write_head(head, answer, context);
    return head;
  }
};

TEST_F(HeadTest, HoldsWhatEveryAnswerNeeds) {
  EXPECT_EQ(
      written(),
      "HTTP/1.1 200 OK\r\nDate: DATE\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
      "X-Request-ID: ID\r\n\r\n");
}

TEST_F(HeadTest, AddsUpTheBodysChunks) {
  answer.body[1].append("abc");
  answer.body[2].append("defg");

  EXPECT_NE(written().find("Content-Length: 9\r\n"), std::string::npos);
}

TEST_F(HeadTest, SaysThatTheBodyComesInChunks) {
  context.body = head_context::framing::chunks;

  EXPECT_NE(written().find("Transfer-Encoding: chunked\r\n"), std::string::npos);
  EXPECT_EQ(written().find("Content-Length"), std::string::npos);
}

TEST_F(HeadTest, SaysNothingOfABodyThatEndsWithTheConnection) {
  context.body = head_context::framing::no_length;

  EXPECT_EQ(written(),
            "HTTP/1.1 200 OK\r\nDate: DATE\r\nContent-Type: application/json\r\n"
            "X-Request-ID: ID\r\n\r\n");
}

TEST_F(HeadTest, GivesNoLengthWithNoContent) {
  answer.status = 204;

  EXPECT_EQ(written(), "HTTP/1.1 204 No Content\r\nDate: DATE\r\nX-Request-ID: ID\r\n\r\n");
}

TEST_F(HeadTest, CarriesFurtherHeaders) {
  answer.headers.emplace_back("Location", "/a");

  EXPECT_NE(written().find("\r\nLocation: /a\r\n"), std::string::npos);
}

TEST_F(HeadTest, LetsNoValueEndItsLine) {
  answer.headers.emplace_back("Location", "/a\r\nSet-Cookie: x");

  EXPECT_NE(written().find("\r\nLocation: /a  Set-Cookie: x\r\n"), std::string::npos);
}

TEST_F(HeadTest, SaysWhenItCloses) {
  context.connection = head_context::persistence::close;

  EXPECT_NE(written().find("\r\nConnection: close\r\n"), std::string::npos);
}

TEST_F(HeadTest, TellsAnOldClientThatItStaysOpen) {
  context.connection = head_context::persistence::keep_alive;

  EXPECT_NE(written().find("\r\nConnection: keep-alive\r\n"), std::string::npos);
}

TEST(DateCacheTest, WritesTheFormOfRfc9110) {
  date_cache dates;

  EXPECT_EQ(dates.at(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST(DateCacheTest, FollowsTheSeconds) {
  date_cache dates;
  dates.at(784111777);

  EXPECT_EQ(dates.at(784111778), "Sun, 06 Nov 1994 08:49:38 GMT");
}

}  // namespace
}  // namespace kernd::http
