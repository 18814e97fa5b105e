#include "server/http/problem.hpp"
#include "tests/api/actor_api_test.hpp"
#include "tests/http/web_socket_client.hpp"
#include "tests/unit/test_ring_kernels.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

namespace kernd::test {
namespace {

constexpr std::string_view any_kernel = "/api/v1/kernels/{domain}/{name}/execute";

struct OpenApiTest : ActorApiTest {
  using statuses = std::set<std::pair<std::string, int>>;
  statuses came;  ///< By operationId.

  void note(const std::string& operation, const std::string& request) {
    came.emplace(operation, ask(request).status);
  }
  json document() { return json_of(ask(get("/openapi.json"))); }

  static bool is_of_actors(const json& operation, int status) {
    const bool is_conflict = status == 409 || status == 410;
    if (operation["operationId"] == "execute_kernel") return is_conflict;
    const json& tag = operation["tags"][0];
    const auto id = operation["operationId"].get<std::string>();
    return id.ends_with("_actor_app") || tag == "actors" || tag == "dispatcher" ||
           tag == "dead letters";
  }
  /// operationId and status of every response that is documented for a path with parameters or
  /// without, but not those that repeat what is said of any kernel. Either those that take actors
  /// or all others.
  static statuses documented(const json& document, bool of_actors) {
    statuses all;
    for (const auto& [path, operations] : document.at("paths").items()) {
      if (path.ends_with("/execute") && path != any_kernel) continue;
      for (const auto& [verb, operation] : operations.items()) {
        for (const auto& [status, response] : operation.at("responses").items()) {
          if (status == "default") continue;
          const int number = std::stoi(status);
          if (is_of_actors(operation, number) != of_actors) continue;
          all.emplace(operation.at("operationId"), number);
        }
      }
    }
    return all;
  }

  /// What came and is not documented, or the other way round.
  statuses only_in_one(bool of_actors) {
    const statuses documented = this->documented(document(), of_actors);
    statuses different;
    std::ranges::set_symmetric_difference(came, documented,
                                          std::inserter(different, different.end()));
    return different;
  }
};

TEST_F(OpenApiTest, HasEveryRouteThatIsNoAlias) {
  start();
  const json document = this->document();

  std::set<std::string> labels;
  for (const http::route& r : routes.routes()) labels.insert(r.label);
  for (const std::string& label : labels) {
    EXPECT_TRUE(document["paths"].contains(label)) << label;
  }
  EXPECT_EQ(document["openapi"], "3.1.0");
}

TEST_F(OpenApiTest, NamesEveryOperationOnce) {
  start();

  const json document = this->document();

  std::map<std::string, int> names;
  for (const json& operations : document.at("paths")) {
    for (const json& operation : operations) {
      ++names[operation.at("operationId").get<std::string>()];
    }
  }
  for (const auto& [name, count] : names) EXPECT_EQ(count, 1) << name;
}

TEST_F(OpenApiTest, HasAnOperationPerKernelWithItsTypes) {
  start();
  const json document = this->document();

  for (const kernel_entry* entry : registry.find_all()) {
    const std::string id{entry->kernel.info.id};
    const json& operation = document["paths"]["/api/v1/kernels/" + id + "/execute"]["post"];
    const json& request = operation.at("requestBody").at("content").at("application/json");
    const json& answer = operation.at("responses").at("200").at("content").at("application/json");
    json input = entry->input.schema(), output = entry->output.schema();
    input.erase("$schema");
    output.erase("$schema");
    EXPECT_EQ(request["schema"]["properties"]["input"], input) << id;
    EXPECT_EQ(answer["schema"]["properties"]["output"], output) << id;
    EXPECT_EQ(operation["responses"].size(),
              document["paths"][std::string{any_kernel}]["post"]["responses"].size());
  }
}

TEST_F(OpenApiTest, HasNoOperationForARingKernelThatIsNotExecuted) {
  ring_options.execute_over_rest = false;
  start();
  const json document = this->document();

  EXPECT_TRUE(document["paths"].contains("/api/v1/kernels/core/test-adding/execute"));
  EXPECT_FALSE(document["paths"].contains("/api/v1/kernels/core/test-acting/execute"));
}

TEST_F(OpenApiTest, HasAnExampleOfEveryCodeThatClientsGet) {
  start();
  const json document = this->document();

  const json& examples = document["components"]["examples"];
  std::size_t expected = 0;
  for (const http::problem_kind& kind : http::problem_kinds()) {
    if (kind.value == errc::cancelled) continue;  // nobody reads that
    ++expected;
    ASSERT_TRUE(examples.contains(kind.code)) << kind.code;
    EXPECT_EQ(examples[std::string{kind.code}]["value"]["status"], kind.status);
  }
  EXPECT_EQ(examples.size(), expected);
}

/// Every documented status, got by asking for it: nothing is promised that never comes, and what
/// comes here is promised.
TEST_F(OpenApiTest, DocumentsTheStatusesThatCome) {
  limits.max_body_bytes = 4096;
  jobs_options.kernel_queue_depth = 1;
  registry.add(make_ring_kernel<totalling>()).value();
  ring_options.execute_over_rest = false;
  loops_turn = false;
  desk_patience = std::chrono::milliseconds{1};
  start();
  const std::string json_type = "Content-Type: application/json\r\n";
  const std::string add = "core/test-adding", list = "/api/v1/kernels";
  const auto fail = [&](const char* how) {
    return execute("core/test-failing", R"({"input":{"how":")" + std::string{how} + R"("}})");
  };

  for (const char* probe : {"live", "ready", "startup"}) {
    note(("get_" + std::string{probe}).c_str(), get("/health/" + std::string{probe}));
  }
  const auto order = [&](const std::string& headers = {}) {
    note("reload_config", post("/api/v1/runtime/reload", "", headers));
    note("drain", post("/api/v1/runtime/drain", "", headers));
  };
  order("Origin: http://a\r\n");
  order();
  life.move_to(lifecycle_state::starting).value();
  life.move_to(lifecycle_state::running).value();
  loops_turn = true;
  for (const char* probe : {"live", "ready", "startup"}) {
    note(("get_" + std::string{probe}).c_str(), get("/health/" + std::string{probe}));
  }
  note("get_health", get("/health"));
  note("get_metrics", get("/metrics"));
  note("get_openapi", get("/openapi.json"));
  note("list_devices", get("/api/v1/devices"));
  for (const char* thing : {"components", "components/executor", "apps"}) {
    const bool is_list = !std::string_view{thing}.ends_with("executor");
    note((is_list ? "list_" + std::string{thing} : "get_executor").c_str(),
         get("/api/v1/" + std::string{thing}));
  }
  note("clear_executor", post("/api/v1/components/executor/clear", ""));
  for (const char* app : {"core/test-adding", "core/absent"}) {
    const std::string path = "/api/v1/apps/app:" + std::string{app};
    note("get_app", get(path));
    note("clear_app", post(path + "/clear", ""));
  }
  note("list_kernels", get(list));
  note("list_kernels", get(list + "?limit=0"));
  note("get_kernel", get(list + "/" + add));
  note("get_kernel", get(list + "/" + add + "?mode=both"));
  note("get_kernel", get(list + "/core/absent"));
  note("execute_kernel", execute(add, R"({"input":{}})"));
  note("execute_kernel", execute(add, "{"));
  note("execute_kernel", execute("core/absent", R"({"input":{}})"));
  note("execute_kernel", execute(add, std::string(5000, ' ')));
  note("execute_kernel", execute(add, "{}", "Content-Type: text/plain\r\n"));
  note("execute_kernel", execute("core/test-totalling", R"({"input":{}})"));
  note("execute_kernel", fail("exception"));
  note("execute_kernel", fail("bad_alloc"));
  {
    client running = connect(), queued = connect();
    running.send(gated_request(where, 1));
    where.wait_entered(1);
    queued.send(gated_request(where, 2, json_type + "X-Request-Timeout-Ms: 100000\r\n"));
    while (jobs->queued() == 0) ask(get("/health/live"));
    note("execute_kernel", gated_request(where, 3));
    note("execute_kernel", execute(add, R"({"input":{}})", "X-Request-Timeout-Ms: 1\r\n"));
    where.open();
    running.read_reply();
    queued.read_reply();
  }
  for (int i = 0; i < 100; ++i) ask(fail("exception"));
  monitor->check(life);
  note("get_health", get("/health"));
  note("get_runtime", get("/api/v1/runtime"));
  note("get_runtime_config", get("/api/v1/runtime/config"));
  desk_is_served = false;
  for (std::size_t i = 0; i < api::control_desk::most_waiting; i += 2) order();
  order();
  desk->serve();
  desk_is_served = true;
  order();

  EXPECT_EQ(only_in_one(false), statuses{});
}

TEST_F(OpenApiTest, DocumentsTheStatusesOfActorsThatCome) {
  ring_options.max_actors = 4;
  end_patience = std::chrono::seconds{1};
  options.cors_origins = {"http://ours"};
  start();
  const std::string all = "/api/v1/actors", route_base = "/api/v1/routes/",
                    dispatch = "/api/v1/dispatch", letters = "/api/v1/dead-letters";
  const std::string text = "Content-Type: text/plain\r\n", huge((1 << 20) + 1, ' ');
  const std::string run = execute("core/test-acting", R"({"input":{"value":1}})");
  const auto typed = [](int type, const std::string& payload = R"({"value":1})") {
    return R"({"type_id":)" + std::to_string(type) + R"(,"payload":)" + payload + "}";
  };
  const auto waited = [&](int type, const std::string& payload = R"({"value":1})",
                          const std::string& query = {}) {
    note("dispatch", post(dispatch + "?reply=true" + query, typed(type, payload)));
  };
  const auto dead_end = [&](const std::string& id) {
    note("replay_dead_letter", post(letters + "/" + id + "/replay", ""));
  };

  // while there is none
  for (const auto& [operation, path] : {std::pair{"list_actors", all},
                                        {"list_routes", "/api/v1/routes"},
                                        {"list_dead_letters", letters},
                                        {"list_dead_letters", letters + "?max=0"},
                                        {"get_dispatch_metrics", dispatch + "/metrics"},
                                        {"get_actor", path("none")},
                                        {"read_actor_output", path("none", "/messages")},

                                        {"get_route", route_base + "x"},
                                        {"get_route", route_base + "1"}}) {
    note(operation, get(path));
  }
  note("reset_dispatch_metrics", post(dispatch + "/metrics/reset", ""));
  note("terminate_actor", del(path("none")));
  note("send_to_actor", post(path("none", "/messages"), "{}"));
  note("call_actor", post(path("none", "/call"), "{}"));
  note("dispatch", post(dispatch, typed(1)));
  for (const char* id : {"x", "1"}) {
    dead_end(id);
    note("delete_dead_letter", del(letters + "/" + id));
    note("delete_route", del(route_base + id));
    note("put_route", put(route_base + id, R"({"actor_id":"none"})"));
  }
  note("put_route", "PUT" + post(route_base + "1", "{}", text).substr(4));
  note("put_route", put(route_base + "1", huge));

  // launches
  for (const std::string& body :
       {launch_body("a", R"({"input_queue_capacity":2})"), launch_body("a"), std::string{"{}"},
        std::string{R"({"kernel_id":"core/none"})"}, huge,
        launch_body("core.test-acting", R"({"auto_activate":false})"), launch_body("c"),
        launch_body("d"), launch_body("e")}) {
    note("launch_actor", post(all, body));
  }
  note("launch_actor", post(all, "{}", text));
  remove("d");
  note("get_actor", get(path("a")));
  for (const char* actor : {"a", "none"}) {
    const std::string app = "/api/v1/apps/app:" + std::string{actor};
    note("get_actor_app", get(app));
    note("clear_actor_app", post(app + "/clear", ""));
  }

  // states
  note("execute_kernel", run);
  for (const char* what : {"deactivate", "activate", "suspend", "resume"}) {
    const std::string operation = std::string{what} + "_actor";
    note(operation, post(path("none", "/" + std::string{what}), ""));
    note(operation, post(path("c", "/" + std::string{what}), ""));
    note(operation, post(path("c", "/" + std::string{what}), ""));
  }
  for (const int type : {9101, 9103, 9105, 9106, 9108}) {
    note("put_route", put(route_base + std::to_string(type), R"({"actor_id":"c"})"));
  }
  note("get_route", get(route_base + "9101"));

  // mail and calls
  for (const auto& [operation, what] :
       {std::pair{"send_to_actor", "/messages"}, {"call_actor", "/call"}}) {
    note(operation, post(path("c", what), ask_body(1)));
    note(operation, post(path("c", what), "{"));
    note(operation, post(path("c", what), huge));
    note(operation, post(path("c", what), "{}", text));
    note(operation, post(path("core.test-acting", what), ask_body(1)));
  }
  const std::string turn = R"({"to":)" + std::to_string(number_of("c")) + "}";
  note("call_actor", post(path("c", "/call"), message("turn", turn)));
  note("dispatch", post(dispatch, typed(9101)));
  note("dispatch", post(dispatch, "{"));
  note("dispatch", post(dispatch, huge));
  note("dispatch", post(dispatch, "{}", text));
  waited(9101);
  waited(9108, turn);

  // output
  note("read_actor_output", get(path("c", "/messages")));
  note("read_actor_output", get(path("c", "/messages?max=0")));
  const std::string events = " HTTP/1.0\r\nAccept: text/event-stream\r\n\r\n";
  note("stream_actor", "GET " + path("none", "/stream") + events);
  note("stream_actor", "GET " + path("c", "/stream?after=x") + events);
  note("stream_actor", "GET " + path("c", "/stream") + " HTTP/1.0\r\n\r\n");
  note("stream_actor", web_socket_client::upgrade(path("c", "/stream")));
  note("stream_actor", web_socket_client::upgrade(path("c", "/stream"), "Origin: http://a\r\n"));
  note("stream_actor",
       "GET " + path("c", "/stream") + " HTTP/1.0\r\nAccept: text/event-stream\r\n\r\n");

  // a full mailbox
  ask(post(path("a", "/suspend"), ""));
  note("put_route", put(route_base + "9101", R"({"actor_id":"a"})"));
  waited(9101);
  for (int i = 0; i < 3; ++i) note("send_to_actor", post(path("a", "/messages"), ask_body(1)));
  note("dispatch", post(dispatch, typed(9101)));
  note("terminate_actor", del(path("a")));
  dead_end("1");
  launch("a", R"({"input_queue_capacity":2,"auto_activate":false})");
  for (int i = 0; i < 2; ++i) send("a", ask_body(1));
  dead_end("1");
  remove("a");
  launch("a", R"({"input_queue_capacity":4})");
  dead_end("1");
  note("delete_dead_letter", del(letters + "/2"));

  // a handler that waits, and one that throws
  send("a", hold_body());
  where.wait_entered(1);
  note("call_actor", post(path("a", "/call"), ask_body(1, R"(,"timeout_ms":1)")));
  waited(9101, R"({"value":1})", "&timeout_ms=1");
  while (send("a", ask_body(1)).status == 202) {
  }
  note("call_actor", post(path("a", "/call"), ask_body(1)));
  note("terminate_actor", del(path("a")));
  where.open();
  launch("a");
  note("call_actor", post(path("a", "/call"), message("trip")));
  waited(9105);
  for (const char* what : {"/messages", "/call"}) {
    const bool is_call = std::string_view{what} == "/call";
    note(is_call ? "call_actor" : "send_to_actor", post(path("a", what), ask_body(1)));
  }
  waited(9101);
  dead_end("3");
  ask(post(path("core.test-acting", "/activate"), ""));
  call("core.test-acting", message("trip"));
  note("execute_kernel", run);
  note("delete_route", del(route_base + "9101"));

  // a drain
  note("put_route", put(route_base + "9101", R"({"actor_id":"a"})"));
  remove("a");
  launch("a");
  actors->drain();
  note("send_to_actor", post(path("a", "/messages"), ask_body(1)));
  note("call_actor", post(path("a", "/call"), ask_body(1)));
  note("dispatch", post(dispatch, typed(9101)));
  dead_end("3");

  EXPECT_EQ(only_in_one(true), statuses{});
}

}  // namespace
}  // namespace kernd::test
