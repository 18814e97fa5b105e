#include "tests/http/stream_test.hpp"

#include <future>
#include <string>
#include <thread>

namespace kernd::test {
namespace {

using namespace std::chrono_literals;
using EventStreamTest = StreamTest;

TEST_F(EventStreamTest, SendsItsEventsAndEnds) {
  start();
  client c = listen("/count/2");

  EXPECT_EQ(read_chunk(c), "id: 1\nevent: tick\ndata: 1\n\n");
  EXPECT_EQ(read_chunk(c), "id: 2\nevent: tick\ndata: 2\n\n");
  EXPECT_EQ(read_chunk(c), "");
  EXPECT_TRUE(c.is_closed());
}

TEST_F(EventStreamTest, HasTheHeadOfAStream) {
  start();
  client c = connect();

  const reply r = c.ask(get("/count/1", "Origin: http://a\r\nX-Request-ID: mine\r\n"));

  EXPECT_EQ(r.status, 200);
  EXPECT_EQ(r.header("Content-Type"), "text/event-stream");
  EXPECT_EQ(r.header("Cache-Control"), "no-store");
  EXPECT_EQ(r.header("Transfer-Encoding"), "chunked");
  EXPECT_EQ(r.header("Connection"), "close");
  EXPECT_EQ(r.header("X-Request-ID"), "mine");
  EXPECT_EQ(r.header("Access-Control-Allow-Origin"), "*");
  EXPECT_TRUE(r.has("Date"));
  EXPECT_FALSE(r.has("Content-Length"));
}

TEST_F(EventStreamTest, DividesDataAtEveryKindOfLineEnd) {
  start();
  client c = listen("/lines");

  EXPECT_EQ(read_chunk(c), "data: a\ndata: b\ndata: \ndata: c\n\n");
}

TEST_F(EventStreamTest, EndsWithTheConnectionForAnOldClient) {
  start();
  client c = connect();
  const std::string expected = "id: 1\nevent: tick\ndata: 1\n\n";

  const reply r = c.ask("GET /count/1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");

  EXPECT_FALSE(r.has("Transfer-Encoding"));
  EXPECT_EQ(r.header("Connection"), "close");
  EXPECT_EQ(c.read_exactly(expected.size()), expected);
  EXPECT_TRUE(c.is_closed());
}

TEST_F(EventStreamTest, AnswersHeadWithoutEvents) {
  start();
  client c = connect();
  c.send("HEAD /count/1 HTTP/1.1\r\nHost: x\r\n\r\n");

  const reply r = c.read_reply(true);

  EXPECT_EQ(r.header("Content-Type"), "text/event-stream");
  EXPECT_FALSE(r.has("Content-Length"));
  EXPECT_EQ(c.ask(get("/hello")).body, "\"hello\"");
  EXPECT_EQ(log.take().status, 200u);
  EXPECT_EQ(metric("kernd_http_streams_ended_total"), 0);
}

TEST_F(EventStreamTest, AnswersWhatWasPipelinedBehindHead) {
  start();
  client c = connect();
  c.send("HEAD /count/1 HTTP/1.1\r\nHost: x\r\n\r\n" + get("/hello"));

  EXPECT_EQ(c.read_reply(true).status, 200);
  EXPECT_EQ(c.read_reply().body, "\"hello\"");
}

TEST_F(EventStreamTest, AnswersHeadAsItAnswersGetWhenItRefuses) {
  start();
  client c = connect();
  c.send("HEAD /refuse HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n");

  EXPECT_EQ(c.read_reply(true).status, 404);
  EXPECT_EQ(c.ask(get("/hello")).status, 200);
}

TEST_F(EventStreamTest, RefusesAsAProblemBeforeItBegins) {
  start();
  client c = connect();

  const reply r = c.ask(get("/refuse", "Accept: text/event-stream\r\n"));

  EXPECT_EQ(r.status, 404);
  EXPECT_EQ(code_of(r), "ACTOR_NOT_FOUND");
  EXPECT_EQ(c.ask(get("/hello")).status, 200);
}

TEST_F(EventStreamTest, TellsWhyItFailedAsItsLastEvent) {
  start();
  client c = listen("/fail");

  const std::string last = read_chunk(c);

  EXPECT_TRUE(last.starts_with("event: problem\ndata: {\"title\":\"Actor terminated\"")) << last;
  EXPECT_EQ(read_chunk(c), "");
  await_ended("events", "failure");
}

TEST_F(EventStreamTest, LogsWhatAHandlerThrew) {
  start();
  client c = listen("/throw-in-stream");

  const std::string last = read_chunk(c);

  EXPECT_NE(last.find("INTERNAL_ERROR"), last.npos);
  EXPECT_EQ(last.find("secret"), last.npos);
  const auto entry = log.take();
  EXPECT_EQ(entry.status, 200u);
  EXPECT_EQ(entry.error_text, "secret of a stream");
}

TEST_F(EventStreamTest, AHandlerThatForgetsItsStreamIsAnError) {
  start();
  client c = connect();

  const reply r = c.ask(get("/forget", "Accept: text/event-stream\r\n"));

  EXPECT_EQ(r.status, 500);
  EXPECT_EQ(log.take().error_text, "the handler returned without opening its stream");
}

TEST_F(EventStreamTest, TellsItsHandlerThatTheClientLeft) {
  start();
  client c = listen("/wait-events");
  waiting.await_entry();

  c.close();

  waiting.await_disconnect();
  EXPECT_EQ(log.take().status, 200u);
  await_ended("events", "client_left");
}

TEST_F(EventStreamTest, TellsItsHandlerThatTheConnectionBroke) {
  start();
  client c = listen("/wait-events");
  waiting.await_entry();

  c.reset();

  waiting.await_disconnect();
  await_ended("events", "client_left");
  EXPECT_TRUE(server->wait_closed(patience));
}

TEST_F(EventStreamTest, CommentsWhileItIsSilent) {
  start();
  client c = listen("/beat");

  EXPECT_EQ(read_chunk(c), ":\n\n");
  EXPECT_EQ(read_chunk(c), ":\n\n");
}

TEST_F(EventStreamTest, WaitsForAReaderThatIsSlow) {
  start();
  client c = connect();
  c.set_receive_buffer(16 << 10);
  c.send(get("/count/100000"));
  ASSERT_EQ(c.read_reply().status, 200);

  for (int i = 1; i <= 100'000; ++i) {
    const std::string n = std::to_string(i);
    ASSERT_EQ(read_chunk(c), "id: " + n + "\nevent: tick\ndata: " + n + "\n\n");
  }

  EXPECT_EQ(read_chunk(c), "");
}

TEST_F(EventStreamTest, DropsAReaderThatTakesNothing) {
  limits.write_timeout = 20ms;
  start();
  client c = connect();
  c.set_receive_buffer(16 << 10);
  c.send(get("/flood"));

  writer_ended.get_future().wait();

  await_ended("events", "slow_client");
  EXPECT_EQ(log.take().error_text, "the client took nothing for 20 ms");
}

TEST_F(EventStreamTest, LetsOtherConnectionsHaveTheirTurn) {
  start();
  client c = connect();
  std::thread reader{[&] {
    c.send(get("/flood"));
    while (true) {
      try {
        c.read_exactly(1 << 20);
      } catch (const std::exception&) {
        return;
      }
    }
  }};

  EXPECT_EQ(connect().ask(get("/hello")).status, 200);

  server->close_listener();
  reader.join();
}

TEST_F(EventStreamTest, CountsAndLogsWhatItSent) {
  start();
  client c = connect();
  const std::string text = get("/count/3");
  c.send(text);
  ASSERT_EQ(c.read_reply().status, 200);
  while (!read_chunk(c).empty()) continue;

  const auto entry = log.take();

  EXPECT_EQ(entry.route, "/count/{n}");
  EXPECT_EQ(entry.status, 200u);
  EXPECT_EQ(entry.code, "");
  EXPECT_EQ(entry.bytes_in, text.size());
  EXPECT_EQ(metric("kernd_http_response_bytes_total"), static_cast<double>(entry.bytes_out));
  EXPECT_EQ(metric("kernd_http_requests_total", {"route=/count/{n}", "code=200"}), 1);
  EXPECT_EQ(metric("kernd_http_requests_in_flight"), 0);
  EXPECT_EQ(metric("kernd_http_stream_messages_total", {"kind=events", "direction=out"}), 3);
  await_ended("events", "done");
}

TEST_F(EventStreamTest, IsAStreamThatIsOpenWhileItWaits) {
  start();
  client c = listen("/wait-events");
  waiting.await_entry();

  EXPECT_EQ(metric("kernd_http_streams", {"kind=events"}), 1);
  EXPECT_EQ(metric("kernd_http_requests_in_flight"), 1);
}

TEST_F(EventStreamTest, KnowsWhatItsClientSawLast) {
  start();
  client c = connect();
  c.send(get("/both", "Accept: text/event-stream\r\nLast-Event-ID: 17\r\n"));

  EXPECT_EQ(last_event_id.get_future().get(), "17");
  EXPECT_EQ(c.read_reply().status, 200);
}

TEST_F(EventStreamTest, EndsWhenTheListenerCloses) {
  start();
  client c = listen("/wait-events");
  waiting.await_entry();
  server->drain();
  EXPECT_FALSE(server->wait_closed(1ms));

  server->close_listener();

  EXPECT_EQ(read_chunk(c), "");
  EXPECT_TRUE(c.is_closed());
  waiting.await_disconnect();
  EXPECT_TRUE(server->wait_closed(patience));
  await_ended("events", "drain");
}

TEST_F(EventStreamTest, DoesNotBeginAfterTheListenerClosed) {
  start();
  client c = connect();
  c.send(get("/wait") + get("/count/1"));
  waiting.await_entry();
  server->close_listener();
  waiting.open();
  ASSERT_EQ(c.read_reply().status, 200);

  const reply r = c.read_reply();

  EXPECT_EQ(r.status, 503);
  EXPECT_EQ(code_of(r), "SERVICE_UNAVAILABLE");
  EXPECT_TRUE(c.is_closed());
}

}  // namespace
}  // namespace kernd::test
