#include "server/api/actor_call.hpp"

#include "tests/api/actor_api_test.hpp"

#include <string>
#include <vector>

namespace kernd::test {
namespace {

using ActorCallTest = ActorApiTest;

TEST_F(ActorCallTest, AnswersWithTheReply) {
  start();
  launch("a");

  const reply r = ask(post(path("a", "/call"), ask_body(7),
                           "Content-Type: application/json\r\nX-Request-ID: mine\r\n"));

  EXPECT_EQ(r.status, 200);
  const json body = json_of(r);
  EXPECT_EQ(body["request_id"], "mine");
  EXPECT_EQ(body["actor_id"], "a");
  EXPECT_EQ(body["type"], 9102);
  EXPECT_EQ(body["name"], "answer");
  EXPECT_EQ(body["payload"], json::parse(R"({"value":7,"count":1})"));
}

TEST_F(ActorCallTest, KeepsStateBetweenCalls) {
  start();
  for (const char* mode : {"persistent", "event_driven"}) {
    launch(mode, R"({"mode":")" + std::string{mode} + "\"}");
    for (int i = 1; i <= 3; ++i) {
      EXPECT_EQ(json_of(call(mode, ask_body(0)))["payload"]["count"], i) << mode;
    }
  }
}

TEST_F(ActorCallTest, ShowsNoReplyInTheOutput) {
  start();
  launch("a");
  call("a", ask_body(7));
  wait_until("a", "/counters/processed", 1);

  EXPECT_EQ(json_of(output("a"))["messages"], json::array());
  EXPECT_EQ(status("a")["counters"]["replied"], 1);
}

TEST_F(ActorCallTest, CallsNoMessageWithoutReply) {
  start();
  launch("a");

  const reply r = call("a", tell_body(7));

  EXPECT_EQ(r.status, 400);
  EXPECT_EQ(code_of(r), "INVALID_INPUT");
  EXPECT_EQ(json_of(r)["message"], "message 'tell' is not answered, so it cannot be called");
}

TEST_F(ActorCallTest, CallsNoActorThatIsNotActive) {
  start();
  launch("launched", R"({"auto_activate":false})");
  launch("deactivated");
  ask(post(path("deactivated", "/deactivate"), ""));

  for (const std::string id : {"launched", "deactivated"}) {
    const reply r = call(id, ask_body(7));
    EXPECT_EQ(r.status, 409);
    EXPECT_EQ(code_of(r), "ACTOR_NOT_ACTIVE");
    EXPECT_EQ(json_of(r)["message"], "actor '" + id + "' is " + id + " and would not answer");
  }
}

TEST_F(ActorCallTest, RefusesACallThatFindsNoRoom) {
  start();
  launch_held("a", R"({"input_queue_capacity":2})");
  while (send("a", tell_body(1)).status == 202) {
  }

  const reply r = call("a", ask_body(7));

  EXPECT_EQ(r.status, 429);
  EXPECT_EQ(code_of(r), "QUEUE_FULL");
}

TEST_F(ActorCallTest, WaitsForRoomWhenToldTo) {
  start();
  launch_held("a", R"({"input_queue_capacity":2,"overflow":"wait"})");
  while (send("a", tell_body(1, R"(,"deadline_ms":1)")).status == 202) {
  }
  const auto refused = status("a")["counters"]["refused"];
  client waiting = connect();
  waiting.send(post(path("a", "/call"), ask_body(7)));

  where.open();

  EXPECT_EQ(json_of(waiting.read_reply())["payload"]["value"], 7);
  EXPECT_EQ(status("a")["counters"]["refused"], refused);
}

TEST_F(ActorCallTest, WaitsForRoomNoLongerThanItsMessageMayTake) {
  start();
  launch_held("a", R"({"input_queue_capacity":2,"overflow":"wait"})");
  while (send("a", tell_body(1, R"(,"deadline_ms":1)")).status == 202) {
  }

  const reply r = call("a", ask_body(7, R"(,"deadline_ms":20,"timeout_ms":300000)"));

  EXPECT_EQ(r.status, 429);
  EXPECT_EQ(code_of(r), "QUEUE_FULL");
}

TEST_F(ActorCallTest, EndsAtItsDeadline) {
  start();
  launch_held("a");

  const reply r = call("a", ask_body(1, R"(,"timeout_ms":1)"));

  EXPECT_EQ(r.status, 504);
  EXPECT_EQ(code_of(r), "EXECUTION_TIMEOUT");
  EXPECT_EQ(json_of(r)["message"], "the actor did not answer before the deadline");
}

TEST_F(ActorCallTest, EndsAtTheDeadlineOfItsMessage) {
  start();
  launch_held("a");

  const reply r = call("a", ask_body(1, R"(,"timeout_ms":300000,"deadline_ms":1)"));

  EXPECT_EQ(r.status, 504);
}

TEST_F(ActorCallTest, SaysThatAnActorWaitsForAReader) {
  start();
  launch("a", R"({"output_queue_capacity":2})");
  for (int i = 1; i <= 3; ++i) send("a", tell_body(i));
  wait_until("a", "/counters/emitted", 2);

  const reply r = call("a", ask_body(1, R"(,"timeout_ms":20)"));

  EXPECT_EQ(r.status, 504);
  EXPECT_TRUE(json_of(r)["message"].get<std::string>().ends_with(
      "nobody reads it; see GET /actors/a/messages"));
}

TEST_F(ActorCallTest, CountsTheReplyThatComesTooLate) {
  start();
  launch("a");
  client caller = connect();
  caller.send(post(path("a", "/call"), hold_body(1, R"(,"timeout_ms":1000)")));
  where.wait_entered(1);

  EXPECT_EQ(caller.read_reply().status, 504);
  where.open();
  wait_until("a", "/messages_processed", 1);

  EXPECT_EQ(sample("kernd_ring_late_replies_total"), 1);
  EXPECT_EQ(json_of(output("a"))["messages"], json::array());
}

TEST_F(ActorCallTest, TakesTheShorterOfHeaderAndBody) {
  start();
  launch_held("a");

  const auto call_for = [this](const char* header, const char* body) {
    return ask(post(
        path("a", "/call"), ask_body(1, R"(,"timeout_ms":)" + std::string{body}),
        "Content-Type: application/json\r\nX-Request-Timeout-Ms: " + std::string{header} + "\r\n"));
  };

  EXPECT_EQ(call_for("1", "300000").status, 504);
  EXPECT_EQ(call_for("300000", "1").status, 504);
}

TEST_F(ActorCallTest, RefusesABadTimeout) {
  start();
  launch("a");

  const reply header = ask(post(path("a", "/call"), ask_body(1), "X-Request-Timeout-Ms: 0\r\n"));
  const reply body = call("a", ask_body(1, R"(,"timeout_ms":300001)"));

  EXPECT_EQ(header.status, 400);
  EXPECT_EQ(code_of(header), "INVALID_REQUEST");
  EXPECT_EQ(body.status, 400);
  EXPECT_EQ(json_of(body)["message"],
            "/timeout_ms: integer from 1 to 300000 expected, found 300001");
}

TEST_F(ActorCallTest, TakesNewTimeouts) {
  start();
  launch_held("a");
  actor_routes->reconfigure({.default_timeout = std::chrono::milliseconds{1}});

  EXPECT_EQ(call("a", ask_body(1)).status, 504);
}

TEST_F(ActorCallTest, IsCancelledWhenTheClientHangsUp) {
  start();
  launch_held("a");
  {
    client caller = connect();
    caller.send(post(path("a", "/call"), ask_body(1)));
    while (sample("kernd_ring_calls_waiting") != 1) {
    }
  }
  while (sample("kernd_ring_calls_waiting") != 0) {
  }

  where.open();
  wait_until("a", "/counters/terminated", 1);

  EXPECT_EQ(json_of(call("a", ask_body(1)))["payload"]["count"], 2) << "the held one and this";
}

TEST_F(ActorCallTest, AnswersWithTheReplyOfWhomItWasPassedTo) {
  start();
  launch("a");
  launch("b");
  const auto to_b = R"({"value":7,"to":)" + std::to_string(number_of("b")) + "}";

  const reply r = call("a", message("pass", to_b));

  EXPECT_EQ(r.status, 200);
  EXPECT_EQ(json_of(r)["payload"]["value"], 7);
  EXPECT_EQ(status("a")["counters"]["forwarded"], 1);
  EXPECT_EQ(status("b")["counters"]["replied"], 1);
}

TEST_F(ActorCallTest, SaysThatWhomItWasPassedToIsGone) {
  start();
  launch("a");

  const reply r = call("a", message("pass"));

  EXPECT_EQ(r.status, 404);
  EXPECT_EQ(code_of(r), "ACTOR_NOT_FOUND");
}

TEST_F(ActorCallTest, EndsALoop) {
  start();
  launch("a");

  const reply r = call("a", message("turn", R"({"to":)" + std::to_string(number_of("a")) + "}"));

  EXPECT_EQ(r.status, 508);
  EXPECT_EQ(code_of(r), "MAX_HOPS_EXCEEDED");
  EXPECT_EQ(json_of(r)["message"], "the message was passed on more than 8 times");
}

TEST_F(ActorCallTest, WaitsForNoMoreCallsThanTheTableHolds) {
  ring_options.call_table = 1;
  start();
  launch_held("a");
  client first = connect();
  first.send(post(path("a", "/call"), ask_body(1)));
  while (sample("kernd_ring_calls_waiting") != 1) {
  }

  const reply second = call("a", ask_body(2));
  where.open();

  EXPECT_EQ(second.status, 429);
  EXPECT_EQ(json_of(second)["message"], "too many calls wait, limit 1");
  EXPECT_EQ(first.read_reply().status, 200);
}

}  // namespace
}  // namespace kernd::test
