#include "tests/http/server_test.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <thread>
#include <vector>

namespace kernd::test {
namespace {

using namespace std::chrono_literals;
using ConnectionsTest = ServerTest;

TEST_F(ConnectionsTest, StaysOpenForAnotherRequest) {
  start();
  client c = connect();

  EXPECT_EQ(c.ask(get("/hello")).status, 200);
  EXPECT_EQ(c.ask(get("/hello")).status, 200);
}

TEST_F(ConnectionsTest, ClosesWhenAsked) {
  start();
  client c = connect();

  const reply r = c.ask(get("/hello", "Connection: close\r\n"));

  EXPECT_EQ(r.header("Connection"), "close");
  EXPECT_TRUE(c.is_closed());
}

TEST_F(ConnectionsTest, ClosesAfterAnOldRequest) {
  start();
  client c = connect();

  const reply r = c.ask("GET /hello HTTP/1.0\r\n\r\n");

  EXPECT_EQ(r.status, 200);
  EXPECT_TRUE(c.is_closed());
}

TEST_F(ConnectionsTest, StaysOpenForAnOldClientThatAsks) {
  start();
  client c = connect();

  const reply r = c.ask("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");

  EXPECT_EQ(r.header("Connection"), "keep-alive");
  EXPECT_EQ(c.ask(get("/hello")).status, 200);
}

TEST_F(ConnectionsTest, AnswersPipelinedRequestsInOrder) {
  start();
  client c = connect();
  std::string all;
  for (int i = 0; i < 100; ++i) all += get(i % 3 == 0 ? "/soon" : "/item/" + std::to_string(i));

  c.send(all);

  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(c.read_reply().body, i % 3 == 0 ? "\"soon\"" : std::to_string(i));
  }
}

TEST_F(ConnectionsTest, AnswersMorePipelinedRequestsThanItsBufferHolds) {
  start();
  client c = connect();
  std::string all = get("/wait");
  for (int i = 0; i < 1000; ++i) all += post("/echo", std::to_string(i));

  c.send(all);
  waiting.await_entry();
  waiting.open();

  EXPECT_EQ(c.read_reply().body, "\"opened\"");
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(c.read_reply().body, std::to_string(i));
}

TEST_F(ConnectionsTest, KeepsWhatArrivesWhileAHandlerRuns) {
  start();
  client c = connect();
  c.send(get("/wait"));
  waiting.await_entry();

  c.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nabc");
  waiting.open();
  EXPECT_EQ(c.read_reply().body, "\"opened\"");
  c.send("def");

  EXPECT_EQ(c.read_reply().body, "abcdef");
}

TEST_F(ConnectionsTest, AnswersWhatAClientAskedBeforeItStoppedSending) {
  start();
  client c = connect();

  c.send(get("/hello") + get("/item/1"));
  c.finish_sending();

  EXPECT_EQ(c.read_reply().body, "\"hello\"");
  EXPECT_EQ(c.read_reply().body, "1");
  EXPECT_TRUE(c.is_closed());
}

TEST_F(ConnectionsTest, TellsAHandlerThatItsClientIsGone) {
  start();
  client c = connect();
  c.send(get("/wait", "X-Request-ID: gone\r\n"));
  waiting.await_entry();

  c.close();

  waiting.await_disconnect();
  const auto entry = log.take();
  EXPECT_EQ(entry.request_id, "gone");
  EXPECT_EQ(entry.status, 499u);
  EXPECT_EQ(entry.code, "CLIENT_CLOSED_REQUEST");
}

TEST_F(ConnectionsTest, TellsAHandlerThatItsConnectionWasReset) {
  start();
  client c = connect();
  c.send(post("/wait", "abc"));
  waiting.await_entry();

  c.reset();

  waiting.await_disconnect();
  EXPECT_TRUE(server->wait_closed(patience));
}

TEST_F(ConnectionsTest, CountsARequestWhoseBodyNeverCame) {
  start();
  client c = connect();
  c.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab");

  c.close();

  EXPECT_EQ(log.take().status, 499u);
  EXPECT_EQ(metric("kernd_http_requests_in_flight"), 0);
}

TEST_F(ConnectionsTest, ClosesAfterTheLastRequestItGrants) {
  limits.max_requests_per_connection = 2;
  start();
  client c = connect();

  EXPECT_FALSE(c.ask(get("/hello")).has("Connection"));
  EXPECT_EQ(c.ask(get("/hello")).header("Connection"), "close");
  EXPECT_TRUE(c.is_closed());
}

TEST_F(ConnectionsTest, TurnsAwayMoreThanItsLimit) {
  limits.max_connections = 1;
  start();
  client first = connect();
  ASSERT_EQ(first.ask(get("/hello")).status, 200);

  client second = connect();
  const reply r = second.read_reply();

  EXPECT_EQ(r.status, 503);
  EXPECT_EQ(code_of(r), "CONNECTION_LIMIT");
  EXPECT_TRUE(r.has("Retry-After"));
  EXPECT_EQ(r.header("Connection"), "close");
  EXPECT_TRUE(second.is_closed());
  EXPECT_EQ(first.ask(get("/hello")).status, 200);
  EXPECT_EQ(metric("kernd_http_connections_rejected_total", {"reason=connection_limit"}), 1);
}

TEST_F(ConnectionsTest, ClosesWithoutAWordBeyondTheOnesItTurnsAway) {
  limits.max_connections = 1;
  start();
  client first = connect();
  ASSERT_EQ(first.ask(get("/hello")).status, 200);
  std::vector<client> turned_away;
  for (int i = 0; i < 64; ++i)
    ASSERT_EQ(turned_away.emplace_back(connect()).read_reply().status, 503);

  EXPECT_TRUE(connect().is_closed());
  EXPECT_EQ(metric("kernd_http_connections_rejected_total", {"reason=connection_limit"}), 65);
}

TEST_F(ConnectionsTest, WaitsOnlySoLongForAClientToCloseToo) {
  start();
  client c = connect();
  ASSERT_EQ(c.ask(get("/hello", "Connection: close\r\n")).status, 200);
  ASSERT_TRUE(server->wait_closed(patience));

  const auto until = std::chrono::steady_clock::now() + patience;
  while (metric("kernd_http_connections") != 0 && std::chrono::steady_clock::now() < until) {
    std::this_thread::yield();
  }

  EXPECT_EQ(metric("kernd_http_connections"), 0);
}

TEST_F(ConnectionsTest, TakesAnotherWhenOneHasGone) {
  limits.max_connections = 1;
  start();
  {
    client first = connect();
    ASSERT_EQ(first.ask(get("/hello", "Connection: close\r\n")).status, 200);
  }
  while (metric("kernd_http_connections") != 0) std::this_thread::yield();

  EXPECT_EQ(connect().ask(get("/hello")).status, 200);
}

TEST_F(ConnectionsTest, SharesConnectionsOutAmongItsLoops) {
  options.io_threads = 2;
  start();
  client first = connect();
  client second = connect();
  client third = connect();
  first.send(get("/wait"));
  waiting.await_entry();

  EXPECT_EQ(second.ask(get("/hello")).status, 200);
  EXPECT_EQ(third.ask(get("/hello")).status, 200);
  EXPECT_TRUE(server->loops_alive(patience));
  waiting.open();
  EXPECT_EQ(first.read_reply().status, 200);
}

TEST_F(ConnectionsTest, SurvivesRunningOutOfFileDescriptors) {
  start();
  client c = connect();
  ASSERT_EQ(c.ask(get("/hello")).status, 200);
  client waiting_one = [&] {
    // The client's own socket is the last descriptor there is.
    const int next = fcntl(0, F_DUPFD, 0);
    ::close(next);
    rlimit before{};
    getrlimit(RLIMIT_NOFILE, &before);
    rlimit none = before;
    none.rlim_cur = static_cast<rlim_t>(next) + 1;
    setrlimit(RLIMIT_NOFILE, &none);
    client late = connect();
    while (metric("kernd_http_connections_rejected_total", {"reason=accept_error"}) == 0) {
      std::this_thread::yield();
    }
    EXPECT_EQ(c.ask(get("/hello")).status, 200);
    setrlimit(RLIMIT_NOFILE, &before);
    return late;
  }();

  EXPECT_EQ(waiting_one.ask(get("/hello")).status, 200);
  EXPECT_LE(metric("kernd_http_connections_rejected_total", {"reason=accept_error"}), 5);
}

TEST_F(ConnectionsTest, DrainAnswersOnceMoreOnAConnectionThatIdles) {
  start();
  client used = connect_and_ask();

  server->drain();
  const reply r = used.ask(get("/hello"));

  EXPECT_EQ(r.status, 200);
  EXPECT_EQ(r.header("Connection"), "close");
  EXPECT_TRUE(used.is_closed());
}

TEST_F(ConnectionsTest, DrainLeavesConnectionsThatIdleUntilTheListenerCloses) {
  start();
  std::vector<client> used;
  for (int i = 0; i < 100; ++i) used.push_back(connect_and_ask());

  server->drain();
  EXPECT_FALSE(server->wait_closed(1ms));
  server->close_listener();

  for (client& c : used) EXPECT_TRUE(c.is_closed());
  EXPECT_TRUE(server->wait_closed(patience));
}

TEST_F(ConnectionsTest, DrainStillServesAConnectionThatIsNew) {
  start();
  client fresh = connect();
  ASSERT_EQ(connect().ask(get("/hello")).status, 200);  // by now the loop has the one before

  server->drain();
  const reply r = fresh.ask(get("/hello"));

  EXPECT_EQ(r.status, 200);
  EXPECT_EQ(r.header("Connection"), "close");
}

TEST_F(ConnectionsTest, ConnectionsThatSentNothingCloseWithTheListener) {
  start();
  client fresh = connect();
  ASSERT_EQ(connect().ask(get("/hello")).status, 200);  // by now the loop has the one before

  server->close_listener();

  EXPECT_TRUE(fresh.is_closed());
  EXPECT_TRUE(server->wait_closed(patience));
}

TEST_F(ConnectionsTest, DrainLetsABusyConnectionAnswer) {
  start();
  client c = connect();
  c.send(get("/wait"));
  waiting.await_entry();

  server->drain();
  EXPECT_FALSE(server->wait_closed(1ms));
  waiting.open();

  EXPECT_EQ(c.read_reply().header("Connection"), "close");
  EXPECT_TRUE(server->wait_closed(patience));
}

TEST_F(ConnectionsTest, ServesOnceMoreWhileItDrains) {
  start();
  server->drain();

  const reply r = connect().ask(get("/hello"));

  EXPECT_EQ(r.status, 200);
  EXPECT_EQ(r.header("Connection"), "close");
}

TEST_F(ConnectionsTest, AcceptsNothingAfterTheListenerClosed) {
  start();
  client c = connect();
  c.send(get("/wait"));
  waiting.await_entry();

  server->close_listener();

  EXPECT_ANY_THROW(connect());
  waiting.open();
  EXPECT_EQ(c.read_reply().status, 200);
  EXPECT_TRUE(c.is_closed());
}

TEST_F(ConnectionsTest, EndsWithConnectionsOpen) {
  start();
  client idle = connect();
  client busy = connect();
  ASSERT_EQ(idle.ask(get("/hello")).status, 200);
  busy.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab");

  server.reset();

  EXPECT_TRUE(idle.is_closed());
}

TEST_F(ConnectionsTest, SendsALargeAnswerToASlowReader) {
  start();
  client c = connect();
  c.set_receive_buffer(64 << 10);

  c.send(get("/big") + get("/hello"));
  const reply r = c.read_reply();

  EXPECT_EQ(r.body.size(), big_bytes);
  EXPECT_TRUE(r.body == std::string(big_bytes / 2, 'a') + std::string(big_bytes / 2, 'b'));
  EXPECT_EQ(c.read_reply().body, "\"hello\"");
}

TEST_F(ConnectionsTest, CannotBindATakenAddress) {
  start();
  server_config same = options;
  same.port = server->port();
  http::server other{routes, same, limits, bodies, nullptr};

  EXPECT_THROW(other.start(), http::listen_error);
}

}  // namespace
}  // namespace kernd::test
