#include "tests/api/api_test.hpp"

namespace kernd::test {
namespace {

using nlohmann::json;

constexpr std::string_view add = "core/test-adding";
constexpr std::string_view fail = "core/test-failing";

struct ExecuteTest : ApiTest {};

TEST_F(ExecuteTest, AnswersWithOutputAndMetadata) {
  start();

  const reply r = ask(execute(add, R"({"input":{"a":2,"b":3}})",
                              "Content-Type: application/json\r\nX-Request-ID: mine\r\n"));

  ASSERT_EQ(r.status, 200) << r.body;
  const json body = json_of(r);
  EXPECT_EQ(body["request_id"], "mine");
  EXPECT_EQ(body["kernel_id"], "core/test-adding");
  EXPECT_EQ(body["output"], json::parse(R"({"sum":5})"));
  const json& metadata = body["metadata"];
  EXPECT_EQ(metadata["backend"], "CPU");
  EXPECT_EQ(metadata["device"], "cpu");
  EXPECT_EQ(metadata["batch_size"], 1);
  EXPECT_EQ(metadata["params_used"], json::object());
  for (const char* absent : {"gpu_memory_bytes", "trace_id", "h2d_us", "d2h_us"}) {
    EXPECT_TRUE(metadata.at(absent).is_null()) << absent;
  }
  for (const char* time : {"duration_us", "queue_us", "compute_us"}) {
    EXPECT_GE(metadata.at(time).get<std::int64_t>(), 0) << time;
  }
}

TEST_F(ExecuteTest, TellsHowManyJobsWereComputedTogether) {
  registry.add(make_kernel<joining>()).value();
  jobs_options.max_batch_size = 2;
  jobs_options.max_queue_delay = std::chrono::hours{1};  // the second job ends the wait
  start();
  client first = connect();
  first.send(execute("core/test-joining", R"({"input":{"tag":1}})"));
  client second = connect();

  const json other = json_of(second.ask(execute("core/test-joining", R"({"input":{"tag":2}})")));

  const json one = json_of(first.read_reply());
  EXPECT_EQ(one["metadata"]["batch_size"], 2);
  EXPECT_EQ(one["output"]["tag"], 1);
  EXPECT_EQ(other["metadata"]["batch_size"], 2);
  EXPECT_EQ(other["output"]["tag"], 2);
}

TEST_F(ExecuteTest, AcceptsAnIdWithAnEscapedSlash) {
  start();

  EXPECT_EQ(ask(execute("core%2Ftest-adding", R"({"input":{}})")).status, 200);
}

TEST_F(ExecuteTest, NamesTheDefaultsThatApplied) {
  start();

  const reply r = ask(execute(add, R"({"input":{"a":5}})"));

  EXPECT_EQ(json_of(r)["metadata"]["params_used"], json::parse(R"({"b":2})"));
}

TEST_F(ExecuteTest, AnswersWithTheTraceIdOfTraceparent) {
  start();

  const reply r =
      ask(execute(add, R"({"input":{},"metadata":{"trace_id":"other"}})",
                  "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n"));

  EXPECT_EQ(json_of(r)["metadata"]["trace_id"], "0af7651916cd43dd8448eb211c80319c");
}

TEST_F(ExecuteTest, AnswersWithTheTraceIdOfTheBodyWithoutTraceparent) {
  start();

  const reply r = ask(execute(add, R"({"input":{},"metadata":{"trace_id":"a\"b"}})"));

  EXPECT_EQ(json_of(r)["metadata"]["trace_id"], "a\"b");
}

TEST_F(ExecuteTest, SuggestsTheNearestKernel) {
  start();

  const reply r = ask(execute("core/test-ading", R"({"input":{}})"));

  EXPECT_EQ(r.status, 404);
  EXPECT_EQ(code_of(r), "KERNEL_NOT_FOUND");
  EXPECT_NE(json_of(r)["message"].get<std::string>().find("core/test-adding"), std::string::npos);
}

TEST_F(ExecuteTest, FindsNoBatchKernelInRingMode) {
  start();

  const reply r =
      ask(post("/api/v1/kernels/core/test-adding/execute?mode=ring", R"({"input":{}})"));

  EXPECT_EQ(r.status, 404);
  EXPECT_EQ(code_of(r), "KERNEL_NOT_FOUND");
}

TEST_F(ExecuteTest, RefusesAnUnknownMode) {
  start();

  const reply r =
      ask(post("/api/v1/kernels/core/test-adding/execute?mode=both", R"({"input":{}})"));

  EXPECT_EQ(r.status, 400);
  EXPECT_EQ(code_of(r), "INVALID_REQUEST");
}

TEST_F(ExecuteTest, RefusesOtherMediaTypes) {
  start();

  const reply r = ask(execute(add, R"({"input":{}})", "Content-Type: text/plain\r\n"));

  EXPECT_EQ(r.status, 415);
  EXPECT_EQ(code_of(r), "UNSUPPORTED_MEDIA_TYPE");
}

TEST_F(ExecuteTest, RefusesBodiesThatAreEncoded) {
  start();

  const reply r = ask(execute(add, R"({"input":{}})",
                              "Content-Type: application/json\r\nContent-Encoding: gzip\r\n"));

  EXPECT_EQ(r.status, 415);
  EXPECT_EQ(code_of(r), "UNSUPPORTED_MEDIA_TYPE");
}

TEST_F(ExecuteTest, TakesJsonUnderItsOtherNames) {
  start();

  for (const char* type : {"", "Content-Type: Application/JSON; charset=utf-8\r\n",
                           "Content-Type: application/vnd.kernd+json\r\n"}) {
    EXPECT_EQ(ask(execute(add, R"({"input":{}})", type)).status, 200) << type;
  }
}

TEST_F(ExecuteTest, RefusesHeadersOutOfRange) {
  jobs_options.max_timeout = std::chrono::milliseconds{50'000};
  start();

  for (const char* header :
       {"X-Request-Timeout-Ms: 0\r\n", "X-Request-Timeout-Ms: 50001\r\n",
        "X-Request-Timeout-Ms: 1s\r\n", "X-Request-Timeout-Ms: 99999999999999999999\r\n",
        "X-Request-Priority: 11\r\n", "X-Request-Priority: -1\r\n", "X-Request-Priority: \r\n"}) {
    const reply r = ask(execute(add, R"({"input":{}})", header));
    EXPECT_EQ(r.status, 400) << header;
    EXPECT_EQ(code_of(r), "INVALID_REQUEST") << header;
  }
  EXPECT_EQ(ask(execute(add, R"({"input":{}})",
                        "X-Request-Timeout-Ms: 50000\r\nX-Request-Priority: 10\r\n"))
                .status,
            200);
}

TEST_F(ExecuteTest, RefusesATimeoutInTheBodyBeyondTheMaximum) {
  jobs_options.max_timeout = std::chrono::milliseconds{50'000};
  start();

  const reply r = ask(execute(add, R"({"input":{},"metadata":{"timeout_ms":50001}})"));

  EXPECT_EQ(r.status, 400);
  EXPECT_EQ(json_of(r)["details"]["pointer"], "/metadata/timeout_ms");
}

TEST_F(ExecuteTest, NamesTheRangeOfTheTimeoutInTheBody) {
  jobs_options.max_timeout = std::chrono::milliseconds{50'000};
  start();

  for (const char* bad : {"0", "-1", "50001", "1.5", "\"5\""}) {
    const reply r =
        ask(execute(add, R"({"input":{},"metadata":{"timeout_ms":)" + std::string{bad} + "}}"));

    EXPECT_EQ(r.status, 400) << bad;
    EXPECT_EQ(json_of(r)["details"]["expected"], "integer from 1 to 50000") << bad;
  }
}

TEST_F(ExecuteTest, AnswersAtTheDeadlineThoughTheKernelRunsOn) {
  start();

  const reply r = ask(gated_request(where, 0, "X-Request-Timeout-Ms: 30\r\n"));

  EXPECT_EQ(r.status, 504);
  EXPECT_EQ(code_of(r), "EXECUTION_TIMEOUT");
  EXPECT_EQ(jobs->in_flight(), 1u);
}

TEST_F(ExecuteTest, TheDeadlineHoldsWhileTheBodyArrives) {
  start();
  client slow = connect();

  const reply r = slow.ask(
      "POST /api/v1/kernels/core/test-adding/execute HTTP/1.1\r\nHost: test\r\n"
      "Content-Type: application/json\r\nX-Request-Timeout-Ms: 30\r\n"
      "Content-Length: 100\r\n\r\n{");

  EXPECT_EQ(r.status, 504);
  EXPECT_EQ(code_of(r), "EXECUTION_TIMEOUT");
  EXPECT_TRUE(slow.is_closed());
}

TEST_F(ExecuteTest, TakesTheShorterOfTwoTimeouts) {
  start();
  const text_buffer body = gated_body(where, 0, R"({"timeout_ms":30})");

  const reply r = ask(execute("core/test-gated", body.view(), "X-Request-Timeout-Ms: 60000\r\n"));

  EXPECT_EQ(r.status, 504);
}

TEST_F(ExecuteTest, RefusesWhatTheQueueCannotHold) {
  jobs_options.kernel_queue_depth = 1;
  start();
  client running = connect(), queued = connect();
  running.send(gated_request(where, 1));
  where.wait_entered(1);
  queued.send(gated_request(where, 2));
  // One more connection on the same loop: its request is read after the queued one.
  while (jobs->queued() == 0) ask(get("/health/live"));

  const reply r = ask(gated_request(where, 3));

  EXPECT_EQ(r.status, 429);
  EXPECT_EQ(code_of(r), "QUEUE_FULL");
  EXPECT_EQ(r.header("Retry-After"), "1");
  where.open();
  EXPECT_EQ(running.read_reply().status, 200);
  EXPECT_EQ(queued.read_reply().status, 200);
}

TEST_F(ExecuteTest, RunsHigherPrioritiesFirst) {
  start();
  client running = connect(), low = connect(), high = connect();
  running.send(gated_request(where, 1));
  where.wait_entered(1);
  low.send(gated_request(where, 2, "X-Request-Priority: 0\r\n"));
  while (jobs->queued() < 1) ask(get("/health/live"));
  const text_buffer urgent = gated_body(where, 3, R"({"priority":10})");
  high.send(execute("core/test-gated", urgent.view()));
  while (jobs->queued() < 2) ask(get("/health/live"));

  where.open();

  EXPECT_EQ(low.read_reply().status, 200);
  EXPECT_EQ(where.entered(), (std::vector<std::int64_t>{1, 3, 2}));
}

TEST_F(ExecuteTest, AClientThatHangsUpFreesItsPlace) {
  start();
  client running = connect(), gone = connect();
  running.send(gated_request(where, 1));
  where.wait_entered(1);
  gone.send(gated_request(where, 2));
  while (jobs->queued() == 0) ask(get("/health/live"));

  gone.close();
  while (jobs->queued() != 0) ask(get("/health/live"));
  where.open();

  EXPECT_EQ(running.read_reply().status, 200);
  EXPECT_EQ(where.entered(), (std::vector<std::int64_t>{1}));
  EXPECT_EQ(jobs->metrics().totals(0)[job_outcome::cancelled], 1u);
}

TEST_F(ExecuteTest, ARunningJobLeavesTheMemoryForBodiesToOthers) {
  limits.max_body_bytes = limits.body_memory_bytes = 4096;
  jobs_options.workers = 2;
  start();
  client running = connect();
  const std::string space(3000, ' ');
  running.send(execute("core/test-gated", std::string{gated_body(where, 1).view()} + space));
  where.wait_entered(1);

  EXPECT_EQ(ask(execute(add, R"({"input":{}})" + space)).status, 200);

  where.open();
  EXPECT_EQ(running.read_reply().status, 200);
}

TEST_F(ExecuteTest, AWaitingJobHoldsTheMemoryOfItsBody) {
  limits.max_body_bytes = limits.body_memory_bytes = 4096;
  start();
  client running = connect(), waiting = connect();
  running.send(gated_request(where, 1));
  where.wait_entered(1);
  waiting.send(execute(add, R"({"input":{}})" + std::string(3000, ' ')));
  while (jobs->queued() == 0) ask(get("/health/live"));

  const reply r = ask(execute(add, R"({"input":{}})" + std::string(3000, ' ')));

  EXPECT_EQ(r.status, 503);
  EXPECT_EQ(code_of(r), "MEMORY_EXHAUSTED");
  where.open();
  EXPECT_EQ(waiting.read_reply().status, 200);
}

TEST_F(ExecuteTest, RefusesABodyThatTakesMoreToParseThanAJobMayHave) {
  limits.job_memory_bytes = 8 << 20;
  start();
  const std::string small = R"({"input":{}})" + std::string(1'000'000, ' ');
  const std::string large = R"({"input":{}})" + std::string(1'500'000, ' ');

  const reply r = ask(execute(add, large));

  EXPECT_EQ(r.status, 413);
  EXPECT_EQ(code_of(r), "MEMORY_LIMIT_EXCEEDED");
  EXPECT_EQ(ask(execute(add, small)).status, 200);
}

TEST_F(ExecuteTest, KeepsWhatAKernelThrowsFromTheClient) {
  start();

  const reply r = ask(execute(fail, R"({"input":{"how":"exception"}})"));

  EXPECT_EQ(r.status, 500);
  EXPECT_EQ(code_of(r), "EXECUTION_FAILED");
  EXPECT_EQ(r.body.find("secret"), std::string::npos);
}

TEST_F(ExecuteTest, GivesEveryFailureOfAKernelItsCode) {
  start();
  const struct {
    const char* way;
    int status;
    const char* code;
  } rows[] = {{"number", 500, "EXECUTION_FAILED"},
              {"error", 500, "EXECUTION_FAILED"},
              {"not_finite", 500, "NON_FINITE_OUTPUT"},
              {"memory", 413, "MEMORY_LIMIT_EXCEEDED"},
              {"bad_alloc", 503, "MEMORY_EXHAUSTED"}};

  for (const auto& row : rows) {
    const reply r = ask(execute(fail, R"({"input":{"how":")" + std::string{row.way} + "\"}}"));
    EXPECT_EQ(r.status, row.status) << row.way;
    EXPECT_EQ(code_of(r), row.code) << row.way;
  }
  EXPECT_EQ(ask(execute(add, R"({"input":{}})")).status, 200);
}

TEST_F(ExecuteTest, PointsIntoTheOutputThatIsNotFinite) {
  start();

  const reply r = ask(execute(fail, R"({"input":{"how":"not_finite"}})"));

  EXPECT_EQ(json_of(r)["details"]["pointer"], "/output/value");
}

TEST_F(ExecuteTest, GivesEveryBadBodyItsCode) {
  start();
  const struct {
    const char* body;
    const char* code;
    const char* pointer;
  } rows[] = {{"", "INVALID_JSON", nullptr},
              {R"({"input":{"a":1,}})", "INVALID_JSON", nullptr},
              {"[]", "INVALID_REQUEST", ""},
              {"{}", "INVALID_REQUEST", "/input"},
              {R"({"input":{},"inputs":{}})", "INVALID_REQUEST", "/inputs"},
              {R"({"input":{"a":"x"}})", "INVALID_INPUT", "/input/a"},
              {R"({"input":{"c":1}})", "INVALID_INPUT", "/input/c"},
              {R"({"input":{"a":-5,"b":0}})", "INVALID_INPUT", "/input/b"}};

  for (const auto& row : rows) {
    const reply r = ask(execute(add, row.body));
    EXPECT_EQ(r.status, 400) << row.body;
    EXPECT_EQ(code_of(r), row.code) << row.body;
    if (row.pointer != nullptr) {
      EXPECT_EQ(json_of(r)["details"]["pointer"], row.pointer) << r.body;
    }
  }
}

TEST_F(ExecuteTest, RefusesJobsWhileDraining) {
  start();
  jobs->drain();

  const reply r = ask(execute(add, R"({"input":{}})"));

  EXPECT_EQ(r.status, 503);
  EXPECT_EQ(code_of(r), "SERVICE_UNAVAILABLE");
  EXPECT_EQ(r.header("Retry-After"), "1");
}

}  // namespace
}  // namespace kernd::test
