#include "server/api/actors.hpp"
#include "tests/api/actor_api_test.hpp"

#include <string>
#include <vector>

namespace kernd::test {
namespace {

using ActorStatesTest = ActorApiTest;

TEST_F(ActorStatesTest, ChangesStatesByEitherName) {
  start();
  launch("a", R"({"auto_activate":false})");
  const std::vector<std::pair<const char*, const char*>> steps = {{"/activate", "active"},
                                                                  {"/deactivate", "deactivated"},
                                                                  {"/resume", "active"},
                                                                  {"/suspend", "deactivated"}};
  for (const auto& [what, state] : steps) {
    const reply r = ask(post(path("a", what), ""));
    EXPECT_EQ(r.status, 200) << what;
    EXPECT_EQ(json_of(r)["state"], state) << what;
  }
}

TEST_F(ActorStatesTest, NamesBothStatesOfARefusedTransition) {
  start();
  launch("a");

  const reply active = ask(post(path("a", "/activate"), ""));
  ask(post(path("a", "/deactivate"), ""));
  const reply inactive = ask(post(path("a", "/suspend"), ""));

  EXPECT_EQ(active.status, 409);
  EXPECT_EQ(code_of(active), "INVALID_STATE_TRANSITION");
  EXPECT_EQ(json_of(active)["message"], "actor 'a' cannot become active: it is active");
  EXPECT_EQ(json_of(inactive)["message"], "actor 'a' cannot become deactivated: it is deactivated");
}

TEST_F(ActorStatesTest, KnowsNoActorThatWasNotLaunched) {
  start();
  const std::string none = path("none");
  for (const std::string& request :
       {get(none), del(none), post(none + "/activate", ""), post(none + "/suspend", ""),
        post(none + "/messages", "{}"), post(none + "/call", "{}"), get(none + "/messages"),
        "GET " + none + "/stream HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n"}) {
    const reply r = ask(request);
    EXPECT_EQ(r.status, 404) << request;
    EXPECT_EQ(code_of(r), "ACTOR_NOT_FOUND") << request;
    EXPECT_EQ(json_of(r)["message"], "there is no actor 'none'") << request;
  }
}

TEST_F(ActorStatesTest, ForgetsAnActorThatIsDeleted) {
  start();
  launch("a");

  const reply r = remove("a");

  EXPECT_EQ(r.status, 204);
  EXPECT_EQ(r.body, "");
  EXPECT_EQ(ask(get(path("a"))).status, 404);
  EXPECT_EQ(remove("a").status, 404);
  EXPECT_EQ(launch("a").status, 201);
}

TEST_F(ActorStatesTest, EndsPendingCallsWhenItIsDeleted) {
  start();
  launch_held("a");
  client pending = connect(), deleting = connect();
  pending.send(post(path("a", "/call"), ask_body(1)));
  wait_until("a", "/input_queue_depth", 2);  // with the one that is handled

  deleting.send(del(path("a")));
  const reply ended = pending.read_reply();
  where.open();

  EXPECT_EQ(ended.status, 410);
  EXPECT_EQ(code_of(ended), "ACTOR_TERMINATED");
  EXPECT_EQ(json_of(ended)["message"], "actor 'a' has been terminated");
  EXPECT_EQ(deleting.read_reply().status, 204);
}

TEST_F(ActorStatesTest, ForgetsAnActorWhoseHandlerDoesNotReturn) {
  end_patience = std::chrono::milliseconds{1};
  start();
  launch_held("a");

  const reply r = remove("a");

  EXPECT_EQ(r.status, 504);
  EXPECT_EQ(code_of(r), "EXECUTION_TIMEOUT");
  EXPECT_EQ(json_of(r)["message"],
            "actor 'a' handles a message that does not end; it is abandoned");
  EXPECT_EQ(ask(get(path("a"))).status, 404);
}

TEST_F(ActorStatesTest, TakesNoMailWhileItEnds) {
  start();
  launch_held("a");
  client deleting = connect();
  deleting.send(del(path("a")));
  wait_until("a", "/state", "terminating");

  for (const char* what : {"/messages", "/call"}) {
    const reply r = ask(post(path("a", what), ask_body(1)));
    EXPECT_EQ(r.status, 410) << what;
    EXPECT_EQ(code_of(r), "ACTOR_TERMINATED") << what;
  }
  const reply change = ask(post(path("a", "/activate"), ""));
  where.open();

  EXPECT_EQ(change.status, 409);
  EXPECT_EQ(deleting.read_reply().status, 204);
}

TEST_F(ActorStatesTest, FailsWithItsHandler) {
  start();
  launch("a");

  const reply r = call("a", message("trip"));
  const json after = status("a");

  EXPECT_EQ(r.status, 500);
  EXPECT_EQ(code_of(r), "EXECUTION_FAILED");
  EXPECT_EQ(r.body.find("tripped"), std::string::npos) << "what it threw is for operators";
  EXPECT_EQ(after["state"], "failed");
  EXPECT_EQ(after["counters"]["failed"], 1);
  const reply later = call("a", ask_body(1));
  EXPECT_EQ(later.status, 410);
  EXPECT_EQ(json_of(later)["message"], "actor 'a' has failed");
  EXPECT_EQ(send("a", ask_body(1)).status, 410);
  EXPECT_EQ(remove("a").status, 204);
}

TEST_F(ActorStatesTest, StartsAnewAfterAFailureWhenToldTo) {
  start();
  launch("a", R"({"restart":"one_for_one"})");
  call("a", ask_body(1));
  call("a", ask_body(1));

  EXPECT_EQ(call("a", message("trip")).status, 500);
  wait_until("a", "/counters/restarts", 1);
  wait_until("a", "/state", "active");

  EXPECT_EQ(json_of(call("a", ask_body(1)))["payload"]["count"], 1);
}

TEST_F(ActorStatesTest, DeletesAnActorThatWaitsToBeRestarted) {
  start();
  launch("a", R"({"restart":"one_for_one"})");
  call("a", message("trip"));

  EXPECT_EQ(remove("a").status, 204);
  EXPECT_EQ(ask(get(path("a"))).status, 404);
}

TEST_F(ActorStatesTest, MakesHealthDegradedWhenOneHasFailed) {
  start();
  life.move_to(lifecycle_state::starting).value();
  life.move_to(lifecycle_state::running).value();
  launch("a");
  const auto component = [this] {
    monitor->check(life);
    const json answer = read("/health");
    for (const json& c : answer.at("components")) {
      if (c["name"] == "ring_runtime") return c;
    }
    return json{};
  };
  const json before = component();
  call("a", message("trip"));

  const json after = component();

  EXPECT_EQ(before["status"], "healthy");
  EXPECT_EQ(before["message"], "1 actor");
  EXPECT_EQ(after["status"], "degraded");
  EXPECT_EQ(after["message"], "1 of 1 actor has failed");
}

}  // namespace
}  // namespace kernd::test
