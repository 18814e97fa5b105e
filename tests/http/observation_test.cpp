#include "tests/http/server_test.hpp"

#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <thread>

namespace kernd::test {
namespace {

using namespace std::chrono_literals;
using ObservationTest = ServerTest;

TEST_F(ObservationTest, LogsARequest) {
  start();
  const std::string text =
      get("/item/7",
          "X-Tenant-ID: acme\r\n"
          "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n");
  client c = connect();
  c.send(text);
  const reply r = c.read_reply();

  const auto entry = log.take();

  EXPECT_EQ(entry.method, "GET");
  EXPECT_EQ(entry.route, "/item/{id}");
  EXPECT_EQ(entry.status, 200u);
  EXPECT_EQ(entry.code, "");
  EXPECT_EQ(entry.request_id, r.header("X-Request-ID"));
  EXPECT_EQ(entry.trace_id, "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(entry.tenant_id, "acme");
  EXPECT_EQ(entry.peer, "127.0.0.1");
  EXPECT_EQ(entry.bytes_in, text.size());
  EXPECT_GT(entry.bytes_out, r.body.size());
}

TEST_F(ObservationTest, LogsTheCodeOfAProblem) {
  start();
  connect().ask(get("/nowhere"));

  const auto entry = log.take();

  EXPECT_EQ(entry.route, "unmatched");
  EXPECT_EQ(entry.code, "NOT_FOUND");
}

TEST_F(ObservationTest, LogsNothingWhenItsLogIsOff) {
  options.access_log = false;
  start();

  connect().ask(get("/hello"));

  EXPECT_TRUE(log.empty());
}

TEST_F(ObservationTest, CountsRequestsByRoute) {
  start();
  client c = connect();
  c.ask(get("/item/1"));
  c.ask(get("/item/2"));
  c.ask("DELETE /item/2 HTTP/1.1\r\nHost: x\r\n\r\n");
  for (int i = 0; i < 3; ++i) log.take();

  EXPECT_EQ(metric("kernd_http_requests_total", {"method=GET", "route=/item/{id}", "code=200"}), 2);
  EXPECT_EQ(metric("kernd_http_requests_total", {"method=DELETE", "route=/item/{id}", "code=405"}),
            1);
  EXPECT_EQ(metric("kernd_http_connections_accepted_total"), 1);
  EXPECT_EQ(metric("kernd_http_connections"), 1);
}

TEST_F(ObservationTest, ShowsARequestInFlight) {
  start();
  client c = connect();
  c.send(get("/wait"));
  waiting.await_entry();

  EXPECT_EQ(metric("kernd_http_requests_in_flight"), 1);

  waiting.open();
  c.read_reply();
  log.take();
  EXPECT_EQ(metric("kernd_http_requests_in_flight"), 0);
}

TEST_F(ObservationTest, ChargesTheBytesOfBothDirections) {
  start();
  const std::string text = post("/echo", std::string(10'000, 'a'));
  connect().ask(text);

  const auto entry = log.take();

  EXPECT_EQ(entry.bytes_in, text.size());
  EXPECT_EQ(metric("kernd_http_request_bytes_total"), static_cast<double>(text.size()));
  EXPECT_EQ(metric("kernd_http_response_bytes_total"), static_cast<double>(entry.bytes_out));
}

TEST_F(ObservationTest, AClientThatLeavesIsNotCountedWithTheBytesOfItsLastAnswer) {
  start();
  {
    client c = connect_and_ask();
    log.take();
    c.send(get("/wait"));
    waiting.await_entry();
  }

  const auto left = log.take();

  EXPECT_EQ(left.status, 499u);
  EXPECT_EQ(left.bytes_out, 0u);
}

TEST_F(ObservationTest, NamesTheThreadsOfItsLoops) {
  options.io_threads = 2;
  start();
  connect().ask(get("/hello"));
  connect().ask(get("/hello"));

  std::set<std::string> names;
  for (const auto& task : std::filesystem::directory_iterator{"/proc/self/task"}) {
    std::string name;
    std::getline(std::ifstream{task.path() / "comm"}, name);
    names.insert(name);
  }

  EXPECT_TRUE(names.contains("kernd-io-0"));
  EXPECT_TRUE(names.contains("kernd-io-1"));
}

TEST_F(ObservationTest, SeesALoopThatIsStuck) {
  start();
  client c = connect();
  c.send(get("/stuck"));
  stuck.await_entry();
  const auto later = std::chrono::steady_clock::now() + 1s;

  EXPECT_FALSE(server->loops_alive(1s, later));

  stuck.release();
  c.read_reply();
  // Its next sign of life comes after `later - 1s`.
  while (!server->loops_alive(1s, later)) std::this_thread::yield();
}

}  // namespace
}  // namespace kernd::test
