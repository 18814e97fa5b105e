#include "tests/api/api_test.hpp"

namespace kernd::test {
namespace {

using nlohmann::json;

constexpr const char* adding_app = "/api/v1/apps/app:core/test-adding";
constexpr const char* failing_app = "/api/v1/apps/app:core/test-failing";
constexpr const char* executor_path = "/api/v1/components/executor";

struct ComponentsTest : ApiTest {
  json read(const std::string& path) { return json_of(ask(get(path))); }
  json clear(const std::string& path) { return json_of(ask(post(path + "/clear", ""))); }
  void fail_once() { ask(execute("core/test-failing", R"({"input":{"how":"exception"}})")); }

  /// All that the daemon does with its lifecycle up to Running.
  void run() {
    start();
    life.move_to(lifecycle_state::starting).value();
    for (const kernel_entry* entry : registry.find_all()) {
      life.emit({.kind = lifecycle_event_kind::kernel_registered, .kernel = entry->kernel.info.id});
    }
    life.move_to(lifecycle_state::running).value();
  }
};

TEST_F(ComponentsTest, TheExecutorIsTheOneComponent) {
  start();

  const json list = read("/api/v1/components");

  EXPECT_EQ(list["total"], 1);
  EXPECT_EQ(list["components"], json::array({read(executor_path)}));
}

TEST_F(ComponentsTest, DescribesTheExecutor) {
  run();

  EXPECT_EQ(read(executor_path), json::parse(R"({"href":"/api/v1/components/executor",
      "id":"executor","name":"executor","kind":"component","parent_id":null,
      "description":"Runs the batch kernels.","x_medkit":{"is_online":true},"health":"ok",
      "data":{"executor":{"up":true,"faulted":false,"task_count":3,"unknown_tasks":0,
      "overruns":0,"fault":null}}})"));
}

TEST_F(ComponentsTest, TheExecutorIsOfflineBeforeTheDaemonRuns) {
  start();

  EXPECT_EQ(read(executor_path)["x_medkit"]["is_online"], false);
  EXPECT_EQ(read(executor_path)["data"]["executor"]["up"], false);
}

TEST_F(ComponentsTest, CountsEventsOfUnknownTasks) {
  start();

  life.emit({.kind = lifecycle_event_kind::kernel_registered, .kernel = "core/unheard-of"});

  EXPECT_EQ(read(executor_path)["data"]["executor"]["unknown_tasks"], 1);
}

TEST_F(ComponentsTest, AnOverrunIsAFaultUntilItIsCleared) {
  start();

  jobs->monitor().overrun(registry.find("core/test-gated")->index, std::chrono::milliseconds{30});

  const json faulted = read(executor_path);
  EXPECT_EQ(faulted["health"], "error");
  EXPECT_EQ(faulted["data"]["executor"]["faulted"], true);
  EXPECT_EQ(faulted["data"]["executor"]["fault"]["task"], "core/test-gated");
  EXPECT_EQ(faulted["data"]["executor"]["fault"]["allowed_ms"], 30);
  EXPECT_GT(faulted["data"]["executor"]["fault"]["at_unix_ms"], 0);

  const json cleared = clear(executor_path);
  EXPECT_EQ(cleared["health"], "ok");
  EXPECT_EQ(cleared["data"]["executor"]["fault"], nullptr);
  EXPECT_EQ(cleared["data"]["executor"]["overruns"], 1);
  EXPECT_EQ(read(executor_path), cleared);
}

TEST_F(ComponentsTest, ListsAnAppPerKernelById) {
  start();

  const json list = read("/api/v1/apps");

  EXPECT_EQ(list["total"], 3);
  ASSERT_EQ(list["apps"].size(), 3u);
  EXPECT_EQ(list["apps"][0]["id"], "app:core/test-adding");
  EXPECT_EQ(list["apps"][1]["id"], "app:core/test-failing");
  EXPECT_EQ(list["apps"][2]["id"], "app:core/test-gated");
}

TEST_F(ComponentsTest, DescribesAnAppThatNeverRan) {
  run();

  EXPECT_EQ(read(adding_app), json::parse(R"({"href":"/api/v1/apps/app:core/test-adding",
      "id":"app:core/test-adding","name":"core/test-adding","kind":"app","parent_id":null,
      "description":"Adds.","x_medkit":{"is_online":true},"health":"ok",
      "data":{"liveness":{"state":"running","online":true,"starts":1,"stops":0,"errors":0,
      "error":null},"timing":{"executions":0,"last_took_ns":0,"ewma_took_ns":0,"min_took_ns":0,
      "max_took_ns":0,"period_ns":0,"rate_hz":null}}})"));
}

TEST_F(ComponentsTest, AnAppIsFoundByItsHref) {
  start();

  const json list = read("/api/v1/apps");
  for (const json& app : list["apps"]) {
    EXPECT_EQ(read(app["href"].get<std::string>()), app);
  }
}

TEST_F(ComponentsTest, AnAppIsFoundByItsEscapedId) {
  start();

  for (const char* path :
       {"/api/v1/apps/app:core%2Ftest-adding", "/api/v1/apps/app%3Acore/test-adding"}) {
    EXPECT_EQ(read(path)["id"], "app:core/test-adding") << path;
    EXPECT_EQ(clear(path)["id"], "app:core/test-adding") << path;
  }
}

TEST_F(ComponentsTest, ShowsHowLongExecutionsTook) {
  start();
  const json first = json_of(ask(execute("core/test-adding", R"({"input":{}})")));
  const json second = json_of(ask(execute("core/test-adding", R"({"input":{}})")));

  const json timing = read(adding_app)["data"]["timing"];

  EXPECT_EQ(timing["executions"], 2);
  EXPECT_EQ(timing["last_took_ns"].get<std::uint64_t>() / 1000, second["metadata"]["compute_us"]);
  EXPECT_GT(timing["min_took_ns"], 0);
  EXPECT_LE(timing["min_took_ns"], timing["ewma_took_ns"]);
  EXPECT_LE(timing["ewma_took_ns"], timing["max_took_ns"]);
  const double period_ns = timing["period_ns"].get<double>();
  EXPECT_GT(period_ns, 0);
  EXPECT_DOUBLE_EQ(timing["rate_hz"].get<double>(), 1e9 / period_ns);
}

TEST_F(ComponentsTest, AFailureStaysUntilItIsCleared) {
  run();
  fail_once();
  fail_once();

  const json failed = read(failing_app);
  EXPECT_EQ(failed["health"], "error");
  EXPECT_EQ(failed["x_medkit"]["is_online"], false);
  const json liveness = failed["data"]["liveness"];
  EXPECT_EQ(liveness["state"], "error");
  EXPECT_EQ(liveness["errors"], 2);
  EXPECT_EQ(liveness["error"]["code"], "EXECUTION_FAILED");
  EXPECT_EQ(liveness["error"]["message"], "kernel core/test-failing failed");
  EXPECT_GT(liveness["error"]["at_unix_ms"], 0);

  const json cleared = clear(failing_app);
  EXPECT_EQ(cleared["health"], "ok");
  EXPECT_EQ(cleared["data"]["liveness"]["state"], "running");
  EXPECT_EQ(cleared["data"]["liveness"]["error"], nullptr);
  EXPECT_EQ(cleared["data"]["liveness"]["errors"], 2);
  EXPECT_EQ(cleared["data"]["timing"]["executions"], 2);
}

TEST_F(ComponentsTest, AStopDoesNotClearAFailure) {
  run();
  fail_once();

  life.emit({.kind = lifecycle_event_kind::kernel_unregistered, .kernel = "core/test-failing"});

  EXPECT_EQ(read(failing_app)["data"]["liveness"]["state"], "error");
  EXPECT_EQ(read(failing_app)["data"]["liveness"]["stops"], 1);
  EXPECT_EQ(clear(failing_app)["data"]["liveness"]["state"], "stopped");
}

TEST_F(ComponentsTest, AClearOfOneAppLeavesTheOthers) {
  start();
  fail_once();

  clear(adding_app);

  EXPECT_EQ(read(failing_app)["health"], "error");
}

TEST_F(ComponentsTest, TheSecretOfAnExceptionStaysInside) {
  start();
  fail_once();

  EXPECT_EQ(ask(get(failing_app)).body.find("secret"), std::string::npos);
}

TEST_F(ComponentsTest, AnswersNotFoundForAnUnknownApp) {
  start();

  for (const std::string app :
       {"app:core/nothing", "core/test-adding", "app:core%2Fnothing", "app:", "executor"}) {
    const bool is_kernel = app.find("core") != std::string::npos;
    for (const reply& r :
         {ask(get("/api/v1/apps/" + app)), ask(post("/api/v1/apps/" + app + "/clear", ""))}) {
      EXPECT_EQ(r.status, 404) << app;
      EXPECT_EQ(code_of(r), is_kernel ? "KERNEL_NOT_FOUND" : "ACTOR_NOT_FOUND") << app;
    }
  }
  EXPECT_EQ(read(executor_path)["data"]["executor"]["unknown_tasks"], 0);
}

TEST_F(ComponentsTest, AnswersNotFoundForAnUnknownComponent) {
  start();

  const reply r = ask(get("/api/v1/components/gearbox"));

  EXPECT_EQ(r.status, 404);
  EXPECT_EQ(code_of(r), "NOT_FOUND");
}

TEST_F(ComponentsTest, AClearIsAPostAndNothingElse) {
  start();

  const reply got = ask(get(std::string{executor_path} + "/clear"));
  const reply posted = ask(post(adding_app, ""));

  EXPECT_EQ(got.status, 405);
  EXPECT_EQ(got.header("Allow"), "POST, OPTIONS");
  EXPECT_EQ(posted.status, 405);
  EXPECT_EQ(posted.header("Allow"), "GET, HEAD, OPTIONS");
}

TEST_F(ComponentsTest, AGetOfAClearDoesNotClear) {
  start();
  fail_once();

  EXPECT_EQ(ask(get(std::string{failing_app} + "/clear")).status, 405);

  EXPECT_EQ(read(failing_app)["health"], "error");
}

TEST_F(ComponentsTest, HeadAnswersWithoutABody) {
  start();
  client c = connect();

  c.send("HEAD " + std::string{adding_app} + " HTTP/1.1\r\nHost: test\r\n\r\n");

  EXPECT_EQ(c.read_reply(true).status, 200);
}

}  // namespace
}  // namespace kernd::test
