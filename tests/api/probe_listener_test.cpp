#include "server/probe_listener.hpp"

#include "server/http/metrics.hpp"
#include "tests/api/api_test.hpp"
#include "tests/unit/server/one_answer_server.hpp"

#include <future>
#include <vector>

namespace kernd::test {
namespace {

struct ProbeListenerTest : ApiTest {
  std::promise<void> blocked, released;
  std::optional<probe_listener> probes;

  /// Beside what `ApiTest` starts; `GET /block` blocks the one loop until `released`.
  void start_both() {
    options.probe_port = closed_port();
    routes.add({http::method::get, "/block", http::handler{[this](http::request&) {
                  blocked.set_value();
                  released.get_future().wait();
                  return http::response{};
                }}});
    start();
    life.move_to(lifecycle_state::starting).value();
    life.move_to(lifecycle_state::running).value();
    probes.emplace(options, *health, &page, &log);
    page.add(probes->http_metrics());
    probes->start();
  }
  client connect_to_probes() { return client{probes->port()}; }
  reply probe(std::string_view path) { return connect_to_probes().ask(get(path)); }
};

TEST_F(ProbeListenerTest, ServesProbesAndMetrics) {
  start_both();

  EXPECT_EQ(probes->port(), options.probe_port);
  for (const char* path : {"/health", "/health/live", "/livez", "/health/ready", "/readyz",
                           "/health/startup", "/metrics"}) {
    EXPECT_EQ(probe(path).status, 200) << path;
  }
}

TEST_F(ProbeListenerTest, ServesNothingElse) {
  start_both();

  for (const char* path : {"/api/v1/kernels", "/api/v1/runtime", "/openapi.json"}) {
    EXPECT_EQ(probe(path).status, 404) << path;
  }
  EXPECT_EQ(connect_to_probes().ask(post("/health/ready", "x")).status, 405);
  client head = connect_to_probes();
  head.send("HEAD /health/ready HTTP/1.1\r\nHost: test\r\n\r\n");
  EXPECT_EQ(head.read_reply(true).status, 200);
}

TEST_F(ProbeListenerTest, LeavesOutWhatTheConfigurationLeavesOut) {
  options.health_endpoints = false;
  start_both();

  EXPECT_EQ(probe("/health/ready").status, 404);
  EXPECT_EQ(probe("/metrics").status, 200);
}

TEST_F(ProbeListenerTest, AnswersWhileTheLoopsAreBlocked) {
  start_both();
  client blocking = connect();
  blocking.send(get("/block"));
  blocked.get_future().wait();

  EXPECT_EQ(probe("/health/ready").status, 200);
  EXPECT_EQ(probe("/metrics").status, 200);
  released.set_value();
  EXPECT_EQ(blocking.read_reply().status, 200);
}

TEST_F(ProbeListenerTest, TellsThatTheLoopsDoNotTurn) {
  start_both();
  loops_turn = false;

  const reply r = probe("/livez");

  EXPECT_EQ(r.status, 503);
  EXPECT_NE(r.body.find("event_loops"), std::string::npos);
}

TEST_F(ProbeListenerTest, AnswersWhenAllConnectionsAreInUse) {
  limits.max_connections = 1;
  start_both();
  client only = connect();
  ASSERT_EQ(only.ask(get("/livez")).status, 200);
  ASSERT_EQ(connect().read_reply().status, 503);

  EXPECT_EQ(probe("/readyz").status, 200);
}

TEST_F(ProbeListenerTest, AnswersWhenTheOtherListenerIsClosed) {
  start_both();
  client old = connect_to_probes();
  ASSERT_EQ(old.ask(get("/readyz")).status, 200);

  life.move_to(lifecycle_state::draining).value();
  server->drain();
  server->close_listener();

  EXPECT_ANY_THROW(connect());
  EXPECT_EQ(old.ask(get("/readyz")).status, 503);
  EXPECT_EQ(probe("/readyz").status, 503);
  EXPECT_EQ(probe("/livez").status, 200);
}

TEST_F(ProbeListenerTest, HasALimitOfConnectionsOfItsOwn) {
  start_both();
  std::vector<client> all;
  for (std::size_t i = 0; i < max_probe_connections; ++i) {
    ASSERT_EQ(all.emplace_back(connect_to_probes()).ask(get("/livez")).status, 200);
  }

  EXPECT_EQ(connect_to_probes().read_reply().status, 503);
  EXPECT_EQ(ask(get("/livez")).status, 200);
}

TEST_F(ProbeListenerTest, RefusesALongBody) {
  start_both();

  EXPECT_EQ(connect_to_probes()
                .ask("GET /livez HTTP/1.1\r\nHost: test\r\nContent-Length: 2000\r\n\r\n")
                .status,
            413);
}

TEST_F(ProbeListenerTest, CountsUnderANameOfItsOwn) {
  start_both();
  probe("/readyz");

  const std::string metrics = probe("/metrics").body;

  const std::string ready = R"(_requests_total{method="GET",route="/health/ready",code="200"} )";
  EXPECT_NE(metrics.find("\nkernd_probe" + ready + "1\n"), std::string::npos);
  EXPECT_NE(metrics.find("\nkernd_http" + ready + "0\n"), std::string::npos);
}

TEST_F(ProbeListenerTest, NamesAnAddressThatIsTaken) {
  start_both();
  probe_listener second{options, *health, nullptr, &log};

  try {
    second.start();
    FAIL();
  } catch (const http::listen_error& refused) {
    EXPECT_EQ(std::string{refused.what()}, "cannot listen on 127.0.0.1 port " +
                                               std::to_string(options.probe_port) +
                                               ": Address already in use");
  }
}

}  // namespace
}  // namespace kernd::test
