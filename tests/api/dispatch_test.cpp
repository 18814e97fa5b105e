#include "server/api/dispatch.hpp"

#include "tests/api/actor_api_test.hpp"
#include "tests/unit/test_ring_kernels.hpp"

#include <string>
#include <vector>

namespace kernd::test {
namespace {

struct DispatchTest : ActorApiTest {
  static constexpr int ask_type = 9101, tell_type = 9103, trip_type = 9105, hold_type = 9106;

  DispatchTest() { registry.add(make_ring_kernel<totalling>()).value(); }

  static std::string route_path(int type) { return "/api/v1/routes/" + std::to_string(type); }
  reply route(int type, const std::string& actor) {
    return ask(put(route_path(type), R"({"actor_id":")" + actor + "\"}"));
  }
  static std::string body(int type, int value = 0, const std::string& more = {}) {
    return R"({"type_id":)" + std::to_string(type) + R"(,"payload":{"value":)" +
           std::to_string(value) + "}" + more + "}";
  }
  static std::string request(const std::string& body, const std::string& query = {}) {
    return post("/api/v1/dispatch" + query, body);
  }
  reply dispatch(const std::string& body, const std::string& query = {}) {
    return ask(request(body, query));
  }
  json metrics() { return read("/api/v1/dispatch/metrics"); }
  static json counts(int dispatched, int delivered, int unknown_type, int delivery_errors) {
    return {{"dispatched", dispatched},
            {"delivered", delivered},
            {"pending", 0},
            {"unknown_type", unknown_type},
            {"delivery_errors", delivery_errors}};
  }
};

TEST_F(DispatchTest, RoutesATypeToAnActor) {
  start();
  launch("a");
  launch("b");

  const reply first = route(ask_type, "a");
  const reply second = route(ask_type, "b");

  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(json_of(first), json::parse(R"({"type_id":9101,"actor_id":"a","replaced":null})"));
  EXPECT_EQ(json_of(second), json::parse(R"({"type_id":9101,"actor_id":"b","replaced":"a"})"));
  EXPECT_EQ(read(route_path(ask_type)), json::parse(R"({"type_id":9101,"actor_id":"b"})"));
  EXPECT_EQ(read("/api/v1/routes"),
            json::parse(R"({"total":1,"routes":[{"type_id":9101,"actor_id":"b"}]})"));
}

TEST_F(DispatchTest, ForgetsARoute) {
  start();
  launch("a");
  route(ask_type, "a");

  EXPECT_EQ(ask(del(route_path(ask_type))).status, 204);
  for (const std::string& request : {get(route_path(ask_type)), del(route_path(ask_type))}) {
    const reply r = ask(request);
    EXPECT_EQ(r.status, 404);
    EXPECT_EQ(code_of(r), "UNKNOWN_MESSAGE_TYPE");
  }
}

TEST_F(DispatchTest, RefusesBadTypeIds) {
  start();
  for (const char* type : {"x", "-1", "4294967296", "1.5"}) {
    const std::string path = "/api/v1/routes/" + std::string{type};
    for (const std::string& request : {get(path), del(path), put(path, R"({"actor_id":"a"})")}) {
      const reply r = ask(request);
      EXPECT_EQ(r.status, 400) << request;
      EXPECT_EQ(json_of(r)["message"], "type_id: integer from 0 to 4294967295 expected, found '" +
                                           std::string{type} + "'");
    }
  }
}

TEST_F(DispatchTest, RefusesRoutesThatLeadNowhere) {
  start();
  launch("a");
  const std::string path = route_path(ask_type);

  const reply none = route(ask_type, "none");
  const reply wrong = route(9001, "a");
  const reply emitted = route(9102, "a");

  EXPECT_EQ(none.status, 404);
  EXPECT_EQ(code_of(none), "ACTOR_NOT_FOUND");
  EXPECT_EQ(wrong.status, 400);
  EXPECT_EQ(json_of(wrong)["message"],
            "'a' is an actor of core/test-acting, which handles no messages of type 9001");
  EXPECT_EQ(emitted.status, 400) << "what it emits is not what it handles";
  for (const char* body : {"[]", "{}", R"({"actor_id":7})", R"({"actor_id":"a","x":1})",
                           R"({"actor_id":"b","actor_id":"a"})"}) {
    const reply r = ask(put(path, body));
    EXPECT_EQ(r.status, 400) << body;
    EXPECT_EQ(code_of(r), "INVALID_REQUEST") << body;
  }
  EXPECT_EQ(code_of(ask(put(path, "{"))), "INVALID_JSON");
  EXPECT_EQ(read("/api/v1/routes")["total"], 0);
}

TEST_F(DispatchTest, NamesTheMemberOfARouteThatItDoesNotKnow) {
  start();
  launch("a");

  const reply r = ask(put(route_path(ask_type), R"({"actor_id":"a","x":1})"));

  EXPECT_EQ(json_of(r)["details"]["pointer"], "/x");
}

TEST_F(DispatchTest, RefusesARouteThatIsTooLarge) {
  start();
  launch("a");
  const std::string target = R"({"actor_id":"a"})";
  const std::size_t limit = 64 << 10;

  const reply fits =
      ask(put(route_path(ask_type), target + std::string(limit - target.size(), ' ')));
  const reply large =
      ask(put(route_path(ask_type), target + std::string(limit + 1 - target.size(), ' ')));

  EXPECT_EQ(fits.status, 200);
  EXPECT_EQ(large.status, 413);
  EXPECT_EQ(code_of(large), "BODY_TOO_LARGE");
}

TEST_F(DispatchTest, TakesATimeoutOnlyWhereAReplyIsAwaited) {
  start();
  launch("a");
  route(ask_type, "a");

  const reply r = dispatch(body(ask_type, 1, R"(,"timeout_ms":1000)"));

  EXPECT_EQ(r.status, 400);
  EXPECT_EQ(json_of(r)["details"]["pointer"], "/timeout_ms");
}

TEST_F(DispatchTest, DeliversToTheActorOfTheType) {
  start();
  launch("a");
  route(tell_type, "a");

  const reply r = dispatch(body(tell_type, 7));

  EXPECT_EQ(r.status, 202);
  const json receipt = json_of(r);
  EXPECT_EQ(receipt["status"], "delivered");
  EXPECT_EQ(receipt["actor_id"], "a");
  EXPECT_TRUE(receipt["message_id"].is_string());
  EXPECT_TRUE(receipt["timestamp"].get<std::string>().ends_with("Z"));
  wait_until("a", "/counters/emitted", 1);
  EXPECT_EQ(json_of(output("a"))["messages"][0]["payload"]["value"], 7);
}

TEST_F(DispatchTest, AnswersWithTheReplyWhenToldTo) {
  start();
  launch("a");
  route(ask_type, "a");

  const reply r = dispatch(body(ask_type, 7), "?reply=true&timeout_ms=5000");

  EXPECT_EQ(r.status, 200);
  EXPECT_EQ(json_of(r)["actor_id"], "a");
  EXPECT_EQ(json_of(r)["payload"], json::parse(R"({"value":7,"count":1})"));
  EXPECT_EQ(dispatch(body(ask_type, 7), "?reply=false").status, 202);
}

TEST_F(DispatchTest, SaysWhatCannotBeDelivered) {
  start();
  launch("a");
  launch("gone");
  route(ask_type, "gone");
  route(tell_type, "a");
  remove("gone");

  const reply unknown = dispatch(body(7));
  const reply gone = dispatch(body(ask_type));
  const reply no_source = dispatch(body(tell_type, 1, R"(,"source":"nobody")"));
  const reply source = dispatch(body(tell_type, 1, R"(,"source":"a")"));

  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(code_of(unknown), "UNKNOWN_MESSAGE_TYPE");
  EXPECT_EQ(json_of(unknown)["message"], "no actor takes messages of type 7");
  EXPECT_EQ(gone.status, 404);
  EXPECT_EQ(code_of(gone), "ACTOR_NOT_FOUND");
  EXPECT_EQ(json_of(gone)["message"],
            "messages of type 9101 go to actor 'gone', which does not exist");
  EXPECT_EQ(no_source.status, 404);
  EXPECT_EQ(json_of(no_source)["message"], "/source: there is no actor 'nobody'");
  EXPECT_EQ(source.status, 202);
  EXPECT_EQ(metrics(), counts(4, 1, 1, 2));
}

TEST_F(DispatchTest, SurvivesARouteToAnActorOfAnotherKernel) {
  start();
  launch("a");
  route(ask_type, "a");
  remove("a");
  ask(post("/api/v1/actors", R"({"kernel_id":"core/test-totalling","actor_id":"a"})"));

  const reply r = dispatch(body(ask_type));

  EXPECT_EQ(r.status, 404);
  EXPECT_EQ(code_of(r), "UNKNOWN_MESSAGE_TYPE");
  EXPECT_EQ(
      json_of(r)["message"],
      "messages of type 9101 go to actor 'a', one of core/test-totalling, which handles none");
  EXPECT_EQ(metrics(), counts(1, 0, 0, 1));
}

TEST_F(DispatchTest, RefusesBadBodiesAndQueries) {
  limits.max_body_bytes = 4 << 20;
  start();
  launch("a");
  route(ask_type, "a");
  const std::vector<std::pair<std::string, const char*>> rows = {
      {request("{"), "INVALID_JSON"},
      {request("{}"), "INVALID_REQUEST"},
      {request(R"({"type_id":"ask"})"), "INVALID_REQUEST"},
      {request(R"({"type_id":4294967296})"), "INVALID_REQUEST"},
      {request(R"({"type":9101})"), "INVALID_REQUEST"},
      {request(body(ask_type, 1, R"(,"source":"")")), "INVALID_REQUEST"},
      {request(R"({"type_id":9101,"payload":{"value":"x"}})"), "INVALID_INPUT"},
      {request(body(ask_type), "?reply=yes"), "INVALID_REQUEST"},
      {request(body(ask_type), "?reply=true&timeout_ms=0"), "INVALID_REQUEST"}};
  for (const auto& [text, code] : rows) {
    const reply r = ask(text);
    EXPECT_EQ(r.status, 400) << text;
    EXPECT_EQ(code_of(r), code) << text;
  }
  EXPECT_EQ(ask(request(std::string((1 << 20) + 1, ' '))).status, 413);
  EXPECT_EQ(ask(post("/api/v1/dispatch", "{}", "Content-Type: text/plain\r\n")).status, 415);
}

TEST_F(DispatchTest, SaysWhatBecameOfACall) {
  start();
  launch("a", R"({"input_queue_capacity":2})");
  for (const int type : {ask_type, tell_type, trip_type, 9108}) route(type, "a");
  const std::string turn =
      R"({"type_id":9108,"payload":{"to":)" + std::to_string(number_of("a")) + "}}";

  EXPECT_EQ(dispatch(turn, "?reply=true").status, 508);
  EXPECT_EQ(dispatch(body(tell_type), "?reply=true").status, 400);
  ask(post(path("a", "/deactivate"), ""));
  EXPECT_EQ(dispatch(body(ask_type), "?reply=true").status, 409);
  while (dispatch(body(tell_type)).status == 202) {
  }
  EXPECT_EQ(dispatch(body(tell_type)).status, 429);
  ask(post(path("a", "/activate"), ""));
  wait_until("a", "/input_queue_depth", 0);
  EXPECT_EQ(dispatch(body(trip_type), "?reply=true").status, 500);
  EXPECT_EQ(dispatch(body(ask_type), "?reply=true").status, 410);
  EXPECT_EQ(dispatch(body(ask_type)).status, 410);
}

TEST_F(DispatchTest, EndsAtItsDeadline) {
  start();
  launch_held("a");
  route(ask_type, "a");

  EXPECT_EQ(dispatch(body(ask_type), "?reply=true&timeout_ms=1").status, 504);
  EXPECT_EQ(dispatch(body(ask_type, 1, R"(,"timeout_ms":1)"), "?reply=true").status, 504);
  dispatcher->reconfigure({.default_timeout = std::chrono::milliseconds{1}});
  EXPECT_EQ(dispatch(body(ask_type), "?reply=true").status, 504);
}

TEST_F(DispatchTest, WaitsForRoomWhenTheActorIsToldTo) {
  start();
  launch("a", R"({"auto_activate":false,"input_queue_capacity":2,"overflow":"wait"})");
  route(tell_type, "a");
  dispatch(body(tell_type, 1));
  dispatch(body(tell_type, 2));
  EXPECT_EQ(dispatch(body(tell_type, 3, R"(,"deadline_ms":1)")).status, 429);
  client waiting = connect();
  waiting.send(request(body(tell_type, 4)));

  ask(post(path("a", "/activate"), ""));

  EXPECT_EQ(waiting.read_reply().status, 202);
  EXPECT_EQ(metrics(), counts(4, 3, 0, 1));
}

TEST_F(DispatchTest, ResetsItsCounts) {
  start();
  launch("a");
  route(tell_type, "a");
  dispatch(body(tell_type));
  dispatch(body(7));
  EXPECT_EQ(metrics(), counts(2, 1, 1, 0));

  const reply r = ask(post("/api/v1/dispatch/metrics/reset", ""));

  EXPECT_EQ(r.status, 200);
  EXPECT_EQ(json_of(r), counts(0, 0, 0, 0));
  EXPECT_EQ(metrics(), counts(0, 0, 0, 0));
  EXPECT_EQ(sample("kernd_ring_messages_sent_total{kernel=\"core/test-acting\"}"), 1)
      << "what Prometheus sees goes on";
}

}  // namespace
}  // namespace kernd::test
