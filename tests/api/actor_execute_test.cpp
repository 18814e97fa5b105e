#include "server/api/actor_execute.hpp"

#include "tests/api/actor_api_test.hpp"
#include "tests/unit/test_ring_kernels.hpp"

#include <string>

namespace kernd::test {
namespace {

struct ActorExecuteTest : ActorApiTest {
  reply run(const std::string& input, const std::string& more = {}) {
    return ask(execute("core/test-acting", R"({"input":)" + input + more + "}"));
  }
};

TEST_F(ActorExecuteTest, StartsTheDefaultActorOnFirstUse) {
  start();
  EXPECT_EQ(read("/api/v1/actors")["total"], 0);

  const reply r = run(R"({"value":7})");

  EXPECT_EQ(r.status, 200);
  const json body = json_of(r);
  EXPECT_EQ(body["kernel_id"], "core/test-acting");
  EXPECT_EQ(body["output"], json::parse(R"({"value":7,"count":1})"));
  EXPECT_EQ(body["metadata"]["backend"], "CPU");
  EXPECT_EQ(status("core.test-acting")["state"], "active");
}

TEST_F(ActorExecuteTest, KeepsStateBetweenExecutions) {
  start();
  for (int i = 1; i <= 3; ++i) {
    EXPECT_EQ(json_of(run(R"({"value":7})"))["output"]["count"], i);
  }
  EXPECT_EQ(json_of(call("core.test-acting", ask_body(1)))["payload"]["count"], 4);
  EXPECT_EQ(read("/api/v1/actors")["total"], 1);
}

TEST_F(ActorExecuteTest, RefusesItWhenItIsSwitchedOff) {
  ring_options.execute_over_rest = false;
  start();

  const reply r = run(R"({"value":7})");

  EXPECT_EQ(r.status, 422);
  EXPECT_EQ(code_of(r), "RING_KERNEL_REST_UNSUPPORTED");
  EXPECT_EQ(read("/api/v1/actors")["total"], 0);
}

TEST_F(ActorExecuteTest, RefusesBadInputWithoutStartingAnything) {
  start();

  const reply wrong = run(R"({"value":"x"})");
  const reply missing = run("{}");
  const reply large = ask(execute("core/test-acting", R"({"input":{)" + std::string(1 << 20, ' ')));

  EXPECT_EQ(wrong.status, 400);
  EXPECT_EQ(code_of(wrong), "INVALID_INPUT");
  EXPECT_EQ(missing.status, 400);
  EXPECT_EQ(large.status, 413);
  EXPECT_EQ(code_of(large), "MESSAGE_TOO_LARGE");
  EXPECT_EQ(read("/api/v1/actors")["total"], 0);
}

TEST_F(ActorExecuteTest, EndsAtItsDeadline) {
  start();
  launch_held("core.test-acting");

  const reply r = run(R"({"value":7})", R"(,"metadata":{"timeout_ms":1})");

  EXPECT_EQ(r.status, 504);
  EXPECT_EQ(code_of(r), "EXECUTION_TIMEOUT");
}

TEST_F(ActorExecuteTest, SaysThatTheDefaultActorIsNotActive) {
  start();
  launch("core.test-acting", R"({"auto_activate":false})");

  const reply r = run(R"({"value":7})");

  EXPECT_EQ(r.status, 409);
  EXPECT_EQ(code_of(r), "ACTOR_NOT_ACTIVE");
}

TEST_F(ActorExecuteTest, SaysThatTheDefaultActorHasFailed) {
  start();
  launch("core.test-acting");
  call("core.test-acting", message("trip"));

  const reply r = run(R"({"value":7})");

  EXPECT_EQ(r.status, 410);
  EXPECT_EQ(code_of(r), "ACTOR_TERMINATED");
}

TEST_F(ActorExecuteTest, SaysThatTheDefaultActorsIdIsTaken) {
  registry.add(make_ring_kernel<totalling>()).value();
  start();
  ask(post("/api/v1/actors",
           R"({"kernel_id":"core/test-totalling","actor_id":"core.test-acting"})"));

  const reply r = run(R"({"value":7})");

  EXPECT_EQ(r.status, 409);
  EXPECT_EQ(code_of(r), "ALREADY_EXISTS");
  EXPECT_EQ(json_of(r)["message"],
            "the actor 'core.test-acting', which would execute it, is one of core/test-totalling");
}

TEST_F(ActorExecuteTest, StartsNoActorBeyondTheLimit) {
  ring_options.max_actors = 1;
  start();
  launch("a");

  const reply r = run(R"({"value":7})");

  EXPECT_EQ(r.status, 503);
  EXPECT_EQ(code_of(r), "SERVICE_UNAVAILABLE");
}

TEST_F(ActorExecuteTest, MapsPrioritiesToThoseOfMessages) {
  start();
  launch_held("core.test-acting");
  client low = connect(), critical = connect();
  low.send(execute("core/test-acting", R"({"input":{"value":1},"metadata":{"priority":0}})"));
  wait_until("core.test-acting", "/input_queue_depth", 2);
  critical.send(execute("core/test-acting", R"({"input":{"value":2},"metadata":{"priority":10}})"));
  wait_until("core.test-acting", "/input_queue_depth", 3);

  where.open();

  EXPECT_EQ(json_of(critical.read_reply())["output"]["count"], 2);
  EXPECT_EQ(json_of(low.read_reply())["output"]["count"], 3);
}

}  // namespace
}  // namespace kernd::test
