#include "tests/http/stream_test.hpp"

#include <string>

namespace kernd::test {
namespace {

using namespace std::chrono_literals;
using WebSocketTest = StreamTest;

TEST_F(WebSocketTest, AnswersTheHandshake) {
  start();
  client c = connect();

  const reply r = c.ask(web_socket_client::upgrade("/socket", "X-Request-ID: mine\r\n"));

  EXPECT_EQ(r.status_line, "HTTP/1.1 101 Switching Protocols");
  EXPECT_EQ(r.header("Sec-WebSocket-Accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  EXPECT_EQ(r.header("Upgrade"), "websocket");
  EXPECT_EQ(r.header("Connection"), "upgrade");
  EXPECT_EQ(r.header("X-Request-ID"), "mine");
  EXPECT_TRUE(r.has("Date"));
}

TEST_F(WebSocketTest, DoesNotTellWhichLibraryServesIt) {
  start();
  client c = connect();

  const reply r = c.ask(web_socket_client::upgrade("/socket"));

  EXPECT_EQ(r.status, 101);
  EXPECT_EQ(r.header("Server"), "kernd");
}

TEST_F(WebSocketTest, ChoosesNoExtensionAndNoProtocol) {
  start();
  client c = connect();

  const reply r =
      c.ask(web_socket_client::upgrade("/socket",
                                       "Sec-WebSocket-Extensions: permessage-deflate\r\n"
                                       "Sec-WebSocket-Protocol: chat\r\n"));

  EXPECT_EQ(r.status, 101);
  EXPECT_FALSE(r.has("Sec-WebSocket-Extensions"));
  EXPECT_FALSE(r.has("Sec-WebSocket-Protocol"));
}

TEST_F(WebSocketTest, AsksPlainRequestsToUpgrade) {
  start();
  client c = connect();

  const reply r = c.ask(get("/socket"));

  EXPECT_EQ(r.status, 426);
  EXPECT_EQ(code_of(r), "UPGRADE_REQUIRED");
  EXPECT_EQ(r.header("Connection"), "upgrade");
  EXPECT_EQ(r.header("Upgrade"), "websocket");
  EXPECT_EQ(r.header("Sec-WebSocket-Version"), "13");
  EXPECT_EQ(c.ask(get("/hello")).status, 200);
}

TEST_F(WebSocketTest, RefusesAnOriginThatCorsDoesNotAllow) {
  options.cors_origins = {"http://good"};
  start();
  client c = connect();

  const reply r = c.ask(web_socket_client::upgrade("/socket", "Origin: http://evil\r\n"));

  EXPECT_EQ(r.status, 403);
  EXPECT_EQ(code_of(r), "PERMISSION_DENIED");
  EXPECT_EQ(c.ask(web_socket_client::upgrade("/socket", "Origin: http://good\r\n")).status, 101);
}

TEST_F(WebSocketTest, RefusesAsAProblemBeforeItAccepts) {
  start();
  client c = connect();

  const reply r = c.ask(web_socket_client::upgrade("/refuse"));

  EXPECT_EQ(r.status, 404);
  EXPECT_EQ(code_of(r), "ACTOR_NOT_FOUND");
  EXPECT_EQ(c.ask(web_socket_client::upgrade("/socket")).status, 101);
}

TEST_F(WebSocketTest, AHandlerThatForgetsItsSocketIsAnError) {
  start();

  EXPECT_EQ(connect().ask(web_socket_client::upgrade("/forget")).status, 500);
}

TEST_F(WebSocketTest, ClosesWithWhatItsHandlerSays) {
  start();
  web_socket_client c = open("/close/1008");

  const frame f = c.read();

  EXPECT_EQ(f.close_code(), 1008u);
  EXPECT_EQ(f.payload.substr(2), "because");
  c.wire().send(web_socket_client::make_close(1008));
  EXPECT_TRUE(c.wire().is_closed());
  await_ended("websocket", "done");
}

TEST_F(WebSocketTest, ClosesWithTheErrorOfItsHandler) {
  start();
  web_socket_client gone = open("/fail");
  web_socket_client busy = open("/fail?full");

  const frame f = gone.read();

  EXPECT_EQ(f.close_code(), 1008u);
  EXPECT_EQ(f.payload.substr(2), "ACTOR_TERMINATED");
  EXPECT_EQ(busy.read_close(), 1013u);
}

TEST_F(WebSocketTest, ClosesAndLogsWhatAHandlerThrew) {
  start();
  web_socket_client c = open("/throw-in-stream");

  const frame f = c.read();
  c.wire().close();

  EXPECT_EQ(f.close_code(), 1011u);
  EXPECT_EQ(f.payload.substr(2), "INTERNAL_ERROR");
  EXPECT_EQ(log.take().error_text, "secret of a socket");
  await_ended("websocket", "failure");
}

TEST_F(WebSocketTest, DropsAClientThatDoesNotAnswerAClose) {
  start();
  web_socket_client c = open("/close/1000");
  EXPECT_EQ(c.read_close(), 1000u);

  EXPECT_TRUE(c.wire().is_closed());

  await_ended("websocket", "done");
}

TEST_F(WebSocketTest, TellsItsHandlerThatTheConnectionBroke) {
  start();
  web_socket_client c = open("/push");
  ASSERT_EQ(c.read_text().size(), 10'000u);

  c.wire().reset();

  await_ended("websocket", "client_left");
  EXPECT_EQ(log.take().status, 101u);
  EXPECT_TRUE(server->wait_closed(patience));
}

TEST_F(WebSocketTest, EndsWhenItsClientVanishes) {
  start();
  {
    web_socket_client c = open("/socket");
    c.wire().send(web_socket_client::make_frame(web_socket_client::text, "abc").substr(0, 4));
  }

  await_ended("websocket", "client_left");
  EXPECT_TRUE(server->wait_closed(patience));
}

TEST_F(WebSocketTest, ReadsWhileAWriteWaits) {
  start();
  client wire = connect();
  wire.set_receive_buffer(16 << 10);
  web_socket_client c{std::move(wire), "/flood-socket"};

  c.send("read me although you cannot write");

  first_message.get_future().wait();
  for (int i = 0; i < 100; ++i) ASSERT_EQ(c.read_text().size(), 100'000u);
}

TEST_F(WebSocketTest, WritersTakeTurns) {
  start();
  web_socket_client c = open("/push");
  for (int i = 0; i < 100; ++i) c.send(std::to_string(i));

  int written = 0, answered = 0;
  while (written + answered < 200) {
    const std::string text = c.read_text();
    if (text.starts_with("read ")) {
      EXPECT_EQ(text, "read " + std::to_string(answered++));
    } else {
      EXPECT_TRUE(text == std::string(10'000, 'w'));
      ++written;
    }
  }

  EXPECT_EQ(answered, 100);
}

TEST_F(WebSocketTest, DropsAReaderThatTakesNothing) {
  limits.write_timeout = 20ms;
  start();
  client wire = connect();
  wire.set_receive_buffer(16 << 10);
  web_socket_client c{std::move(wire), "/flood-socket"};

  writer_ended.get_future().wait();

  await_ended("websocket", "slow_client");
  EXPECT_EQ(log.take().error_text, "the client took nothing for 20 ms");
}

TEST_F(WebSocketTest, PingsAClientThatIsSilentAndDropsIt) {
  limits.idle_timeout = 20ms;
  start();
  web_socket_client c = open("/socket");

  EXPECT_EQ(c.read().opcode, web_socket_client::ping);
  EXPECT_TRUE(c.wire().is_closed());

  await_ended("websocket", "silent_client");
  EXPECT_EQ(log.take().error_text, "the client did not answer a ping");
}

TEST_F(WebSocketTest, KeepsAClientThatAnswersPings) {
  limits.idle_timeout = 400ms;
  start();
  web_socket_client c = open("/socket");

  for (int i = 0; i < 3; ++i) {
    const frame f = c.read();
    ASSERT_EQ(f.opcode, web_socket_client::ping);
    c.wire().send(web_socket_client::make_frame(web_socket_client::pong, f.payload));
  }
  c.send("still here");

  EXPECT_EQ(c.read_text(), "still here");
}

TEST_F(WebSocketTest, DoesNotDropAClientWhomNobodyReads) {
  limits.idle_timeout = 10ms;
  start();
  web_socket_client c = open("/wait-socket");
  waiting.await_entry();
  web_socket_client silent = open("/socket");
  while (silent.read().opcode != web_socket_client::ping) continue;
  EXPECT_TRUE(silent.wire().is_closed());

  waiting.open();

  EXPECT_EQ(c.read_close(), 1000u);
}

TEST_F(WebSocketTest, CountsAndLogsWhatWentThroughIt) {
  start();
  client c = connect();
  const std::string head = web_socket_client::upgrade("/socket");
  const std::string frame = web_socket_client::make_frame(web_socket_client::text, "hello");
  const std::string close = web_socket_client::make_close(1000);
  c.send(head);
  const reply r = c.read_reply();
  std::size_t head_out = r.status_line.size() + 4;
  for (const auto& [name, value] : r.headers) head_out += name.size() + value.size() + 4;
  c.send(frame);
  c.read_exactly(7);
  EXPECT_TRUE(await_metric("kernd_http_streams", {"kind=websocket"}, 1));
  EXPECT_EQ(metric("kernd_http_requests_in_flight"), 1);
  c.send(close);
  c.read_exactly(4);

  const auto entry = log.take();

  EXPECT_EQ(entry.method, "GET");
  EXPECT_EQ(entry.route, "/socket");
  EXPECT_EQ(entry.status, 101u);
  EXPECT_EQ(entry.code, "");
  EXPECT_EQ(entry.bytes_in, head.size() + frame.size() + close.size());
  EXPECT_EQ(entry.bytes_out, head_out + 7 + 4);
  EXPECT_EQ(metric("kernd_http_requests_total", {"route=/socket", "code=101"}), 1);
  EXPECT_EQ(metric("kernd_http_requests_total", {"route=/socket"}), 1);
  EXPECT_EQ(metric("kernd_http_requests_in_flight"), 0);
  EXPECT_EQ(metric("kernd_http_stream_messages_total", {"kind=websocket", "direction=in"}), 1);
  EXPECT_EQ(metric("kernd_http_stream_messages_total", {"kind=websocket", "direction=out"}), 1);
}

TEST_F(WebSocketTest, SharesARouteWithEvents) {
  start();
  web_socket_client c = open("/both");
  client plain = connect();

  c.send("echo");

  EXPECT_EQ(c.read_text(), "echo");
  EXPECT_EQ(plain.ask(get("/both")).status, 426);
  EXPECT_EQ(plain.ask(get("/both", "Accept: text/event-stream\r\n")).status, 200);
}

}  // namespace
}  // namespace kernd::test
