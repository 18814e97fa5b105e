#include "tests/http/stream_test.hpp"

#include <vector>

namespace kernd::test {
namespace {

using namespace std::chrono_literals;
using StreamDrainTest = StreamTest;

TEST_F(StreamDrainTest, LeavesStreamsOpenUntilTheListenerCloses) {
  start();
  web_socket_client c = open("/socket");

  server->drain();
  c.send("still here");

  EXPECT_EQ(c.read_text(), "still here");
  EXPECT_FALSE(server->wait_closed(1ms));
}

TEST_F(StreamDrainTest, ClosesWebSocketsAsGoingAway) {
  start();
  web_socket_client c = open("/socket");
  server->drain();

  server->close_listener();

  EXPECT_EQ(c.read_close(), 1001u);
  c.wire().send(web_socket_client::make_close(1001));
  EXPECT_TRUE(c.wire().is_closed());
  EXPECT_TRUE(server->wait_closed(patience));
  await_ended("websocket", "drain");
}

TEST_F(StreamDrainTest, TellsHandlersThatWait) {
  start();
  web_socket_client c = open("/wait-socket");
  waiting.await_entry();

  server->close_listener();

  waiting.await_disconnect();
  EXPECT_EQ(c.read_close(), 1001u);
}

TEST_F(StreamDrainTest, EndsManyStreams) {
  options.io_threads = 2;
  start();
  std::vector<web_socket_client> sockets;
  std::vector<client> listeners;
  for (int i = 0; i < 50; ++i) {
    sockets.push_back(open("/socket"));
    listeners.push_back(listen("/wait-events"));
  }
  server->drain();

  server->close_listener();

  for (web_socket_client& c : sockets) {
    EXPECT_EQ(c.read_close(), 1001u);
    c.wire().send(web_socket_client::make_close(1001));
  }
  for (client& c : listeners) EXPECT_EQ(read_chunk(c), "");
  EXPECT_TRUE(server->wait_closed(patience));
  await_ended("websocket", "drain", 50);
  await_ended("events", "drain", 50);
}

TEST_F(StreamDrainTest, DropsClientsThatDoNotAnswer) {
  start();
  std::vector<web_socket_client> sockets;
  for (int i = 0; i < 50; ++i) sockets.push_back(open("/socket"));

  server->close_listener();

  EXPECT_TRUE(server->wait_closed(patience));
  await_ended("websocket", "drain", 50);
}

TEST_F(StreamDrainTest, DropsClientsThatTakeNothing) {
  start();
  client wire = connect();
  wire.set_receive_buffer(16 << 10);
  web_socket_client socket{std::move(wire), "/flood-socket"};
  client events = connect();
  events.set_receive_buffer(16 << 10);
  events.send(get("/wait-events"));
  waiting.await_entry();

  server->close_listener();

  EXPECT_TRUE(server->wait_closed(patience));
  writer_ended.get_future().wait();
}

TEST_F(StreamDrainTest, DropsListenersThatTakeNothing) {
  start();
  client events = connect();
  events.set_receive_buffer(16 << 10);
  events.send(get("/flood"));
  ASSERT_EQ(events.read_reply().status, 200);

  server->close_listener();

  EXPECT_TRUE(server->wait_closed(patience));
  writer_ended.get_future().wait();
}

TEST_F(StreamDrainTest, AcceptsNoWebSocketAfterTheListenerClosed) {
  start();
  client c = connect();
  c.send(get("/wait"));
  waiting.await_entry();
  c.send(web_socket_client::upgrade("/socket"));
  server->close_listener();
  waiting.open();
  ASSERT_EQ(c.read_reply().status, 200);

  const reply r = c.read_reply();

  EXPECT_EQ(r.status, 503);
  EXPECT_EQ(code_of(r), "SERVICE_UNAVAILABLE");
}

TEST_F(StreamDrainTest, EndsWithStreamsOpen) {
  start();
  web_socket_client socket = open("/push");
  web_socket_client stuck_one = open("/flood-socket");
  client events = listen("/wait-events");
  waiting.await_entry();

  server.reset();

  EXPECT_TRUE(events.is_closed());
}

}  // namespace
}  // namespace kernd::test
