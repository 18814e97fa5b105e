#include "executor_fixture.hpp"

#include <gtest/gtest.h>

#include <stop_token>
#include <string>
#include <vector>

namespace kernd {
namespace {

using namespace std::chrono_literals;
using test::body_of;
using test::gated_body;
using test::long_enough_to_start;
using test::within;

/// How jobs end before their kernel does.
struct ExecutorDeadlineTest : test::executor_fixture {
  kernel_totals gated_totals(const executor& jobs) const {
    return jobs.metrics().totals(entry("core/test-gated").index);
  }

  /// A context that `source` cancels.
  static execution_context cancelled_by(const std::stop_source& source) {
    auto context = within(1min);
    context.cancelled = source.get_token();
    return context;
  }
};

TEST_F(ExecutorDeadlineTest, ADeadlineThatHasPassedRefusesAtOnce) {
  executor jobs{registry, options, limits};

  const auto output = settle(begin(jobs, "core/test-gated", gated_body(where), within(-1ms)));

  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().code, errc::execution_timeout);
  EXPECT_TRUE(where.entered().empty());
  EXPECT_EQ(gated_totals(jobs)[job_outcome::timeout], 1u);
}

TEST_F(ExecutorDeadlineTest, AQueuedJobNeverRunsAfterItsDeadline) {
  executor jobs{registry, options, limits};
  block(jobs);
  const auto late = admit(jobs, "core/test-gated", gated_body(where, 2), within(5ms));

  const auto output = settle(late);

  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().code, errc::execution_timeout);
  EXPECT_EQ(output.error().message, "no result within 5 ms");
  EXPECT_EQ(jobs.queued(), 0u);
  where.open();
  wait_idle(jobs);
  EXPECT_EQ(where.entered(), (std::vector<std::int64_t>{-1}));
  EXPECT_EQ(gated_totals(jobs)[job_outcome::timeout], 1u);
  EXPECT_EQ(gated_totals(jobs).abandoned, 0u);
}

TEST_F(ExecutorDeadlineTest, AJobThatExpiredInTheQueueFreesItsPlace) {
  options.max_queue_depth = 1;
  executor jobs{registry, options, limits};
  block(jobs);
  settle(admit(jobs, "core/test-gated", gated_body(where), within(2ms)));

  const auto next = admit(jobs, "core/test-adding", body_of("{}"));

  EXPECT_FALSE(*next);
  where.open();
  EXPECT_TRUE(settle(next));
}

TEST_F(ExecutorDeadlineTest, AJobThatExpiredInTheQueueHoldsNoBody) {
  executor jobs{registry, options, limits};
  block(jobs);

  settle(admit(jobs, "core/test-gated", gated_body(where), within(2ms)));

  EXPECT_EQ(bodies.used(), 0u);
  where.open();
}

TEST_F(ExecutorDeadlineTest, AJobThatWasCancelledInTheQueueHoldsNoBody) {
  executor jobs{registry, options, limits};
  block(jobs);
  std::stop_source client;
  const auto gone = admit(jobs, "core/test-gated", gated_body(where), cancelled_by(client));
  ASSERT_NE(bodies.used(), 0u);

  client.request_stop();
  settle(gone);

  EXPECT_EQ(bodies.used(), 0u);
  where.open();
}

TEST_F(ExecutorDeadlineTest, AWorkerDropsAJobWhoseDeadlineTheLoopHasNotSeen) {
  executor jobs{registry, options, limits};
  block(jobs);
  const auto context = within(2ms);
  const auto late = admit(jobs, "core/test-gated", gated_body(where, 2), context);
  while (std::chrono::steady_clock::now() < context.deadline) {
  }

  where.open();
  wait_idle(jobs);  // the loop did not turn meanwhile

  EXPECT_EQ(settle(late).error().code, errc::execution_timeout);
  EXPECT_EQ(where.entered(), (std::vector<std::int64_t>{-1}));
}

TEST_F(ExecutorDeadlineTest, ARunningJobIsAbandonedAtItsDeadline) {
  executor jobs{registry, options, limits};
  const auto late = block(jobs, within(long_enough_to_start));

  const auto output = settle(late);

  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().code, errc::execution_timeout);
  EXPECT_EQ(jobs.abandoned(), 1u);
  EXPECT_EQ(jobs.running(), 1u);
  EXPECT_EQ(gated_totals(jobs).abandoned, 1u);
  where.open();
}

TEST_F(ExecutorDeadlineTest, AnAbandonedJobIsAskedToStopAndCountedOnce) {
  executor jobs{registry, options, limits};
  settle(block(jobs, within(long_enough_to_start)));

  where.open();
  wait_idle(jobs);

  EXPECT_TRUE(where.saw_stop());
  EXPECT_EQ(jobs.abandoned(), 0u);
  EXPECT_EQ(gated_totals(jobs)[job_outcome::timeout], 1u);
  EXPECT_EQ(gated_totals(jobs)[job_outcome::success], 0u);
}

TEST_F(ExecutorDeadlineTest, TheBodyMayShortenTheDeadline) {
  executor jobs{registry, options, limits};

  const auto late =
      admit(jobs, "core/test-gated", gated_body(where, 1, R"({"timeout_ms":30})"), within(1min));
  const auto output = settle(late);

  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().code, errc::execution_timeout);
  EXPECT_EQ(output.error().message, "no result within 30 ms");
  where.open();
}

TEST_F(ExecutorDeadlineTest, TheBodyMayNotProlongTheDeadline) {
  executor jobs{registry, options, limits};

  const auto late =
      admit(jobs, "core/test-gated", gated_body(where, 1, R"({"timeout_ms":60000})"), within(20ms));

  EXPECT_EQ(settle(late).error().message, "no result within 20 ms");
  where.open();
}

TEST_F(ExecutorDeadlineTest, AJobWhoseBodySaysItIsLateNeverRuns) {
  executor jobs{registry, options, limits};
  auto context = within(1min);
  context.received -= 1s;

  const auto output = settle(
      begin(jobs, "core/test-gated", gated_body(where, 1, R"({"timeout_ms":500})"), context));

  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().code, errc::execution_timeout);
  EXPECT_TRUE(where.entered().empty());
}

TEST_F(ExecutorDeadlineTest, ATimeoutThatTheClientChoseIsNoFailure) {
  executor jobs{registry, options, limits};
  block(jobs);

  settle(admit(jobs, "core/test-gated", gated_body(where), within(2ms)));

  EXPECT_EQ(jobs.outcomes().sum(60s).failures, 0u);
  where.open();
}

TEST_F(ExecutorDeadlineTest, ATimeoutWithinTheDefaultIsAFailure) {
  options.default_timeout = 2ms;
  executor jobs{registry, options, limits};
  block(jobs);

  settle(admit(jobs, "core/test-gated", gated_body(where), within(2ms)));

  EXPECT_EQ(jobs.outcomes().sum(60s).failures, 1u);
  where.open();
}

TEST_F(ExecutorDeadlineTest, AWorkerPastItsDeadlineIsOverdue) {
  executor jobs{registry, options, limits};
  EXPECT_EQ(jobs.overdue(0ms), 0u);
  settle(block(jobs, within(long_enough_to_start)));

  EXPECT_EQ(jobs.overdue(0ms), 1u);
  EXPECT_EQ(jobs.overdue(1h), 0u);

  where.open();
  wait_idle(jobs);
  EXPECT_EQ(jobs.overdue(0ms), 0u);
}

TEST_F(ExecutorDeadlineTest, ACancelledJobInTheQueueNeverRuns) {
  executor jobs{registry, options, limits};
  block(jobs);
  std::stop_source client;
  const auto gone = admit(jobs, "core/test-gated", gated_body(where, 2), cancelled_by(client));

  client.request_stop();

  EXPECT_EQ(jobs.queued(), 0u);
  EXPECT_EQ(settle(gone).error().code, errc::cancelled);
  where.open();
  wait_idle(jobs);
  EXPECT_EQ(where.entered(), (std::vector<std::int64_t>{-1}));
  EXPECT_EQ(gated_totals(jobs)[job_outcome::cancelled], 1u);
}

TEST_F(ExecutorDeadlineTest, ACancelledJobThatRunsIsAbandoned) {
  executor jobs{registry, options, limits};
  std::stop_source client;
  const auto gone = block(jobs, cancelled_by(client));

  client.request_stop();

  EXPECT_EQ(jobs.abandoned(), 1u);
  EXPECT_EQ(settle(gone).error().code, errc::cancelled);
  where.open();
  wait_idle(jobs);
  EXPECT_TRUE(where.saw_stop());
  EXPECT_EQ(jobs.abandoned(), 0u);
  EXPECT_EQ(gated_totals(jobs)[job_outcome::cancelled], 1u);
}

TEST_F(ExecutorDeadlineTest, ARequestThatIsCancelledBeforehandIsNotAdmitted) {
  executor jobs{registry, options, limits};
  std::stop_source client;
  client.request_stop();

  const auto output =
      settle(begin(jobs, "core/test-gated", gated_body(where), cancelled_by(client)));

  EXPECT_EQ(output.error().code, errc::cancelled);
  EXPECT_EQ(gated_totals(jobs)[job_outcome::cancelled], 1u);
  EXPECT_TRUE(where.entered().empty());
}

TEST_F(ExecutorDeadlineTest, ACancellationAfterTheEndChangesNothing) {
  executor jobs{registry, options, limits};
  std::stop_source client;
  ASSERT_TRUE(settle(begin(jobs, "core/test-adding", body_of("{}"), cancelled_by(client))));

  client.request_stop();

  const auto totals = jobs.metrics().totals(entry("core/test-adding").index);
  EXPECT_EQ(totals[job_outcome::success], 1u);
  EXPECT_EQ(totals[job_outcome::cancelled], 0u);
}

}  // namespace
}  // namespace kernd
