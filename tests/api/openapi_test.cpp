#include "server/http/problem.hpp"
#include "tests/api/api_test.hpp"

#include <map>
#include <set>
#include <utility>

namespace kernd::test {
namespace {

using nlohmann::json;

constexpr std::string_view any_kernel = "/api/v1/kernels/{domain}/{name}/execute";

struct OpenApiTest : ApiTest {
  json document() { return json_of(ask(get("/openapi.json"))); }

  /// operationId and status of every response that is documented for a path with parameters or
  /// without, but not those that repeat what is said of any kernel.
  static std::set<std::pair<std::string, int>> documented(const json& document) {
    std::set<std::pair<std::string, int>> all;
    for (const auto& [path, operations] : document.at("paths").items()) {
      if (path.ends_with("/execute") && path != any_kernel) continue;
      for (const auto& [verb, operation] : operations.items()) {
        for (const auto& [status, response] : operation.at("responses").items()) {
          if (status != "default") all.emplace(operation.at("operationId"), std::stoi(status));
        }
      }
    }
    return all;
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
  loops_turn = false;
  desk_patience = std::chrono::milliseconds{1};
  start();
  const std::string json_type = "Content-Type: application/json\r\n";
  const std::string add = "core/test-adding", list = "/api/v1/kernels";
  std::set<std::pair<std::string, int>> came;
  const auto note = [&](const char* operation, const std::string& request) {
    came.emplace(operation, ask(request).status);
  };
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

  EXPECT_EQ(came, documented(document()));
}

}  // namespace
}  // namespace kernd::test
