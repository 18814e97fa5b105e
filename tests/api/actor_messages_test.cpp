#include "tests/api/actor_api_test.hpp"

#include <string>
#include <vector>

namespace kernd::test {
namespace {

struct ActorMessagesTest : ActorApiTest {
  /// Values of the output, in order.
  static std::vector<int> values_in(const reply& r) {
    std::vector<int> values;
    const json body = json_of(r);
    for (const json& m : body.at("messages"))
      values.push_back(m.at("payload").at("value").get<int>());
    return values;
  }
};

TEST_F(ActorMessagesTest, AcceptsAMessageByNameAndByNumber) {
  start();
  launch("a");

  const reply by_name = send("a", tell_body(1));
  const reply by_number = send("a", R"({"type":9103,"payload":{"value":2}})");

  EXPECT_EQ(by_name.status, 202);
  EXPECT_EQ(by_number.status, 202);
  EXPECT_NE(json_of(by_name)["message_id"], json_of(by_number)["message_id"]);
  wait_until("a", "/counters/emitted", 2);
  EXPECT_EQ(values_in(output("a")), (std::vector{1, 2}));
}

TEST_F(ActorMessagesTest, TakesAnAbsentPayloadAsDefaults) {
  start();
  launch("a");

  EXPECT_EQ(send("a", R"({"type":"tell"})").status, 202);
  wait_until("a", "/counters/emitted", 1);
  EXPECT_EQ(values_in(output("a")), std::vector{0});
}

TEST_F(ActorMessagesTest, RefusesWhatIsNoMessage) {
  start();
  launch("a");
  const std::vector<std::vector<const char*>> rows = {
      {"", "INVALID_JSON"},
      {"[]", "INVALID_REQUEST"},
      {"{}", "INVALID_REQUEST"},
      {R"({"type":"shout"})", "INVALID_INPUT"},
      {R"({"type":9102})", "INVALID_INPUT"},
      {R"({"type":4294967296})", "INVALID_REQUEST"},
      {R"({"type":-1})", "INVALID_REQUEST"},
      {R"({"type":"ask"})", "INVALID_INPUT"},
      {R"({"type":"ask","payload":{"value":"x"}})", "INVALID_INPUT"},
      {R"({"type":"ask","payload":{"valeu":1}})", "INVALID_INPUT"},
      {R"({"type":"ask","payload":7})", "INVALID_INPUT"},
      {R"({"type":"tell","type":"tell"})", "INVALID_REQUEST"},
      {R"({"type":"tell","payload":{"value":1,"value":2}})", "INVALID_INPUT"},
      {R"({"type":"tell","priority":"urgent"})", "INVALID_REQUEST"},
      {R"({"type":"tell","deadline_ms":0})", "INVALID_REQUEST"},
      {R"({"type":"tell","deadline_ms":300001})", "INVALID_REQUEST"},
      {R"({"type":"tell","source":"b"})", "INVALID_REQUEST"},
      {R"({"type":"tell"}{})", "INVALID_JSON"}};
  for (const char* what : {"/messages", "/call"}) {
    for (const auto& row : rows) {
      const reply r = ask(post(path("a", what), row[0]));
      EXPECT_EQ(r.status, 400) << row[0];
      EXPECT_EQ(code_of(r), row[1]) << row[0] << r.body;
    }
  }
  EXPECT_EQ(status("a")["counters"]["sent"], 0);
}

TEST_F(ActorMessagesTest, NamesTheTypesThatItHandles) {
  start();
  launch("a");

  const reply r = send("a", message("shout"));

  EXPECT_EQ(json_of(r)["message"],
            "/type: one of 9101 ask, 9103 tell, 9105 trip, 9106 hold, 9107 pass, 9108 turn "
            "expected, found 'shout'");
}

TEST_F(ActorMessagesTest, RefusesABodyOfMoreThanAMebibyte) {
  limits.max_body_bytes = 4 << 20;
  start();
  launch("a");

  for (const char* what : {"/messages", "/call"}) {
    const reply r = ask(post(path("a", what), std::string((1 << 20) + 1, ' ')));
    EXPECT_EQ(r.status, 413) << what;
    EXPECT_EQ(code_of(r), "MESSAGE_TOO_LARGE") << what;
  }
}

TEST_F(ActorMessagesTest, KeepsMailWhileItIsDeactivated) {
  start();
  launch("a", R"({"auto_activate":false})");

  EXPECT_EQ(send("a", tell_body(1)).status, 202);
  EXPECT_EQ(status("a")["input_queue_depth"], 1);
  ask(post(path("a", "/activate"), ""));
  wait_until("a", "/counters/emitted", 1);

  EXPECT_EQ(values_in(output("a")), std::vector{1});
}

TEST_F(ActorMessagesTest, RefusesWhatFindsNoRoom) {
  start();
  launch("a", R"({"auto_activate":false,"input_queue_capacity":2})");
  send("a", tell_body(1));
  send("a", tell_body(2));

  const reply r = send("a", tell_body(3));

  EXPECT_EQ(r.status, 429);
  EXPECT_EQ(code_of(r), "QUEUE_FULL");
  EXPECT_EQ(json_of(r)["message"], "mailbox of actor 'a' is full, limit 2 messages");
  EXPECT_TRUE(r.has("Retry-After"));
  EXPECT_EQ(status("a")["counters"]["refused"], 1);
}

TEST_F(ActorMessagesTest, WaitsForRoomWhenToldTo) {
  start();
  launch("a", R"({"auto_activate":false,"input_queue_capacity":2,"overflow":"wait"})");
  send("a", tell_body(1));
  send("a", tell_body(2));
  client waiting = connect();
  waiting.send(post(path("a", "/messages"), tell_body(3)));

  ask(post(path("a", "/activate"), ""));

  EXPECT_EQ(waiting.read_reply().status, 202);
  wait_until("a", "/counters/emitted", 3);
  EXPECT_EQ(values_in(output("a")), (std::vector{1, 2, 3}));
  EXPECT_EQ(status("a")["counters"]["refused"], 0);
}

TEST_F(ActorMessagesTest, WaitsForRoomUntilTheDeadline) {
  start();
  launch("a", R"({"auto_activate":false,"input_queue_capacity":2,"overflow":"wait"})");
  send("a", tell_body(1));
  send("a", tell_body(2));

  const reply r = send("a", tell_body(3, R"(,"deadline_ms":20)"));

  EXPECT_EQ(r.status, 429);
  EXPECT_EQ(status("a")["counters"]["refused"], 1) << "once, however often it looked";
}

TEST_F(ActorMessagesTest, PutsWhatFindsNoRoomAmongTheDeadLettersWhenToldTo) {
  start();
  launch("a", R"({"auto_activate":false,"input_queue_capacity":2,"overflow":"dead_letter"})");
  send("a", tell_body(1));
  send("a", tell_body(2));

  const reply r = send("a", tell_body(3));

  EXPECT_EQ(r.status, 202);
  const json letters = read("/api/v1/dead-letters");
  ASSERT_EQ(letters["total"], 1);
  EXPECT_EQ(letters["dead_letters"][0]["reason"], "queue_full");
  EXPECT_EQ(letters["dead_letters"][0]["message_id"], json_of(r)["message_id"]);
}

TEST_F(ActorMessagesTest, HandlesTheUrgentFirst) {
  start();
  launch("a", R"({"auto_activate":false})");
  send("a", tell_body(1, R"(,"priority":"low")"));
  send("a", tell_body(2));
  send("a", tell_body(3, R"(,"priority":"high")"));
  send("a", tell_body(4, R"(,"priority":"critical")"));

  ask(post(path("a", "/activate"), ""));
  wait_until("a", "/counters/emitted", 4);

  EXPECT_EQ(values_in(output("a")), (std::vector{4, 3, 2, 1}));
}

TEST_F(ActorMessagesTest, HandlesNothingPastItsDeadline) {
  start();
  launch("a", R"({"auto_activate":false})");
  send("a", tell_body(1, R"(,"deadline_ms":1)"));
  output("a", "?wait_ms=5");  // the deadline passes meanwhile

  ask(post(path("a", "/activate"), ""));
  wait_until("a", "/counters/expired", 1);

  const json letters = read("/api/v1/dead-letters");
  ASSERT_EQ(letters["total"], 1);
  EXPECT_EQ(letters["dead_letters"][0]["reason"], "expired");
  EXPECT_EQ(letters["dead_letters"][0]["actor_id"], "a");
  EXPECT_EQ(letters["dead_letters"][0]["payload"]["value"], 1);
}

TEST_F(ActorMessagesTest, ShowsOutputWithPositionAndType) {
  start();
  launch("a");
  send("a", tell_body(7));
  wait_until("a", "/counters/emitted", 1);

  const json body = json_of(output("a"));

  ASSERT_EQ(body["messages"].size(), 1u);
  const json& m = body["messages"][0];
  EXPECT_EQ(m["position"], 1);
  EXPECT_EQ(m["type"], 9104);
  EXPECT_EQ(m["name"], "told");
  EXPECT_EQ(m["payload"]["value"], 7);
  EXPECT_TRUE(m["timestamp"].get<std::string>().ends_with("Z"));
  EXPECT_EQ(body["next_after"], 1);
}

TEST_F(ActorMessagesTest, EmitsAReplyThatNobodyWaitsFor) {
  start();
  launch("a");
  send("a", ask_body(7));
  wait_until("a", "/counters/emitted", 1);

  EXPECT_EQ(json_of(output("a"))["messages"][0]["name"], "answer");
}

TEST_F(ActorMessagesTest, ConsumesNothingThatWasNotAcknowledged) {
  start();
  launch("a");
  for (int i = 1; i <= 3; ++i) send("a", tell_body(i));
  wait_until("a", "/counters/emitted", 3);

  EXPECT_EQ(values_in(output("a", "?max=2")), (std::vector{1, 2}));
  EXPECT_EQ(values_in(output("a")), (std::vector{1, 2, 3}));
  EXPECT_EQ(values_in(output("a", "?after=2")), std::vector{3});
  EXPECT_EQ(values_in(output("a")), std::vector{3}) << "1 and 2 were acknowledged";
  EXPECT_EQ(status("a")["output_queue_depth"], 1);
  EXPECT_EQ(json_of(output("a", "?after=3"))["next_after"], 3);
}

TEST_F(ActorMessagesTest, HeadLeavesTheOutputAsItIs) {
  start();
  launch("a");
  for (int i = 1; i <= 3; ++i) send("a", tell_body(i));
  wait_until("a", "/counters/emitted", 3);

  const std::string head = get(path("a", "/messages?after=3&wait_ms=60000"));
  client c = connect();
  c.send("HEAD" + head.substr(3));

  EXPECT_EQ(c.read_reply(true).status, 200);
  EXPECT_EQ(json_of(output("a"))["messages"].size(), 3u);
}

TEST_F(ActorMessagesTest, HoldsAnActorBackWhoseOutputNobodyReads) {
  start();
  launch("a", R"({"output_queue_capacity":2})");
  for (int i = 1; i <= 3; ++i) send("a", tell_body(i));
  wait_until("a", "/counters/emitted", 2);

  EXPECT_EQ(values_in(output("a", "?after=2&wait_ms=60000")), std::vector{3});
}

TEST_F(ActorMessagesTest, WakesALongPoll) {
  start();
  launch("a");
  client waiting = connect();
  waiting.send(get(path("a", "/messages?wait_ms=60000")));

  send("a", tell_body(7));

  EXPECT_EQ(values_in(waiting.read_reply()), std::vector{7});
}

TEST_F(ActorMessagesTest, EndsALongPollWithItsTime) {
  start();
  launch("a");

  EXPECT_EQ(output("a", "?wait_ms=1").body, R"({"messages":[],"next_after":0})");
}

TEST_F(ActorMessagesTest, EndsALongPollWithItsActor) {
  start();
  launch("a");
  client waiting = connect();
  waiting.send(get(path("a", "/messages?wait_ms=60000")));

  remove("a");

  EXPECT_EQ(waiting.read_reply().body, R"({"messages":[],"next_after":0})");
}

TEST_F(ActorMessagesTest, EndsALongPollWhenTheDaemonStops) {
  start();
  launch("a");
  client waiting = connect();
  waiting.send(get(path("a", "/messages?wait_ms=60000")));

  actor_routes->drain();

  EXPECT_EQ(waiting.read_reply().body, R"({"messages":[],"next_after":0})");
}

TEST_F(ActorMessagesTest, RefusesBadQueriesOfTheOutput) {
  start();
  launch("a");
  const std::vector<std::pair<const char*, const char*>> rows = {
      {"after=x", "after: integer from 0 to 9223372036854775807 expected, found 'x'"},
      {"after=-1", "after: integer from 0 to 9223372036854775807 expected, found '-1'"},
      {"after=1", "after is 1, but the newest position is 0"},
      {"max=0", "max: integer from 1 to 1000 expected, found '0'"},
      {"max=1001", "max: integer from 1 to 1000 expected, found '1001'"},
      {"wait_ms=60001", "wait_ms: integer from 0 to 60000 expected, found '60001'"},
      {"wait_ms=", "wait_ms: integer from 0 to 60000 expected, found ''"}};
  for (const auto& [query, text] : rows) {
    const reply r = output("a", "?" + std::string{query});
    EXPECT_EQ(r.status, 400) << query;
    EXPECT_EQ(code_of(r), "INVALID_REQUEST") << query;
    EXPECT_EQ(json_of(r)["message"], text) << query;
  }
}

TEST_F(ActorMessagesTest, TakesNoTimeoutThatNothingWouldEnd) {
  start();
  launch("a");

  const reply r = send("a", tell_body(1, R"(,"timeout_ms":1000)"));

  EXPECT_EQ(r.status, 400);
  EXPECT_EQ(json_of(r)["details"]["pointer"], "/timeout_ms");
}

TEST_F(ActorMessagesTest, WaitsForRoomNoLongerThanTheRequestMayTake) {
  start();
  launch_held("a", R"({"input_queue_capacity":2,"overflow":"wait"})");
  while (send("a", tell_body(1, R"(,"deadline_ms":1)")).status == 202) {
  }

  const auto send_within = [this](const std::string& ms) {
    const std::string head =
        "Content-Type: application/json\r\nX-Request-Timeout-Ms: " + ms + "\r\n";
    return ask(post(path("a", "/messages"), tell_body(1), head)).status;
  };

  EXPECT_EQ(send_within("1"), 429);
  EXPECT_EQ(send_within("0"), 400);
}

}  // namespace
}  // namespace kernd::test
