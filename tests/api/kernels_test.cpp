#include "tests/api/api_test.hpp"

namespace kernd::test {
namespace {

using nlohmann::json;

struct KernelsTest : ApiTest {
  static std::vector<std::string> ids(const json& list) {
    std::vector<std::string> result;
    for (const auto& kernel : list["kernels"]) result.push_back(kernel["id"].get<std::string>());
    return result;
  }
};

TEST_F(KernelsTest, ListsByIdWithASummary) {
  start();

  const json list = json_of(ask(get("/api/v1/kernels")));

  EXPECT_EQ(list["total"], 3);
  EXPECT_EQ(ids(list),
            (std::vector<std::string>{"core/test-adding", "core/test-failing", "core/test-gated"}));
  EXPECT_EQ(list["kernels"][0], json::parse(R"({"id":"core/test-adding","domain":"Core",
      "mode":"Batch","description":"Adds.","version":"1.2.3","backends":["cpu"],
      "executable":true})"));
  EXPECT_FALSE(list.contains("next_cursor"));
}

TEST_F(KernelsTest, SelectsByEveryParameter) {
  start();
  const struct {
    const char* query;
    std::size_t total;
  } rows[] = {{"domain=Core", 3}, {"domain=core", 3}, {"domain=graph", 0}, {"mode=batch", 3},
              {"mode=Ring", 0},   {"backend=cpu", 3}, {"backend=cuda", 0}, {"q=ADDS", 1},
              {"q=test-f", 1},    {"q=", 3},          {"q=nothing", 0}};

  for (const auto& row : rows) {
    const json list = json_of(ask(get(std::string{"/api/v1/kernels?"} + row.query)));
    EXPECT_EQ(list["total"], row.total) << row.query;
    EXPECT_EQ(list["kernels"].size(), row.total) << row.query;
  }
}

TEST_F(KernelsTest, PagesThroughTheWholeList) {
  start();

  const json first = json_of(ask(get("/api/v1/kernels?limit=2")));
  const json second = json_of(
      ask(get("/api/v1/kernels?limit=2&cursor=" + first["next_cursor"].get<std::string>())));

  EXPECT_EQ(first["total"], 3);
  EXPECT_EQ(ids(first).size(), 2u);
  EXPECT_EQ(ids(second), (std::vector<std::string>{"core/test-gated"}));
  EXPECT_FALSE(second.contains("next_cursor"));
}

TEST_F(KernelsTest, RefusesParametersThatMeanNothing) {
  start();

  for (const char* query :
       {"limit=0", "limit=1001", "limit=x", "mode=both", "backend=metal", "domian=core"}) {
    const reply r = ask(get(std::string{"/api/v1/kernels?"} + query));
    EXPECT_EQ(r.status, 400) << query;
    EXPECT_EQ(code_of(r), "INVALID_REQUEST") << query;
  }
}

TEST_F(KernelsTest, DescribesOneKernel) {
  registry
      .add([] {
        kernel k = make_kernel<adding>();
        k.info.id = "core/with-example";
        k.info.example = {.input = R"({"a":1,"b":2})", .output = R"({"sum":3})"};
        k.info.expected_throughput = 5e6;
        k.info.max_batch_size = 7;
        return k;
      }())
      .value();
  start();

  const json described = json_of(ask(get("/api/v1/kernels/core/with-example")));

  EXPECT_EQ(described["id"], "core/with-example");
  EXPECT_EQ(described["expected_throughput"], 5000000);
  EXPECT_EQ(described["requires_gpu_native"], false);
  EXPECT_EQ(described["max_batch_size"], 7);
  EXPECT_EQ(described["tolerance"], 0);
  EXPECT_EQ(described["input_schema"]["properties"]["b"]["default"], 2);
  EXPECT_EQ(described["output_schema"]["required"], json::array({"sum"}));
  EXPECT_EQ(described["example"]["output"]["sum"], 3);
  EXPECT_EQ(described["measured"], json::parse(R"({"executions":0,"mean_compute_us":null})"));
}

TEST_F(KernelsTest, DescribesTheMessagesOfARingKernel) {
  registry.add(make_ring_kernel<totalling>()).value();
  start();

  const json described = json_of(ask(get("/api/v1/kernels/core/test-totalling")));

  EXPECT_EQ(described["mode"], "Ring");
  EXPECT_EQ(described["executable"], true);
  ASSERT_EQ(described["messages"].size(), 4u);
  const json& add = described["messages"][0];
  EXPECT_EQ(add["type_id"], 9001);
  EXPECT_EQ(add["name"], "add");
  EXPECT_EQ(add["direction"], "handled");
  EXPECT_EQ(add["reply"], 9002);
  EXPECT_EQ(add["schema"], described["input_schema"]);
  EXPECT_EQ(described["messages"][1]["reply"], nullptr);
  EXPECT_EQ(described["messages"][2]["direction"], "emitted");
  EXPECT_EQ(described["messages"][2]["schema"], described["output_schema"]);
}

TEST_F(KernelsTest, ExecutesNoRingKernelWhereThatIsOff) {
  registry.add(make_ring_kernel<totalling>()).value();
  ring_options.execute_over_rest = false;
  start();

  const reply r = ask(execute("core/test-totalling", R"({"input":{}})"));

  EXPECT_EQ(r.status, 422);
  EXPECT_EQ(code_of(r), "RING_KERNEL_REST_UNSUPPORTED");
  EXPECT_EQ(json_of(ask(get("/api/v1/kernels/core/test-totalling")))["executable"], false);
}

TEST_F(KernelsTest, ShowsWhatWasMeasured) {
  start();
  ask(execute("core/test-adding", R"({"input":{}})"));

  const json described = json_of(ask(get("/api/v1/kernels/core%2Ftest-adding")));

  EXPECT_EQ(described["measured"]["executions"], 1);
  EXPECT_GT(described["measured"]["mean_compute_us"].get<double>(), 0);
}

TEST_F(KernelsTest, AnswersNotFoundForAnUnknownKernel) {
  start();

  const reply r = ask(get("/api/v1/kernels/core/nothing"));

  EXPECT_EQ(r.status, 404);
  EXPECT_EQ(code_of(r), "KERNEL_NOT_FOUND");
}

}  // namespace
}  // namespace kernd::test
