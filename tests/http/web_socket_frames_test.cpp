#include "tests/http/stream_test.hpp"

#include <string>

namespace kernd::test {
namespace {

using socket_frame = web_socket_client;

/// What frames of a client are answered with.
struct WebSocketFramesTest : StreamTest {
  /// A server's frames are whole and not masked.
  static void expect_plain(const frame& f) {
    EXPECT_TRUE(f.is_final);
    EXPECT_FALSE(f.is_masked);
  }

  /// `bytes` break a rule: the socket closes with `code`, and the connection after it.
  void expect_closed(const std::string& bytes, unsigned code) {
    start();
    web_socket_client c = open("/socket");
    c.wire().send(bytes);
    EXPECT_EQ(c.read_close(), code);
    c.wire().send_until_refused(socket_frame::make_close(code));
    EXPECT_TRUE(c.wire().is_closed());
    c.wire().close();
    const auto entry = log.take();
    EXPECT_EQ(entry.status, 101u);
    EXPECT_NE(entry.error_text, "");
    await_ended("websocket", "misuse");
  }
};

TEST_F(WebSocketFramesTest, EchoesMessages) {
  start();
  web_socket_client c = open("/socket");

  for (const std::string text : {"one", "", "\xc3\xa4\xe2\x82\xac"}) {
    c.send(text);
    const frame f = c.read();
    EXPECT_EQ(f.payload, text);
    EXPECT_EQ(f.opcode, socket_frame::text);
    expect_plain(f);
  }
}

TEST_F(WebSocketFramesTest, EchoesMessagesOfEveryLength) {
  start();
  web_socket_client c = open("/socket");

  for (const std::size_t size : {125u, 126u, 4096u, 65535u, 65536u, 300'000u, 512u << 10, 1u}) {
    const std::string text(size, 'x');
    c.send(text);
    const frame f = c.read();
    EXPECT_TRUE(f.payload == text) << size;
    expect_plain(f);
  }
  EXPECT_EQ(bodies.used(), 0u);
}

TEST_F(WebSocketFramesTest, AnswersMessagesInOrder) {
  start();
  web_socket_client c = open("/socket");
  std::string all;
  for (int i = 0; i < 1000; ++i) {
    all += socket_frame::make_frame(socket_frame::text, std::to_string(i));
  }

  c.wire().send(all);

  for (int i = 0; i < 1000; ++i) ASSERT_EQ(c.read_text(), std::to_string(i));
}

TEST_F(WebSocketFramesTest, JoinsFragments) {
  start();
  web_socket_client c = open("/socket");

  c.wire().send(socket_frame::make_frame(socket_frame::text, "a", false));
  c.wire().send(socket_frame::make_frame(0, "", false));
  c.wire().send(socket_frame::make_frame(socket_frame::ping, "between"));
  c.wire().send(socket_frame::make_frame(0, "b", false));
  c.wire().send(socket_frame::make_frame(0, "c"));

  const frame pong = c.read();
  EXPECT_EQ(pong.opcode, socket_frame::pong);
  EXPECT_EQ(pong.payload, "between");
  EXPECT_EQ(c.read_text(), "abc");
}

TEST_F(WebSocketFramesTest, ReadsFramesByteByByte) {
  start();
  web_socket_client c = open("/socket");
  client other = connect();

  for (const char byte : socket_frame::make_frame(socket_frame::text, "slowly")) {
    c.wire().send({&byte, 1});
    ASSERT_EQ(other.ask(get("/hello")).status, 200);
  }

  EXPECT_EQ(c.read_text(), "slowly");
}

TEST_F(WebSocketFramesTest, ReadsWhatCameWithTheHead) {
  start();
  client wire = connect();
  wire.send(socket_frame::upgrade("/socket") +
            socket_frame::make_frame(socket_frame::text, "early") +
            socket_frame::make_frame(socket_frame::text, "too").substr(0, 5));
  ASSERT_EQ(wire.read_reply().status, 101);

  wire.send(socket_frame::make_frame(socket_frame::text, "too").substr(5));

  EXPECT_EQ(wire.read_exactly(7),
            "\x81\x05"
            "early");
  EXPECT_EQ(wire.read_exactly(5),
            "\x81\x03"
            "too");
}

TEST_F(WebSocketFramesTest, UpgradesBehindARequestThatIsBeingAnswered) {
  start();
  client wire = connect();
  wire.send(get("/wait"));
  waiting.await_entry();
  wire.send(socket_frame::upgrade("/socket") +
            socket_frame::make_frame(socket_frame::text, "early"));
  // By its answer the loop has read the lines above.
  ASSERT_EQ(connect().ask(get("/hello")).status, 200);

  waiting.open();

  EXPECT_EQ(wire.read_reply().body, "\"opened\"");
  EXPECT_EQ(wire.read_reply().status, 101);
  EXPECT_EQ(wire.read_exactly(7),
            "\x81\x05"
            "early");
  wire.send(socket_frame::make_frame(socket_frame::text, "late"));
  EXPECT_EQ(wire.read_exactly(6),
            "\x81\x04"
            "late");
}

TEST_F(WebSocketFramesTest, ClosesAfterABinaryMessage) {
  expect_closed(socket_frame::make_frame(socket_frame::binary, "abc"), 1003);
}

TEST_F(WebSocketFramesTest, ClosesAfterTextThatIsNotUtf8) {
  expect_closed(socket_frame::make_frame(socket_frame::text, "a\xff"), 1007);
}

TEST_F(WebSocketFramesTest, ClosesAfterTextThatEndsInsideACharacter) {
  expect_closed(socket_frame::make_frame(socket_frame::text, "a\xe2\x82"), 1007);
}

TEST_F(WebSocketFramesTest, ClosesAfterMoreThanItsLimit) {
  expect_closed(
      socket_frame::make_frame(socket_frame::text, std::string((512 << 10) + 1, 'x')).substr(0, 20),
      1009);
}

TEST_F(WebSocketFramesTest, ClosesAfterFragmentsOfMoreThanItsLimit) {
  const std::string half(300 << 10, 'x');
  expect_closed(socket_frame::make_frame(socket_frame::text, half, false) +
                    socket_frame::make_frame(0, half).substr(0, 20),
                1009);
}

TEST_F(WebSocketFramesTest, ClosesAfterAFrameWithoutAMask) {
  expect_closed(socket_frame::make_frame(socket_frame::text, "abc", true, false), 1002);
}

TEST_F(WebSocketFramesTest, ClosesAfterAReservedOpcode) {
  expect_closed(socket_frame::make_frame(3, "abc"), 1002);
}

TEST_F(WebSocketFramesTest, ClosesAfterACompressedFrame) {
  expect_closed(socket_frame::make_frame(0x40 | socket_frame::text, "abc"), 1002);
}

TEST_F(WebSocketFramesTest, ClosesAfterAPingInFragments) {
  expect_closed(socket_frame::make_frame(socket_frame::ping, "abc", false), 1002);
}

TEST_F(WebSocketFramesTest, ClosesAfterAPingThatIsTooLong) {
  expect_closed(socket_frame::make_frame(socket_frame::ping, std::string(126, 'p')), 1002);
}

TEST_F(WebSocketFramesTest, ClosesAfterAContinuationOfNothing) {
  expect_closed(socket_frame::make_frame(0, "abc"), 1002);
}

TEST_F(WebSocketFramesTest, ClosesAfterAMessageInsideAMessage) {
  expect_closed(socket_frame::make_frame(socket_frame::text, "a", false) +
                    socket_frame::make_frame(socket_frame::text, "b"),
                1002);
}

TEST_F(WebSocketFramesTest, ClosesAfterACloseWithAReservedCode) {
  expect_closed(socket_frame::make_close(1005), 1002);
}

TEST_F(WebSocketFramesTest, ClosesAfterACloseOfOneByte) {
  expect_closed(socket_frame::make_frame(socket_frame::close, "x"), 1002);
}

TEST_F(WebSocketFramesTest, ClosesAfterHttp) {
  expect_closed(get("/hello"), 1002);
}

TEST_F(WebSocketFramesTest, AnswersPings) {
  start();
  web_socket_client c = open("/socket");

  c.wire().send(socket_frame::make_frame(socket_frame::ping, "are you there"));

  const frame pong = c.read();
  EXPECT_EQ(pong.opcode, socket_frame::pong);
  EXPECT_EQ(pong.payload, "are you there");
}

TEST_F(WebSocketFramesTest, AnswersAClose) {
  start();
  web_socket_client c = open("/socket");

  c.wire().send(socket_frame::make_close(1000));

  EXPECT_EQ(c.read_close(), 1000u);
  EXPECT_TRUE(c.wire().is_closed());
  EXPECT_EQ(log.take().error_text, "");
  await_ended("websocket", "client_left");
}

TEST_F(WebSocketFramesTest, ClosesWhenTheBudgetHasNoRoomForAMessage) {
  limits.body_memory_bytes = 64 << 10;
  start();
  web_socket_client c = open("/socket");

  c.send(std::string(20'000, 'x'));
  c.wire().send_until_refused(
      socket_frame::make_frame(socket_frame::text, std::string(200'000, 'x')));

  EXPECT_EQ(c.read_text().size(), 20'000u);
  EXPECT_EQ(c.read_close(), 1013u);
  c.wire().send_until_refused(socket_frame::make_close(1013));
  await_ended("websocket", "no_memory");
  EXPECT_EQ(bodies.used(), 0u);
}

}  // namespace
}  // namespace kernd::test
