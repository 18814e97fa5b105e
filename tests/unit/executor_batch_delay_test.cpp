// Jobs that wait for others to be computed together with.

#include "executor_fixture.hpp"
#include "kernd/executor.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <stop_token>
#include <vector>

namespace kernd {
namespace {

using namespace std::chrono_literals;
using test::body_of;
using test::pending;
using test::within;

/// The delay is so long that a test ends only when something else ends the wait.
struct ExecutorBatchDelayTest : test::executor_fixture {
  ExecutorBatchDelayTest() {
    options.max_batch_size = 64;
    options.max_queue_delay = 24h;
  }

  pending join(executor& jobs, execution_context context = within(48h)) {
    return admit(jobs, "core/test-joining", body_of("{}"), std::move(context));
  }
  std::size_t batch_size(const pending& p) { return settle(p).value().batch_size; }
};

TEST_F(ExecutorBatchDelayTest, AFullBatchStarts) {
  executor jobs{registry, options, limits};

  const std::vector all{join(jobs), join(jobs), join(jobs), join(jobs)};

  for (const auto& each : all) EXPECT_EQ(batch_size(each), 4u);
}

TEST_F(ExecutorBatchDelayTest, TheConfigurationSaysWhatIsFull) {
  options.max_batch_size = 2;
  executor jobs{registry, options, limits};

  const std::vector all{join(jobs), join(jobs)};

  for (const auto& each : all) EXPECT_EQ(batch_size(each), 2u);
}

TEST_F(ExecutorBatchDelayTest, AKernelThatDoesNotBatchNeverWaits) {
  executor jobs{registry, options, limits};

  EXPECT_TRUE(settle(admit(jobs, "core/test-adding", body_of("{}"))));
}

TEST_F(ExecutorBatchDelayTest, ALargeBodyNeverWaits) {
  executor jobs{registry, options, limits};
  const std::string padding(small_body_bytes, ' ');

  EXPECT_TRUE(settle(admit(jobs, "core/test-joining", body_of("{}" + padding))));
}

TEST_F(ExecutorBatchDelayTest, NothingWaitsWhereEachRunsAlone) {
  options.max_batch_size = 1;
  executor jobs{registry, options, limits};

  EXPECT_EQ(batch_size(join(jobs)), 1u);
}

TEST_F(ExecutorBatchDelayTest, AJobOfAnotherKernelEndsTheWait) {
  executor jobs{registry, options, limits};
  const auto first = join(jobs);
  const auto second = join(jobs);

  const auto other = admit(jobs, "core/test-adding", body_of("{}"));

  EXPECT_EQ(batch_size(first), 2u);
  EXPECT_EQ(batch_size(second), 2u);
  EXPECT_TRUE(settle(other));
}

TEST_F(ExecutorBatchDelayTest, AJobWaitsForNoMoreThanHalfOfItsTime) {
  executor jobs{registry, options, limits};

  EXPECT_EQ(batch_size(join(jobs, within(1s))), 1u);
}

TEST_F(ExecutorBatchDelayTest, AMemberInAHurryTakesTheOthersAlong) {
  executor jobs{registry, options, limits};
  const auto patient = join(jobs);

  const auto hurried = join(jobs, within(1s));

  EXPECT_EQ(batch_size(hurried), 2u);
  EXPECT_EQ(batch_size(patient), 2u);
}

TEST_F(ExecutorBatchDelayTest, WhatWaitsIsQueued) {
  executor jobs{registry, options, limits};

  join(jobs);
  join(jobs);

  EXPECT_EQ(jobs.queued(), 2u);
  EXPECT_EQ(jobs.running(), 0u);
}

TEST_F(ExecutorBatchDelayTest, ACancelledJobLeavesTheOthersWaiting) {
  executor jobs{registry, options, limits};
  std::stop_source client;
  auto context = within(48h);
  context.cancelled = client.get_token();
  const auto gone = join(jobs, std::move(context));
  const auto stays = join(jobs);

  client.request_stop();

  EXPECT_EQ(settle(gone).error().code, errc::cancelled);
  EXPECT_EQ(jobs.queued(), 1u);
  jobs.drain();
  EXPECT_EQ(batch_size(stays), 1u);
}

TEST_F(ExecutorBatchDelayTest, DrainingStartsWhatWaits) {
  executor jobs{registry, options, limits};
  const auto first = join(jobs);
  const auto second = join(jobs);

  jobs.drain();

  EXPECT_EQ(batch_size(first), 2u);
  EXPECT_EQ(batch_size(second), 2u);
}

TEST_F(ExecutorBatchDelayTest, TheDestructorStartsWhatWaits) {
  std::optional<executor> jobs{std::in_place, registry, options, limits};
  const auto first = join(*jobs);

  jobs.reset();

  EXPECT_EQ(batch_size(first), 1u);
}

TEST_F(ExecutorBatchDelayTest, AReloadStartsWhatNeedNotWaitAnyMore) {
  executor jobs{registry, options, limits};
  const auto first = join(jobs);
  options.max_queue_delay = 0us;

  jobs.reconfigure(options, limits);

  EXPECT_EQ(batch_size(first), 1u);
}

TEST_F(ExecutorBatchDelayTest, AWorkerThatMindsThemLeavesOtherJobsToTheOthers) {
  options.workers = 2;
  executor jobs{registry, options, limits};
  const auto first = join(jobs);

  block(jobs);  // ends the wait, too

  EXPECT_EQ(batch_size(first), 1u);
  EXPECT_TRUE(settle(admit(jobs, "core/test-adding", body_of("{}"))));
  where.open();
}

}  // namespace
}  // namespace kernd
