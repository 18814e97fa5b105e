#include "tests/api/api_test.hpp"

#include <thread>

// What the access log knows of a request whose ids stand in its body.

namespace kernd::test {
namespace {

constexpr std::string_view add = "core/test-adding";
constexpr std::string_view fail = "core/test-failing";
const std::string ids = R"("trace_id":"t1","span_id":"s1","tenant_id":"acme")";

struct AccessLogTest : ApiTest {
  /// An execute body; a large one is opened by the worker alone.
  static std::string body(const std::string& input, bool is_large = false,
                          const std::string& metadata = ids) {
    const std::string filler(is_large ? small_body_bytes : 0, ' ');
    return R"({"input":)" + input + filler + R"(,"metadata":{)" + metadata + "}}";
  }

  std::string gate_input() const {
    return R"({"gate":)" + std::to_string(reinterpret_cast<std::uintptr_t>(&where)) + "}";
  }

  void expect_ids(unsigned status) {
    const auto entry = log.take();
    EXPECT_EQ(entry.status, status);
    EXPECT_EQ(entry.trace_id, "t1");
    EXPECT_EQ(entry.parent_span_id, "s1");
    EXPECT_EQ(entry.tenant_id, "acme");
  }
};

TEST_F(AccessLogTest, NamesWhoAskedForASuccess) {
  start();
  for (const bool is_large : {false, true}) {
    ask(execute(add, body("{}", is_large)));
    expect_ids(200);
  }
}

TEST_F(AccessLogTest, NamesWhoSentWhatIsRefused) {
  start();
  for (const bool is_large : {false, true}) {
    for (const char* input : {R"({"a":"x"})", R"({"a":1,})", R"({"a":-5,"b":0})"}) {
      ask(execute(add, body(input, is_large)));
      expect_ids(400);
    }
    ask(execute(add, body("{}", is_large, ids + R"(,"timeout_ms":0)")));
    expect_ids(400);
    ask(execute(add, body("{}", is_large),
                "Content-Type: application/json\r\nX-Request-Priority: 11\r\n"));
    if (!is_large) expect_ids(400);
  }
}

TEST_F(AccessLogTest, NamesWhoseKernelFailed) {
  start();
  const struct {
    const char* how;
    unsigned status;
  } rows[] = {{"exception", 500}, {"not_finite", 500}, {"memory", 413}, {"bad_alloc", 503}};
  for (const bool is_large : {false, true}) {
    for (const auto& row : rows) {
      ask(execute(fail, body(R"({"how":")" + std::string{row.how} + "\"}", is_large)));
      expect_ids(row.status);
    }
  }
}

TEST_F(AccessLogTest, NamesWhoseDeadlinePassed) {
  start();
  ask(execute("core/test-gated", body(gate_input(), false, ids + R"(,"timeout_ms":30)")));
  expect_ids(504);
}

TEST_F(AccessLogTest, NamesWhomTheQueueCouldNotHold) {
  jobs_options.kernel_queue_depth = 1;
  start();
  client running = connect(), queued = connect();
  running.send(gated_request(where, 1));
  where.wait_entered(1);
  queued.send(gated_request(where, 2));
  while (jobs->queued() == 0) std::this_thread::yield();

  ask(execute("core/test-gated", body(gate_input())));

  expect_ids(429);
}

TEST_F(AccessLogTest, NamesWhoHungUp) {
  start();
  client gone = connect();
  gone.send(execute("core/test-gated", body(gate_input(), true)));
  where.wait_entered(1);

  gone.close();

  expect_ids(499);
}

TEST_F(AccessLogTest, PrefersTheTraceOfTheHeader) {
  start();

  ask(execute(add, body(R"({"a":"x"})"),
              "Content-Type: application/json\r\nX-Tenant-ID: other\r\n"
              "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n"));

  const auto entry = log.take();
  EXPECT_EQ(entry.trace_id, "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(entry.parent_span_id, "b7ad6b7169203331");
  EXPECT_EQ(entry.tenant_id, "acme");
}

}  // namespace
}  // namespace kernd::test
