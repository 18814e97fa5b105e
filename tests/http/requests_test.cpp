#include "tests/http/server_test.hpp"

#include <nlohmann/json.hpp>

namespace kernd::test {
namespace {

using RequestsTest = ServerTest;

TEST_F(RequestsTest, AnswersWithTheHandlersBody) {
  start();

  const reply r = connect().ask(get("/hello"));

  EXPECT_EQ(r.status_line, "HTTP/1.1 200 OK");
  EXPECT_EQ(r.body, "\"hello\"");
  EXPECT_EQ(r.header("Content-Type"), "application/json");
  EXPECT_EQ(r.header("Date").size(), 29u);
  EXPECT_FALSE(r.has("Connection"));
}

TEST_F(RequestsTest, AnswersOverIpv6) {
  options.host = "::1";
  start();
  client c{server->port(), "::1"};

  EXPECT_EQ(c.ask(get("/hello")).status, 200);
}

TEST_F(RequestsTest, AnswersFromAnAsynchronousHandler) {
  start();

  EXPECT_EQ(connect().ask(get("/soon")).body, "\"soon\"");
}

TEST_F(RequestsTest, DecodesPathParameters) {
  start();

  EXPECT_EQ(connect().ask(get("/item/core%2Faxpy")).body, "core/axpy");
}

TEST_F(RequestsTest, EchoesALargeBodyUnchanged) {
  start();
  std::string body(5 << 20, '\0');
  for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>(i * 31 + i / 251);
  client c = connect();

  c.send(post("/echo", body));

  EXPECT_TRUE(c.read_reply().body == body);
}

TEST_F(RequestsTest, EchoesAChunkedBody) {
  start();
  client c = connect();

  const reply r = c.ask(
      "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
      "chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");

  EXPECT_EQ(r.body, "abcde");
  EXPECT_EQ(c.ask(get("/hello")).status, 200);
}

TEST_F(RequestsTest, AnswersHeadLikeGetWithoutTheBody) {
  start();
  client c = connect();

  c.send("HEAD /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  const reply r = c.read_reply(true);

  EXPECT_EQ(r.status, 200);
  EXPECT_EQ(r.header("Content-Length"), "7");
  EXPECT_EQ(c.ask(get("/hello")).body, "\"hello\"");
}

TEST_F(RequestsTest, SaysWhichMethodsAPathAllows) {
  start();

  const reply r = connect().ask("OPTIONS /wait HTTP/1.1\r\nHost: x\r\n\r\n");

  EXPECT_EQ(r.status, 204);
  EXPECT_EQ(r.header("Allow"), "GET, HEAD, POST, OPTIONS");
  EXPECT_FALSE(r.has("Content-Length"));
}

TEST_F(RequestsTest, AnswersOptionsForTheServer) {
  start();

  EXPECT_EQ(connect().ask("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n").status, 204);
}

TEST_F(RequestsTest, RefusesAMethodThatThePathDoesNotHave) {
  start();

  const reply r = connect().ask("DELETE /hello HTTP/1.1\r\nHost: x\r\n\r\n");

  EXPECT_EQ(r.status, 405);
  EXPECT_EQ(r.header("Allow"), "GET, HEAD, OPTIONS");
  EXPECT_EQ(code_of(r), "METHOD_NOT_ALLOWED");
}

TEST_F(RequestsTest, RefusesAnUnknownMethod) {
  start();

  const reply r = connect().ask("BREW /hello HTTP/1.1\r\nHost: x\r\n\r\n");

  EXPECT_EQ(r.status, 405);
  EXPECT_EQ(r.header("Allow"), "GET, HEAD, OPTIONS");
}

TEST_F(RequestsTest, FindsNothingAtAnUnknownPath) {
  start();
  client c = connect();

  const reply r = c.ask(get("/nowhere"));

  EXPECT_EQ(r.status, 404);
  EXPECT_EQ(code_of(r), "NOT_FOUND");
  EXPECT_FALSE(r.has("Allow"));
  EXPECT_EQ(c.ask(get("/hello")).status, 200);
}

TEST_F(RequestsTest, KeepsTheConnectionAfterAShortBodyThatNobodyWanted) {
  start();
  client c = connect();

  EXPECT_EQ(c.ask(post("/nowhere", "abc")).status, 404);
  EXPECT_EQ(c.ask(get("/hello")).status, 200);
}

TEST_F(RequestsTest, DoesNotReadALongBodyThatNobodyWants) {
  start();
  client c = connect();

  c.send("POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n");
  const reply r = c.read_reply();

  EXPECT_EQ(r.status, 404);
  EXPECT_EQ(r.header("Connection"), "close");
  EXPECT_TRUE(c.is_closed());
}

TEST_F(RequestsTest, ChoosesAnIdWhenTheClientHasNone) {
  start();
  client c = connect();

  const std::string first = c.ask(get("/hello")).header("X-Request-ID");
  const std::string second = c.ask(get("/hello")).header("X-Request-ID");

  EXPECT_EQ(first.size(), 36u);
  EXPECT_NE(first, second);
}

TEST_F(RequestsTest, UsesTheClientsIdEverywhere) {
  start();

  const reply r = connect().ask(get("/nowhere", "X-Request-ID: my-id\r\n"));

  EXPECT_EQ(r.header("X-Request-ID"), "my-id");
  EXPECT_EQ(nlohmann::json::parse(r.body)["request_id"], "my-id");
  EXPECT_EQ(log.take().request_id, "my-id");
}

TEST_F(RequestsTest, ReplacesAnUnusableId) {
  start();

  const reply r = connect().ask(get("/hello", "X-Request-ID: my id\r\n"));

  EXPECT_EQ(r.header("X-Request-ID").size(), 36u);
}

TEST_F(RequestsTest, TurnsAnExceptionIntoAnInternalError) {
  start();
  client c = connect();

  const reply r = c.ask(get("/throw"));

  EXPECT_EQ(r.status, 500);
  EXPECT_EQ(code_of(r), "INTERNAL_ERROR");
  EXPECT_EQ(r.body.find("secret"), r.body.npos);
  EXPECT_EQ(log.take().error_text, "secret of a handler");
  EXPECT_EQ(c.ask(get("/hello")).status, 200);
}

TEST_F(RequestsTest, TurnsACoroutinesExceptionIntoAnInternalError) {
  start();

  const reply r = connect().ask(get("/throw-later"));

  EXPECT_EQ(r.status, 500);
  EXPECT_EQ(r.body.find("secret"), r.body.npos);
  EXPECT_EQ(log.take().error_text, "secret of a coroutine");
}

TEST_F(RequestsTest, TurnsAFailedAllocationIntoMemoryExhausted) {
  start();

  const reply r = connect().ask(get("/no-memory"));

  EXPECT_EQ(r.status, 503);
  EXPECT_EQ(code_of(r), "MEMORY_EXHAUSTED");
  EXPECT_TRUE(r.has("Retry-After"));
}

TEST_F(RequestsTest, LetsAnyOriginReadByDefault) {
  start();

  const reply r = connect().ask(get("/hello", "Origin: http://a\r\n"));

  EXPECT_EQ(r.header("Access-Control-Allow-Origin"), "*");
  EXPECT_EQ(r.header("Access-Control-Expose-Headers"), "X-Request-ID, Retry-After, Location");
  EXPECT_FALSE(r.has("Vary"));
}

TEST_F(RequestsTest, AnswersAPreflight) {
  options.cors_origins = {"http://a"};
  start();

  const reply r = connect().ask(
      "OPTIONS /echo HTTP/1.1\r\nHost: x\r\nOrigin: http://a\r\nAccess-Control-Request-Method: "
      "POST\r\n\r\n");

  EXPECT_EQ(r.status, 204);
  EXPECT_EQ(r.header("Access-Control-Allow-Origin"), "http://a");
  EXPECT_EQ(r.header("Access-Control-Allow-Methods"), "GET, POST, PUT, DELETE, OPTIONS");
  EXPECT_EQ(r.header("Vary"), "Origin");
}

TEST_F(RequestsTest, LetsABrowserReadAProblemToo) {
  start();

  EXPECT_EQ(
      connect().ask(get("/nowhere", "Origin: http://a\r\n")).header("Access-Control-Allow-Origin"),
      "*");
}

TEST_F(RequestsTest, FollowsNewOrigins) {
  start();
  client c = connect();
  options.cors_origins = {"http://b"};

  server->reconfigure(options, limits);

  EXPECT_FALSE(c.ask(get("/hello", "Origin: http://a\r\n")).has("Access-Control-Allow-Origin"));
}

}  // namespace
}  // namespace kernd::test
