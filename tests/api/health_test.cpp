#include "tests/api/api_test.hpp"

namespace kernd::test {
namespace {

struct HealthTest : ApiTest {
  void run() {
    life.move_to(lifecycle_state::starting).value();
    life.move_to(lifecycle_state::running).value();
  }
};

TEST_F(HealthTest, IsNotReadyWhileStarting) {
  start();
  life.move_to(lifecycle_state::starting).value();

  const reply r = ask(get("/health/ready"));

  EXPECT_EQ(r.status, 503);
  EXPECT_EQ(json_of(r),
            nlohmann::json::parse(R"({"status":"not_ready","reasons":["lifecycle: Starting"]})"));
  EXPECT_EQ(ask(get("/health/startup")).status, 503);
  EXPECT_EQ(ask(get("/health/live")).status, 200);
}

TEST_F(HealthTest, IsReadyWhenRunning) {
  start();
  run();

  for (const char* path :
       {"/health/ready", "/readyz", "/health/startup", "/health/live", "/livez", "/health"}) {
    EXPECT_EQ(ask(get(path)).status, 200) << path;
  }
  EXPECT_EQ(ask(get("/readyz")).header("Cache-Control"), "no-store");
}

TEST_F(HealthTest, IsNotReadyWhileDraining) {
  start();
  run();
  life.move_to(lifecycle_state::draining).value();

  EXPECT_EQ(ask(get("/health/ready")).status, 503);
  EXPECT_EQ(ask(get("/health/live")).status, 200);
}

TEST_F(HealthTest, IsNotReadyAfterAFailedSelfTest) {
  start();
  run();
  health->add_self_test_failure("core/x: wrong");

  const reply r = ask(get("/health/ready"));

  EXPECT_EQ(r.status, 503);
  EXPECT_EQ(json_of(r)["reasons"][0], "self_test: core/x: wrong");
}

TEST_F(HealthTest, IsNotReadyWhenEveryWorkerIsAbandoned) {
  start();
  run();
  EXPECT_EQ(ask(gated_request(where, 0, "X-Request-Timeout-Ms: 20\r\n")).status, 504);

  const reply r = ask(get("/health/ready"));

  EXPECT_EQ(r.status, 503);
  EXPECT_EQ(ask(get("/health/live")).status, 200);
  where.open();
  ASSERT_TRUE(jobs->wait_idle(std::chrono::seconds{5}));
  EXPECT_EQ(ask(get("/health/ready")).status, 200);
}

TEST_F(HealthTest, IsReadyAsLongAsAWorkerIsFreeOfAbandonedJobs) {
  jobs_options.workers = 2;
  start();
  run();
  EXPECT_EQ(ask(gated_request(where, 0, "X-Request-Timeout-Ms: 20\r\n")).status, 504);
  where.wait_entered(1);
  EXPECT_EQ(jobs->abandoned(), 1u);

  EXPECT_EQ(ask(get("/health/ready")).status, 200);
}

TEST_F(HealthTest, NamesEveryReasonWhyItIsNotReady) {
  start();
  life.move_to(lifecycle_state::starting).value();
  health->add_self_test_failure("core/x: wrong");
  health->add_self_test_failure("core/y: wrong");

  EXPECT_EQ(json_of(ask(get("/readyz")))["reasons"],
            nlohmann::json::parse(R"(["lifecycle: Starting",
                                      "self_test: core/x: wrong; core/y: wrong"])"));
}

TEST_F(HealthTest, IsNotAliveWhenALoopDoesNotTurn) {
  start();
  run();
  loops_turn = false;

  const reply r = ask(get("/health/live"));

  EXPECT_EQ(r.status, 503);
  EXPECT_EQ(json_of(r), nlohmann::json::parse(R"({"status":"stuck",
                "reasons":["event_loops: an event loop has not turned for 10 s"]})"));
  EXPECT_EQ(ask(get("/livez?verbose")).body,
            "[-]event_loops failed: an event loop has not turned for 10 s\n[+]workers "
            "ok\n[+]devices ok\n");
}

TEST_F(HealthTest, ALongJobWithinItsDeadlineIsAlive) {
  start();
  run();
  client patient = connect();
  patient.send(gated_request(where, 0, "X-Request-Timeout-Ms: 300000\r\n"));
  where.wait_entered(1);

  ahead = std::chrono::seconds{299};

  EXPECT_EQ(ask(get("/health/live")).status, 200);
  EXPECT_EQ(ask(get("/health/ready")).status, 200);
}

TEST_F(HealthTest, IsNotAliveWhenEveryWorkerIsAMinutePastItsDeadline) {
  start();
  run();
  client patient = connect();
  patient.send(gated_request(where, 0, "X-Request-Timeout-Ms: 100000\r\n"));
  where.wait_entered(1);

  ahead = std::chrono::seconds{159};
  EXPECT_EQ(ask(get("/health/live")).status, 200);
  ahead = std::chrono::seconds{161};

  const reply r = ask(get("/health/live"));
  EXPECT_EQ(r.status, 503);
  EXPECT_EQ(json_of(r)["reasons"][0],
            "workers: every worker is past its job's deadline by more than 60 s");
}

TEST_F(HealthTest, IsAliveWhenOneOfTwoWorkersIsStuck) {
  jobs_options.workers = 2;
  start();
  run();
  EXPECT_EQ(ask(gated_request(where, 0, "X-Request-Timeout-Ms: 20\r\n")).status, 504);
  where.wait_entered(1);

  ahead = std::chrono::seconds{3600};

  EXPECT_EQ(ask(get("/health/live")).status, 200);
}

TEST_F(HealthTest, RecoversWhenTheFailuresAreOutOfTheWindow) {
  health_options.window = std::chrono::seconds{10};
  start();
  run();
  ask(execute("core/test-failing", R"({"input":{"how":"exception"}})"));
  ASSERT_EQ(ask(get("/health")).status, 503);

  ahead = std::chrono::seconds{11};

  EXPECT_EQ(ask(get("/health")).status, 200);
}

TEST_F(HealthTest, FollowsNewThresholds) {
  start();
  run();
  ask(execute("core/test-failing", R"({"input":{"how":"exception"}})"));
  ask(execute("core/test-adding", R"({"input":{}})"));
  ASSERT_EQ(json_of(ask(get("/health")))["status"], "unhealthy");

  health_options.unhealthy_error_ratio = 0.75;
  monitor->reconfigure(health_options);
  EXPECT_EQ(json_of(ask(get("/health")))["status"], "degraded");

  health_options.degraded_error_ratio = 0.6;
  monitor->reconfigure(health_options);
  EXPECT_EQ(json_of(ask(get("/health")))["status"], "healthy");
}

TEST_F(HealthTest, RejectionsDoNotCount) {
  start();
  run();
  jobs->drain();
  EXPECT_EQ(ask(execute("core/test-adding", R"({"input":{}})")).status, 503);

  EXPECT_EQ(json_of(ask(get("/health")))["components"][1]["message"],
            "0 executions in 60 s, 0.0% failed");
}

TEST_F(HealthTest, ExplainsEveryCheckWhenVerbose) {
  start();
  life.move_to(lifecycle_state::starting).value();

  const reply r = ask(get("/health/ready?verbose"));

  EXPECT_EQ(r.status, 503);
  EXPECT_EQ(r.body,
            "[-]lifecycle failed: Starting\n[+]kernel_registry ok\n[+]self_test ok\n"
            "[+]workers ok\n[+]devices ok\n");
}

TEST_F(HealthTest, IsUnhealthyWhenExecutionsFail) {
  start();
  run();
  ask(execute("core/test-failing", R"({"input":{"how":"exception"}})"));

  const reply r = ask(get("/health"));

  EXPECT_EQ(r.status, 503);
  const auto body = json_of(r);
  EXPECT_EQ(body["status"], "unhealthy");
  EXPECT_EQ(body["components"][1]["name"], "execution_engine");
  EXPECT_EQ(ask(get("/health?verbose")).status, 503);
}

TEST_F(HealthTest, ExplainsWhatIsDegradedWhenVerbose) {
  health_options.degraded_error_ratio = 0.5;
  health_options.unhealthy_error_ratio = 0.75;
  start();
  run();
  ask(execute("core/test-failing", R"({"input":{"how":"exception"}})"));
  ask(execute("core/test-adding", R"({"input":{}})"));

  const reply r = ask(get("/health?verbose"));

  EXPECT_EQ(r.status, 200);
  EXPECT_EQ(r.body,
            "[+]kernel_registry ok: 3 kernels (3 batch, 0 ring)\n"
            "[~]execution_engine degraded: 2 executions in 60 s, 50.0% failed\n"
            "[+]ring_runtime ok: 0 actors\n"
            "[+]devices ok: jobs run on the CPU\n"
            "health: degraded\n");
}

TEST_F(HealthTest, InputsThatOverflowDoNotCount) {
  start();
  run();
  EXPECT_EQ(ask(execute("core/test-failing", R"({"input":{"how":"not_finite"}})")).status, 500);

  EXPECT_EQ(json_of(ask(get("/health")))["status"], "healthy");
}

TEST_F(HealthTest, ClientErrorsDoNotCount) {
  start();
  run();
  ask(execute("core/test-adding", R"({"input":{"a":"x"}})"));

  EXPECT_EQ(json_of(ask(get("/health")))["status"], "healthy");
}

TEST_F(HealthTest, HeadAnswersWithoutABody) {
  start();
  run();

  client c = connect();
  c.send("HEAD /health/ready HTTP/1.1\r\nHost: test\r\n\r\n");

  EXPECT_EQ(c.read_reply(true).status, 200);
  EXPECT_EQ(c.ask(get("/health/ready")).status, 200);
}

TEST_F(HealthTest, MetricsCountWhatClientsSaw) {
  start();
  run();
  ask(execute("core/test-adding", R"({"input":{}})"));
  ask(execute("core/test-adding", R"({"input":{"a":"x"}})"));

  const reply r = ask(get("/metrics"));

  EXPECT_EQ(r.header("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
  const std::string route = R"(route="/api/v1/kernels/{domain}/{name}/execute")";
  for (const std::string line :
       {"kernd_kernel_executions_total{kernel=\"core/test-adding\",outcome=\"success\"} 1\n",
        "kernd_kernel_executions_total{kernel=\"core/test-adding\",outcome=\"client_error\"} 1\n",
        "kernd_kernel_executions_total{kernel=\"core/test-gated\",outcome=\"success\"} 0\n",
        "kernd_lifecycle_state{state=\"Running\"} 1\n"}) {
    EXPECT_NE(r.body.find(line), std::string::npos) << line;
  }
  EXPECT_NE(
      r.body.find("kernd_http_requests_total{method=\"POST\"," + route + ",code=\"200\"} 1\n"),
      std::string::npos);
  EXPECT_NE(
      r.body.find("kernd_http_requests_total{method=\"POST\"," + route + ",code=\"400\"} 1\n"),
      std::string::npos);
}

}  // namespace
}  // namespace kernd::test
