#include "tests/http/server_test.hpp"

#include <thread>

namespace kernd::test {
namespace {

using namespace std::chrono_literals;
using LimitsTest = ServerTest;

TEST_F(LimitsTest, RefusesTooMuchHead) {
  limits.max_header_bytes = 1024;
  start();
  client c = connect();

  c.send(get("/hello", "A: " + std::string(2000, 'a') + "\r\n"));
  const reply r = c.read_reply();

  EXPECT_EQ(r.status, 431);
  EXPECT_EQ(code_of(r), "HEADERS_TOO_LARGE");
  EXPECT_TRUE(c.is_closed());
}

TEST_F(LimitsTest, RefusesATooLongTarget) {
  limits.max_header_bytes = 1024;
  start();
  client c = connect();

  const reply r = c.ask(get("/" + std::string(600, 'a')));

  EXPECT_EQ(r.status, 414);
  EXPECT_EQ(code_of(r), "URI_TOO_LONG");
  EXPECT_TRUE(c.is_closed());
}

TEST_F(LimitsTest, RefusesATooLargeBodyBeforeReadingIt) {
  limits.max_body_bytes = 1024;
  start();
  client c = connect();

  c.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1025\r\n\r\n");
  const reply r = c.read_reply();

  EXPECT_EQ(r.status, 413);
  EXPECT_EQ(code_of(r), "BODY_TOO_LARGE");
  EXPECT_NE(r.body.find("1025 bytes, limit 1024"), r.body.npos);
  EXPECT_TRUE(c.is_closed());
}

TEST_F(LimitsTest, LetsAClientReadTheRefusalWhileItStillSends) {
  limits.max_body_bytes = 1024;
  start();
  client c = connect();
  const std::string body(4 << 20, 'x');

  c.send(post("/echo", body));

  EXPECT_EQ(c.read_reply().status, 413);
}

TEST_F(LimitsTest, CutsOffAClientThatSendsWithoutEnd) {
  limits.max_body_bytes = 1024;
  start();
  client c = connect();

  c.send_until_refused(post("/echo", std::string(64 << 20, 'x')));

  EXPECT_TRUE(server->wait_closed(patience));
  while (metric("kernd_http_connections") != 0) std::this_thread::yield();
}

TEST_F(LimitsTest, RefusesChunksThatCrossTheLimit) {
  limits.max_body_bytes = 1024;
  start();
  client c = connect();

  c.send("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n200\r\n" +
         std::string(512, 'a') + "\r\n201\r\n");
  const reply r = c.read_reply();

  EXPECT_EQ(r.status, 413);
  EXPECT_TRUE(c.is_closed());
}

TEST_F(LimitsTest, RefusesABodyThatMemoryHasNoRoomFor) {
  limits.max_body_bytes = 1024;
  limits.body_memory_bytes = 1500;
  start();
  client first = connect();
  first.send(post("/wait", std::string(1000, 'a')));
  waiting.await_entry();

  client second = connect();
  const reply r = second.ask(post("/echo", std::string(1000, 'a')));

  EXPECT_EQ(r.status, 503);
  EXPECT_EQ(code_of(r), "MEMORY_EXHAUSTED");
  EXPECT_TRUE(r.has("Retry-After"));
}

TEST_F(LimitsTest, GivesABodysMemoryBackWithTheAnswer) {
  limits.max_body_bytes = 1024;
  limits.body_memory_bytes = 1500;
  start();
  client c = connect();

  for (int i = 0; i < 5; ++i) EXPECT_EQ(c.ask(post("/echo", std::string(1000, 'a'))).status, 200);
}

TEST_F(LimitsTest, ALengthThatIsOnlyDeclaredLeavesRoomForOthers) {
  limits.max_body_bytes = limits.body_memory_bytes = 64 << 20;
  start();
  client slow = connect();
  slow.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: " +
            std::to_string(limits.max_body_bytes) + "\r\nExpect: 100-continue\r\n\r\n");
  ASSERT_EQ(slow.read_exactly(25), "HTTP/1.1 100 Continue\r\n\r\n");  // its body was admitted
  slow.send("{");

  EXPECT_EQ(connect().ask(post("/echo", std::string(32 << 20, 'a'))).status, 200);
}

TEST_F(LimitsTest, RefusesABodyInWhoseMiddleTheMemoryEnds) {
  limits.body_memory_bytes = limits.max_body_bytes = 100'000;
  start();
  client first = connect();
  first.send(post("/wait", std::string(20'000, 'a')));
  waiting.await_entry();
  client c = connect();

  c.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n" +
         std::string(70'000, 'a'));
  const reply r = c.read_reply();

  EXPECT_EQ(r.status, 503);
  EXPECT_EQ(code_of(r), "MEMORY_EXHAUSTED");
  EXPECT_TRUE(r.has("Retry-After"));
  EXPECT_EQ(r.header("Connection"), "close");
  EXPECT_TRUE(c.is_closed());
}

TEST_F(LimitsTest, GivesTheMemoryOfARefusedBodyBackAtOnce) {
  limits.body_memory_bytes = 100'000;
  start();
  client c = connect();
  c.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n" +
         std::string(70'000, 'a'));
  ASSERT_EQ(c.read_reply().status, 503);

  // The refused client is still connected.
  EXPECT_EQ(connect().ask(post("/echo", std::string(90'000, 'a'))).status, 200);
}

TEST_F(LimitsTest, FollowsNewLimits) {
  start();
  client c = connect();
  ASSERT_EQ(c.ask(post("/echo", std::string(2000, 'a'))).status, 200);
  limits.max_body_bytes = 1024;

  server->reconfigure(options, limits);

  EXPECT_EQ(c.ask(post("/echo", std::string(2000, 'a'))).status, 413);
}

TEST_F(LimitsTest, AnswersAHeadThatStalls) {
  start();
  client c = connect();
  while (metric("kernd_http_connections") != 1) std::this_thread::yield();
  limits.header_timeout = 1ms;
  reconfigure();

  const reply r = c.ask("GET /hello HTTP/1.1\r\nHo");

  EXPECT_EQ(r.status, 408);
  EXPECT_EQ(code_of(r), "REQUEST_TIMEOUT");
  EXPECT_EQ(r.header("Connection"), "close");
  EXPECT_TRUE(c.is_closed());
}

TEST_F(LimitsTest, ClosesAConnectionThatNeverSpoke) {
  limits.header_timeout = 1ms;
  start();

  EXPECT_TRUE(connect().is_closed());
}

TEST_F(LimitsTest, ClosesAnIdleConnection) {
  limits.idle_timeout = 1ms;
  start();
  client c = connect_and_ask();

  EXPECT_TRUE(c.is_closed());
}

TEST_F(LimitsTest, GrantsTheHeadItsOwnTimeAfterAnIdleOne) {
  limits.idle_timeout = 10min;
  start();
  client c = connect_and_ask();
  limits.header_timeout = 1ms;
  reconfigure();

  EXPECT_EQ(c.ask("GET /hel").status, 408);
}

TEST_F(LimitsTest, AnswersABodyThatStalls) {
  limits.body_timeout = 1ms;
  start();
  client c = connect();

  const reply r = c.ask("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nabc");

  EXPECT_EQ(r.status, 408);
  EXPECT_EQ(code_of(r), "REQUEST_TIMEOUT");
  c.send("the rest comes too late");
  EXPECT_TRUE(c.is_closed());
}

TEST_F(LimitsTest, DropsAClientThatTakesNothing) {
  limits.write_timeout = 1ms;
  start();
  client c = connect();
  c.set_receive_buffer(4096);

  c.send(get("/big"));

  EXPECT_EQ(log.take().status, 499u);
  EXPECT_TRUE(server->wait_closed(patience));
}

TEST_F(LimitsTest, LetsAHandlerTakeLongerThanAnyOfThem) {
  start();
  client first = connect();
  first.send(get("/stuck"));
  stuck.await_entry();
  limits.header_timeout = limits.body_timeout = limits.idle_timeout = limits.write_timeout = 50ms;
  reconfigure();
  client c = connect();
  c.send(get("/wait"));  // is there when the loop accepts the connection
  stuck.release();
  waiting.await_entry();

  client witness = connect();
  EXPECT_TRUE(witness.is_closed());
  waiting.open();

  EXPECT_EQ(c.read_reply().status, 200);
}

}  // namespace
}  // namespace kernd::test
