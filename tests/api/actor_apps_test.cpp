#include "tests/api/actor_api_test.hpp"

#include <string>

namespace kernd::test {
namespace {

struct ActorAppsTest : ActorApiTest {
  static std::string app(const std::string& actor) { return "/api/v1/apps/app:" + actor; }
  json clear(const std::string& actor) { return json_of(ask(post(app(actor) + "/clear", ""))); }
};

TEST_F(ActorAppsTest, AnActorIsAnApp) {
  start();
  launch("a");

  EXPECT_EQ(read(app("a")), json::parse(R"({"href":"/api/v1/apps/app:a","id":"app:a","name":"a",
      "kind":"app","parent_id":null,"description":"An actor of core/test-acting.",
      "x_medkit":{"is_online":true},"health":"ok",
      "data":{"liveness":{"state":"running","online":true,"starts":1,"stops":0,"errors":0,
      "error":null},"timing":{"executions":0,"last_took_ns":0,"ewma_took_ns":0,"min_took_ns":0,
      "max_took_ns":0,"period_ns":0,"rate_hz":null}}})"));
}

TEST_F(ActorAppsTest, AreListedWithTheKernelsById) {
  start();
  launch("zeta");
  launch("alpha");

  const json list = read("/api/v1/apps");

  EXPECT_EQ(list["total"], 5);
  std::string ids;
  for (const json& a : list["apps"]) ids += a["id"].get<std::string>() + " ";
  EXPECT_EQ(ids,
            "app:alpha app:core/test-adding app:core/test-failing app:core/test-gated app:zeta ");
  EXPECT_EQ(list["apps"][0], read(app("alpha")));
}

TEST_F(ActorAppsTest, AnActorWithAKernelsNameIsNotThatKernel) {
  start();
  launch("core.test-adding");

  EXPECT_EQ(read(app("core.test-adding"))["name"], "core.test-adding");
  EXPECT_EQ(read(app("core/test-adding"))["name"], "core/test-adding");
  EXPECT_EQ(read(app("core%2Ftest-adding"))["name"], "core/test-adding");
}

TEST_F(ActorAppsTest, AFailureIsClearedByPostOnly) {
  start();
  launch("a");

  for (const char* id : {"a", "absent", "core/test-adding"}) {
    const reply r = ask(get(app(id) + "/clear"));
    EXPECT_EQ(r.status, 405) << id;
    EXPECT_EQ(code_of(r), "METHOD_NOT_ALLOWED") << id;
    EXPECT_EQ(r.header("Allow"), "POST, OPTIONS") << id;
  }
}

TEST_F(ActorAppsTest, ShowsHowLongMessagesTook) {
  start();
  launch("a");
  call("a", ask_body(1));
  call("a", ask_body(2));
  json timing = read(app("a"))["data"]["timing"];
  while (timing["executions"] != 2) timing = read(app("a"))["data"]["timing"];

  EXPECT_GT(timing["min_took_ns"], 0);
  EXPECT_LE(timing["min_took_ns"], timing["max_took_ns"]);
  EXPECT_GT(timing["period_ns"], 0);
}

TEST_F(ActorAppsTest, ADeactivatedOneIsStopped) {
  start();
  launch("a");
  ask(post(path("a", "/deactivate"), ""));

  const json seen = read(app("a"));

  EXPECT_EQ(seen["data"]["liveness"]["state"], "stopped");
  EXPECT_EQ(seen["data"]["liveness"]["stops"], 1);
  EXPECT_EQ(seen["x_medkit"]["is_online"], false);
  EXPECT_EQ(seen["health"], "ok");
}

TEST_F(ActorAppsTest, AFailureStaysUntilItIsCleared) {
  start();
  launch("a");
  call("a", message("trip"));

  const json failed = read(app("a"));
  EXPECT_EQ(failed["health"], "error");
  EXPECT_EQ(failed["x_medkit"]["is_online"], false);
  const json liveness = failed["data"]["liveness"];
  EXPECT_EQ(liveness["state"], "error");
  EXPECT_EQ(liveness["errors"], 1);
  EXPECT_EQ(liveness["error"]["code"], "EXECUTION_FAILED");
  EXPECT_EQ(liveness["error"]["message"], "actor 'a' failed");
  EXPECT_GT(liveness["error"]["at_unix_ms"], 0);
  EXPECT_EQ(failed.dump().find("tripped"), std::string::npos);

  const json cleared = clear("a");
  EXPECT_EQ(cleared["health"], "ok");
  EXPECT_EQ(cleared["data"]["liveness"]["error"], nullptr);
  EXPECT_EQ(cleared["data"]["liveness"]["errors"], 1);
  EXPECT_EQ(cleared["data"]["liveness"]["state"], "stopped");
}

TEST_F(ActorAppsTest, AreGoneWithTheirActor) {
  start();
  launch("a");
  remove("a");

  for (const reply& r : {ask(get(app("a"))), ask(post(app("a") + "/clear", ""))}) {
    EXPECT_EQ(r.status, 404);
    EXPECT_EQ(code_of(r), "ACTOR_NOT_FOUND");
  }
  EXPECT_EQ(read("/api/v1/apps")["total"], 3);
}

}  // namespace
}  // namespace kernd::test
