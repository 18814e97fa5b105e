// What the executor tells its monitor.

#include "executor_fixture.hpp"

#include <stop_token>
#include <string>

namespace kernd {
namespace {

using namespace std::chrono_literals;
using test::body_of;
using test::long_enough_to_start;
using test::within;

struct ExecutorMonitorTest : test::executor_fixture {
  result<job_output> run(executor& jobs, std::string_view id, const std::string& input) {
    return settle(begin(jobs, id, body_of(input)));
  }
  task_snapshot seen(executor& jobs, std::string_view id) const {
    return jobs.monitor().snapshot(entry(id).index);
  }
};

TEST_F(ExecutorMonitorTest, AnExecutionIsTimedByItsComputing) {
  executor jobs{registry, options, limits};

  const auto output = run(jobs, "core/test-adding", "{}");

  const auto timing = seen(jobs, "core/test-adding").timing;
  ASSERT_TRUE(output);
  EXPECT_EQ(timing.executions, 1u);
  EXPECT_EQ(timing.last, output->compute);
}

TEST_F(ExecutorMonitorTest, ThePeriodSpansTheStartsOfTwoExecutions) {
  executor jobs{registry, options, limits};

  const auto before = std::chrono::steady_clock::now();
  const auto first = run(jobs, "core/test-adding", "{}");
  static_cast<void>(run(jobs, "core/test-adding", "{}"));
  const auto both = std::chrono::steady_clock::now() - before;

  const auto timing = seen(jobs, "core/test-adding").timing;
  EXPECT_EQ(timing.executions, 2u);
  EXPECT_GE(timing.period, first->compute);
  EXPECT_LE(timing.period, both);
}

TEST_F(ExecutorMonitorTest, AFailureLatches) {
  executor jobs{registry, options, limits};

  static_cast<void>(run(jobs, "core/test-failing", R"({"how":"exception"})"));
  static_cast<void>(run(jobs, "core/test-failing", R"({"how":"error"})"));

  const auto failing = seen(jobs, "core/test-failing");
  EXPECT_EQ(failing.state, task_state::error);
  EXPECT_EQ(failing.errors, 2u);
  ASSERT_TRUE(failing.failure);
  EXPECT_EQ(failing.failure->code, errc::execution_failed);
  EXPECT_EQ(failing.failure->message, "kernel core/test-failing failed");
  EXPECT_EQ(failing.timing.executions, 2u);
}

TEST_F(ExecutorMonitorTest, WhatTheClientDidWrongDoesNotLatch) {
  executor jobs{registry, options, limits};

  static_cast<void>(run(jobs, "core/test-adding", R"({"a":"text"})"));
  static_cast<void>(run(jobs, "core/test-adding", R"({"a":-5,"b":1})"));
  static_cast<void>(run(jobs, "core/test-failing", R"({"how":"memory"})"));
  static_cast<void>(run(jobs, "core/test-failing", R"({"how":"not_finite"})"));

  EXPECT_EQ(seen(jobs, "core/test-adding").errors, 0u);
  EXPECT_EQ(seen(jobs, "core/test-adding").timing.executions, 0u);
  EXPECT_EQ(seen(jobs, "core/test-failing").errors, 0u);
}

TEST_F(ExecutorMonitorTest, ACancelledJobDoesNotLatch) {
  executor jobs{registry, options, limits};
  std::stop_source client;
  auto context = within(1min);
  context.cancelled = client.get_token();
  const auto running = block(jobs, std::move(context));

  client.request_stop();
  EXPECT_EQ(settle(running).error().code, errc::cancelled);
  where.open();
  wait_idle(jobs);

  EXPECT_EQ(seen(jobs, "core/test-gated").errors, 0u);
  EXPECT_EQ(jobs.monitor().executor().overruns, 0u);
}

TEST_F(ExecutorMonitorTest, AJobThatOutrunsTheDefaultDeadlineIsAFaultOfTheExecutor) {
  options.default_timeout = 1ms;
  executor jobs{registry, options, limits};

  const auto running = block(jobs, within(long_enough_to_start));
  EXPECT_EQ(settle(running).error().code, errc::execution_timeout);

  const auto seen = jobs.monitor().executor();
  ASSERT_TRUE(seen.fault);
  EXPECT_EQ(seen.fault->task, entry("core/test-gated").index);
  EXPECT_EQ(seen.fault->allowed, long_enough_to_start);
  where.open();
  wait_idle(jobs);
}

TEST_F(ExecutorMonitorTest, AShorterDeadlineOfTheClientIsNoFault) {
  options.default_timeout = 1min;
  executor jobs{registry, options, limits};

  const auto running = block(jobs, within(long_enough_to_start));
  EXPECT_EQ(settle(running).error().code, errc::execution_timeout);

  EXPECT_EQ(jobs.monitor().executor().overruns, 0u);
  where.open();
  wait_idle(jobs);
}

TEST_F(ExecutorMonitorTest, AJobThatTimesOutInTheQueueIsNoOverrun) {
  options.default_timeout = 1ms;
  executor jobs{registry, options, limits};
  const auto running = block(jobs);

  const auto queued = admit(jobs, "core/test-adding", body_of("{}"), within(20ms));
  EXPECT_EQ(settle(queued).error().code, errc::execution_timeout);

  EXPECT_EQ(jobs.monitor().executor().overruns, 0u);
  where.open();
  static_cast<void>(settle(running));
}

}  // namespace
}  // namespace kernd
