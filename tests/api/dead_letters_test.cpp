#include "server/api/dead_letters.hpp"

#include "tests/api/actor_api_test.hpp"

#include <string>

namespace kernd::test {
namespace {

struct DeadLettersTest : ActorApiTest {
  static std::string letter(const std::string& id, const std::string& what = {}) {
    return "/api/v1/dead-letters/" + id + what;
  }
  reply replay(const std::string& id) { return ask(post(letter(id, "/replay"), "")); }
  json letters(const std::string& query = {}) { return read("/api/v1/dead-letters" + query); }
  /// An actor whose mail, `count` messages, has nobody to go to.
  void leave(int count) {
    launch("a", R"({"auto_activate":false})");
    for (int i = 1; i <= count; ++i) send("a", tell_body(i));
    remove("a");
  }
};

TEST_F(DeadLettersTest, ListsMailOfAnActorThatEnded) {
  start();
  leave(2);

  const json body = letters();

  EXPECT_EQ(body["total"], 2);
  EXPECT_EQ(body["added"], 2);
  EXPECT_EQ(body["dropped"], 0);
  const json& first = body["dead_letters"][0];
  EXPECT_EQ(first["id"], 1);
  EXPECT_EQ(first["reason"], "actor_terminated");
  EXPECT_EQ(first["actor_id"], "a");
  EXPECT_EQ(first["type"], 9103);
  EXPECT_EQ(first["name"], "tell");
  EXPECT_EQ(first["payload"], json::parse(R"({"value":1})"));
}

TEST_F(DeadLettersTest, ShowsOutputThatFoundNoRoom) {
  start();
  launch("a", R"({"output_queue_capacity":2})");
  for (int i = 1; i <= 3; ++i) send("a", tell_body(i));
  while (status("a")["counters"]["processed"] != 3) {
  }
  remove("a");

  const json body = letters();

  ASSERT_EQ(body["total"], 1);
  EXPECT_EQ(body["dead_letters"][0]["name"], "told");
  EXPECT_EQ(body["dead_letters"][0]["payload"], json::parse(R"({"value":3})"));
}

TEST_F(DeadLettersTest, ListsAPage) {
  start();
  leave(3);

  const json body = letters("?after=1&max=1");

  EXPECT_EQ(body["total"], 3);
  ASSERT_EQ(body["dead_letters"].size(), 1u);
  EXPECT_EQ(body["dead_letters"][0]["id"], 2);
}

TEST_F(DeadLettersTest, KeepsWhatThrew) {
  start();
  launch("a");
  send("a", message("trip", R"({"value":7})"));
  wait_until("a", "/state", "failed");
  while (letters()["total"] == 0) {
  }

  const json got = letters()["dead_letters"][0];

  EXPECT_EQ(got["reason"], "handler_failed");
  EXPECT_EQ(got["payload"]["value"], 7);
}

TEST_F(DeadLettersTest, KeepsWhatWentInCircles) {
  start();
  launch("a");
  send("a", message("turn", R"({"to":)" + std::to_string(number_of("a")) + "}"));
  while (letters()["total"] == 0) {
  }

  EXPECT_EQ(letters()["dead_letters"][0]["reason"], "max_hops_exceeded");
  const reply r = replay("1");
  EXPECT_EQ(r.status, 404);
  EXPECT_EQ(json_of(r)["message"], "it is not known whom dead letter 1 was for");
}

TEST_F(DeadLettersTest, DropsTheOldestWhenThereAreTooMany) {
  ring_options.dead_letters = 2;
  start();
  leave(3);

  const json body = letters();

  EXPECT_EQ(body["total"], 2);
  EXPECT_EQ(body["added"], 3);
  EXPECT_EQ(body["dropped"], 1);
  EXPECT_EQ(body["dead_letters"][0]["id"], 2);
}

TEST_F(DeadLettersTest, ReplaysToTheActorOfThatName) {
  start();
  leave(1);
  launch("a");

  const reply r = replay("1");

  EXPECT_EQ(r.status, 202);
  EXPECT_TRUE(json_of(r)["message_id"].is_string());
  wait_until("a", "/counters/emitted", 1);
  EXPECT_EQ(json_of(output("a"))["messages"][0]["payload"]["value"], 1);
  EXPECT_EQ(letters()["total"], 0);
}

TEST_F(DeadLettersTest, KeepsWhatCannotBeReplayed) {
  start();
  leave(1);

  const reply gone = replay("1");
  launch("a", R"({"auto_activate":false,"input_queue_capacity":2})");
  send("a", tell_body(1));
  send("a", tell_body(2));
  const reply full = replay("1");

  EXPECT_EQ(gone.status, 404);
  EXPECT_EQ(code_of(gone), "ACTOR_NOT_FOUND");
  EXPECT_EQ(json_of(gone)["message"], "there is no actor 'a'");
  EXPECT_EQ(full.status, 429);
  EXPECT_EQ(letters()["dead_letters"][0]["id"], 1);
}

TEST_F(DeadLettersTest, ReplaysNothingToAnActorThatHasFailed) {
  start();
  leave(1);
  launch("a");
  call("a", message("trip"));

  const reply r = replay("1");

  EXPECT_EQ(r.status, 410);
  EXPECT_EQ(code_of(r), "ACTOR_TERMINATED");
}

TEST_F(DeadLettersTest, ForgetsOne) {
  start();
  leave(2);

  EXPECT_EQ(ask(del(letter("1"))).status, 204);
  EXPECT_EQ(letters()["total"], 1);
  for (const std::string& request : {del(letter("1")), post(letter("1", "/replay"), "")}) {
    const reply r = ask(request);
    EXPECT_EQ(r.status, 404);
    EXPECT_EQ(code_of(r), "NOT_FOUND");
    EXPECT_EQ(json_of(r)["message"], "there is no dead letter 1");
  }
}

TEST_F(DeadLettersTest, RefusesBadNumbers) {
  start();
  for (const std::string& request :
       {get("/api/v1/dead-letters?after=x"), get("/api/v1/dead-letters?max=0"),
        get("/api/v1/dead-letters?max=1001"), del(letter("0")), del(letter("x")),
        post(letter("x", "/replay"), "")}) {
    const reply r = ask(request);
    EXPECT_EQ(r.status, 400) << request;
    EXPECT_EQ(code_of(r), "INVALID_REQUEST") << request;
  }
}

}  // namespace
}  // namespace kernd::test
