#include "tests/http/server_test.hpp"

namespace kernd::test {
namespace {

struct framing_case {
  int status;
  const char* code;
  const char* text;
};

class FramingTest : public ServerTest, public ::testing::WithParamInterface<framing_case> {};

TEST_P(FramingTest, AnswersAndCloses) {
  start();
  client c = connect();

  const reply r = c.ask(GetParam().text);

  EXPECT_EQ(r.status, GetParam().status);
  EXPECT_EQ(code_of(r), GetParam().code);
  EXPECT_EQ(r.header("Content-Type"), "application/problem+json");
  EXPECT_EQ(r.header("Connection"), "close");
  EXPECT_EQ(r.header("X-Request-ID").size(), 36u);
  EXPECT_TRUE(c.is_closed());
  EXPECT_EQ(metric("kernd_http_requests_total",
                   {"route=unmatched", "code=" + std::to_string(GetParam().status)}),
            1);
}

INSTANTIATE_TEST_SUITE_P(
    Bad, FramingTest,
    ::testing::Values(
        framing_case{400, "BAD_REQUEST", "\x16\x03\x01 hello\r\n\r\n"},
        framing_case{400, "BAD_REQUEST", "GET /hello HTTP/1.1\r\n\r\n"},
        framing_case{400, "BAD_REQUEST", "GET /hello HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n"},
        framing_case{400, "BAD_REQUEST", "GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n"},
        framing_case{400, "BAD_REQUEST", "GET /a%00 HTTP/1.1\r\nHost: x\r\n\r\n"},
        framing_case{400, "BAD_REQUEST", "GET * HTTP/1.1\r\nHost: x\r\n\r\n"},
        framing_case{
            400, "BAD_REQUEST",
            "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n"
            "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /hello HTTP/1.1\r\nHost: x\r\n\r\n"},
        framing_case{
            400, "BAD_REQUEST",
            "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"},
        framing_case{
            501, "UNSUPPORTED_TRANSFER_ENCODING",
            "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"},
        framing_case{505, "HTTP_VERSION_NOT_SUPPORTED", "GET /hello HTTP/2.0\r\nHost: x\r\n\r\n"},
        framing_case{
            417, "EXPECTATION_FAILED",
            "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: magic\r\n\r\nabc"}));

using FramingOrderTest = ServerTest;

TEST_F(FramingOrderTest, AnswersWhatCameBeforeTheFault) {
  start();
  client c = connect();

  c.send(get("/hello") + "GARBAGE\r\n\r\n" + get("/hello"));

  EXPECT_EQ(c.read_reply().status, 200);
  EXPECT_EQ(c.read_reply().status, 400);
  EXPECT_TRUE(c.is_closed());
}

TEST_F(FramingOrderTest, AnswersABadChunk) {
  start();
  client c = connect();

  c.send("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n");

  EXPECT_EQ(c.read_reply().status, 400);
  EXPECT_TRUE(c.is_closed());
}

using ExpectTest = ServerTest;

TEST_F(ExpectTest, InvitesABodyThatWillBeRead) {
  start();
  client c = connect();

  c.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(c.read_reply().status_line, "HTTP/1.1 100 Continue");
  c.send("abc");

  EXPECT_EQ(c.read_reply().body, "abc");
}

TEST_F(ExpectTest, InvitesNoBodyThatIsThereAlready) {
  start();
  client c = connect();

  const reply r = c.ask(post("/echo", "abc", "Expect: 100-continue\r\n"));

  EXPECT_EQ(r.status, 200);
  EXPECT_EQ(r.body, "abc");
}

TEST_F(ExpectTest, InvitesNoBodyForAnUnknownPath) {
  start();
  client c = connect();

  const reply r = c.ask(
      "POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");

  EXPECT_EQ(r.status, 404);
  EXPECT_TRUE(c.is_closed());
}

TEST_F(ExpectTest, InvitesNoBodyThatIsTooLarge) {
  limits.max_body_bytes = 1024;
  start();

  const reply r = connect().ask(
      "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1025\r\nExpect: 100-continue\r\n\r\n");

  EXPECT_EQ(r.status, 413);
}

TEST_F(ExpectTest, IgnoresTheExpectationOfAnOldClient) {
  start();

  const reply r =
      connect().ask("POST /echo HTTP/1.0\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\nabc");

  EXPECT_EQ(r.status, 200);
}

}  // namespace
}  // namespace kernd::test
