#include "src/job_runner.hpp"

#include "kernd/executor.hpp"
#include "test_kernels.hpp"

#include <gtest/gtest.h>

#include <string>

namespace kernd {
namespace {

using namespace std::chrono_literals;
using test::body_of;

struct RunNowTest : ::testing::Test {
  kernel_registry registry;
  executor_config options{.max_timeout = 1000ms};
  limits_config limits{.job_memory_bytes = 1 << 20, .max_json_depth = 8};

  RunNowTest() {
    registry.add(make_kernel<test::adding>()).value();
    registry.add(make_kernel<test::failing>()).value();
  }

  result<job_output> run(std::string_view id, text_buffer body) {
    const std::atomic<bool> never{false};
    return run_now(*registry.find(id), {std::move(body)}, options, limits, never);
  }
  error failure(const std::string& how) {
    return run("core/test-failing", body_of(R"({"how":")" + how + "\"}")).error();
  }
};

TEST_F(RunNowTest, GoesFromBodyToOutput) {
  const auto output = run("core/test-adding", body_of(R"({"a":40,"b":2.5})")).value();

  EXPECT_EQ(output.output.view(), R"({"sum":42.5})");
  EXPECT_EQ(output.params_used, "");
}

TEST_F(RunNowTest, NamesTheDefaultsThatApplied) {
  const auto output = run("core/test-adding", body_of(R"({"a":40})")).value();

  EXPECT_EQ(output.params_used, "\"b\":2");
}

TEST_F(RunNowTest, HandsOutTheMetadata) {
  const auto output =
      run("core/test-adding", body_of("{}", R"({"timeout_ms":1000,"trace_id":"t"})")).value();

  EXPECT_EQ(output.metadata.timeout, 1000ms);
  EXPECT_EQ(output.metadata.trace_id, "t");
}

TEST_F(RunNowTest, MeasuresTheKernel) {
  const auto output = run("core/test-adding", body_of("{}")).value();

  EXPECT_GT(output.compute.count(), 0);
}

TEST_F(RunNowTest, RefusesWhatIsNotJson) {
  EXPECT_EQ(run("core/test-adding", text_buffer{"{"}).error().code, errc::invalid_json);
}

TEST_F(RunNowTest, PutsTheKernelsRulesUnderInput) {
  const auto e = run("core/test-adding", body_of(R"({"a":1,"b":-3})")).error();

  EXPECT_EQ(e.code, errc::invalid_input);
  ASSERT_TRUE(e.invalid);
  EXPECT_EQ(e.invalid->pointer, "/input/b");
}

TEST_F(RunNowTest, RefusesATimeoutBeyondTheCap) {
  const auto e = run("core/test-adding", body_of("{}", R"({"timeout_ms":1001})")).error();

  EXPECT_EQ(e.code, errc::invalid_request);
  EXPECT_EQ(e.message, "/metadata/timeout_ms: integer from 1 to 1000 expected, found 1001");
}

TEST_F(RunNowTest, RefusesATimeoutOfZero) {
  EXPECT_EQ(run("core/test-adding", body_of("{}", R"({"timeout_ms":0})")).error().code,
            errc::invalid_request);
}

TEST_F(RunNowTest, RefusesWhatNestsTooDeep) {
  EXPECT_EQ(run("core/test-adding", body_of(R"({"a":[[[[[[[[1]]]]]]]]})")).error().code,
            errc::invalid_json);
}

TEST_F(RunNowTest, AnExceptionStaysInTheLog) {
  const auto e = failure("exception");

  EXPECT_EQ(e.code, errc::execution_failed);
  EXPECT_EQ(e.message, "kernel core/test-failing failed");
  EXPECT_EQ(e.internal, "the secret reason");
}

TEST_F(RunNowTest, CatchesWhatIsNoException) {
  EXPECT_EQ(failure("number").code, errc::execution_failed);
}

TEST_F(RunNowTest, PassesOnTheErrorOfTheKernel) {
  const auto e = failure("error");

  EXPECT_EQ(e.code, errc::execution_failed);
  EXPECT_EQ(e.message, "no convergence after 3 steps");
}

TEST_F(RunNowTest, RefusesOutputThatIsNotFinite) {
  EXPECT_EQ(failure("not_finite").code, errc::non_finite_output);
}

TEST_F(RunNowTest, OutOfMemoryIsAnError) {
  EXPECT_EQ(failure("bad_alloc").code, errc::memory_exhausted);
}

TEST_F(RunNowTest, TheMemoryLimitIsNamed) {
  const auto e = failure("memory");

  EXPECT_EQ(e.code, errc::memory_limit_exceeded);
  EXPECT_NE(e.message.find("limit 1048576 bytes"), std::string::npos) << e.message;
}

TEST(JobRunnerTest, RunsTheNextJobAfterOneThatFailed) {
  kernel_registry registry;
  registry.add(make_kernel<test::adding>()).value();
  registry.add(make_kernel<test::failing>()).value();
  const job_limits limits{{}, {}};
  json_reader reader{limits.max_json_depth};
  job_runner runner{limits};
  const std::atomic<bool> never{false};
  const auto run = [&](std::string_view id, const text_buffer& body) {
    const auto& entry = *registry.find(id);
    runner.reset();
    auto failure =
        runner.guarded(entry, [&] { return runner.decode(reader, entry, body, limits, 5, never); });
    if (failure) return result<job_output>{*std::move(failure)};
    job_runner* const alone = &runner;
    job_runner::compute(entry, {&alone, 1});
    return to_result(runner.encode(entry));
  };
  ASSERT_FALSE(run("core/test-failing", body_of(R"({"how":"memory"})")));

  const auto output = run("core/test-adding", body_of(R"({"a":1,"b":1})"));

  EXPECT_EQ(output.value().output.view(), R"({"sum":2})");
}

}  // namespace
}  // namespace kernd
