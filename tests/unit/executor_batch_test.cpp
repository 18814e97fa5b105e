// Jobs that are computed together.

#include "executor_fixture.hpp"
#include "kernd/executor.hpp"
#include "kernd/exposition.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

namespace kernd {
namespace {

using namespace std::chrono_literals;
using test::body_of;
using test::gate;
using test::pending;
using test::within;

struct ExecutorBatchTest : test::executor_fixture {
  gate inside;

  ExecutorBatchTest() { options.max_batch_size = 64; }

  /// A job of the kernel that batches. Its body ends with `padding`.
  pending join(executor& jobs, std::int64_t tag, execution_context context = within(1min),
               const std::string& padding = {}) {
    return admit(jobs, "core/test-joining",
                 body_of(R"({"tag":)" + std::to_string(tag) + "}" + padding), std::move(context));
  }
  /// The same, which waits at `at`.
  pending join_at(executor& jobs, gate& at, std::int64_t tag,
                  execution_context context = within(1min)) {
    return admit(jobs, "core/test-joining", test::gated_body(at, tag), std::move(context));
  }
  pending fail(executor& jobs) {
    return admit(jobs, "core/test-joining", body_of(R"({"fails":true})"));
  }

  std::vector<std::size_t> batch_sizes(const std::vector<pending>& all) {
    std::vector<std::size_t> sizes;
    for (const auto& each : all) sizes.push_back(settle(each).value().batch_size);
    return sizes;
  }

  kernel_totals totals(const executor& jobs) const {
    return jobs.metrics().totals(entry("core/test-joining").index);
  }

  static execution_context cancelled_by(const std::stop_source& source) {
    auto context = within(1min);
    context.cancelled = source.get_token();
    return context;
  }
};

using sizes = std::vector<std::size_t>;

TEST_F(ExecutorBatchTest, AJobAloneIsABatchOfOne) {
  executor jobs{registry, options, limits};

  EXPECT_EQ(settle(join(jobs, 1)).value().batch_size, 1u);
}

TEST_F(ExecutorBatchTest, JobsThatWaitAreComputedTogether) {
  executor jobs{registry, options, limits};
  block(jobs);
  const std::vector all{join(jobs, 1), join(jobs, 2), join(jobs, 3)};

  where.open();

  EXPECT_EQ(batch_sizes(all), (sizes{3, 3, 3}));
}

TEST_F(ExecutorBatchTest, EachGetsItsOwnOutput) {
  executor jobs{registry, options, limits};
  block(jobs);
  const std::vector all{join(jobs, 1), join(jobs, 2), join(jobs, 3)};

  where.open();

  EXPECT_EQ(settle(all[0]).value().output.view(), R"({"tag":1})");
  EXPECT_EQ(settle(all[1]).value().output.view(), R"({"tag":2})");
  EXPECT_EQ(settle(all[2]).value().output.view(), R"({"tag":3})");
}

TEST_F(ExecutorBatchTest, ABatchHoldsNoMoreThanItsKernelAllows) {
  executor jobs{registry, options, limits};
  block(jobs);
  std::vector<pending> all;
  for (int i = 0; i < 5; ++i) all.push_back(join(jobs, i));

  where.open();

  EXPECT_EQ(batch_sizes(all), (sizes{4, 4, 4, 4, 1}));
}

TEST_F(ExecutorBatchTest, ABatchHoldsNoMoreThanTheConfigurationAllows) {
  options.max_batch_size = 2;
  executor jobs{registry, options, limits};
  block(jobs);
  const std::vector all{join(jobs, 1), join(jobs, 2), join(jobs, 3)};

  where.open();

  EXPECT_EQ(batch_sizes(all), (sizes{2, 2, 1}));
}

TEST_F(ExecutorBatchTest, ByDefaultEachRunsAlone) {
  options.max_batch_size = executor_config{}.max_batch_size;
  executor jobs{registry, options, limits};
  block(jobs);
  const std::vector all{join(jobs, 1), join(jobs, 2)};

  where.open();

  EXPECT_EQ(batch_sizes(all), (sizes{1, 1}));
}

TEST_F(ExecutorBatchTest, AReloadChangesTheBoundForThoseThatWait) {
  options.max_batch_size = 1;
  executor jobs{registry, options, limits};
  block(jobs);
  const std::vector all{join(jobs, 1), join(jobs, 2), join(jobs, 3)};
  options.max_batch_size = 3;

  jobs.reconfigure(options, limits);

  where.open();
  EXPECT_EQ(batch_sizes(all), (sizes{3, 3, 3}));
}

TEST_F(ExecutorBatchTest, AKernelThatDoesNotBatchRunsEachAlone) {
  executor jobs{registry, options, limits};
  block(jobs);
  const std::vector all{admit(jobs, "core/test-adding", body_of("{}")),
                        admit(jobs, "core/test-adding", body_of("{}"))};

  where.open();

  EXPECT_EQ(batch_sizes(all), (sizes{1, 1}));
}

TEST_F(ExecutorBatchTest, ALargeBodyIsComputedAlone) {
  executor jobs{registry, options, limits};
  block(jobs);
  const std::string padding(small_body_bytes, ' ');
  const std::vector all{join(jobs, 1), join(jobs, 2), join(jobs, 3, within(1min), padding),
                        join(jobs, 4)};

  where.open();

  EXPECT_EQ(batch_sizes(all), (sizes{2, 2, 1, 1}));
}

TEST_F(ExecutorBatchTest, TheHigherPriorityGoesFirstInsideABatch) {
  executor jobs{registry, options, limits};
  block(jobs);
  const std::vector all{join_at(jobs, where, 1, within(1min, 5)),
                        join_at(jobs, where, 2, within(1min, 9))};

  where.open();

  EXPECT_EQ(batch_sizes(all), (sizes{2, 2}));
  EXPECT_EQ(where.entered(), (std::vector<std::int64_t>{-1, 2, 1}));
}

TEST_F(ExecutorBatchTest, ACancelledMemberDoesNotRun) {
  executor jobs{registry, options, limits};
  block(jobs);
  std::stop_source client;
  const auto first = join_at(jobs, inside, 1);
  const auto gone = join_at(jobs, inside, 2, cancelled_by(client));
  const auto last = join_at(jobs, inside, 3);
  where.open();
  inside.wait_entered(1);

  client.request_stop();

  EXPECT_EQ(settle(gone).error().code, errc::cancelled);
  inside.open();
  EXPECT_EQ(batch_sizes({first, last}), (sizes{2, 2}));
  EXPECT_EQ(inside.entered(), (std::vector<std::int64_t>{1, 3}));
  EXPECT_EQ(totals(jobs)[job_outcome::cancelled], 1u);
}

TEST_F(ExecutorBatchTest, ALateMemberDoesNotRun) {
  executor jobs{registry, options, limits};
  block(jobs);
  const auto first = join_at(jobs, inside, 1);
  const auto late = join_at(jobs, inside, 2, within(test::long_enough_to_start));
  where.open();
  inside.wait_entered(1);

  EXPECT_EQ(settle(late).error().code, errc::execution_timeout);

  inside.open();
  EXPECT_TRUE(settle(first));
  wait_idle(jobs);
  EXPECT_EQ(inside.entered(), (std::vector<std::int64_t>{1}));
  EXPECT_EQ(totals(jobs)[job_outcome::timeout], 1u);
}

TEST_F(ExecutorBatchTest, AMemberWhoseBodySaysItIsLateEndsAlone) {
  executor jobs{registry, options, limits};
  block(jobs);
  auto arrived_before = within(1min);
  arrived_before.received -= 1s;
  const auto first = join(jobs, 1);
  const auto late = admit(jobs, "core/test-joining", body_of("{}", R"({"timeout_ms":1})"),
                          std::move(arrived_before));
  const auto last = join(jobs, 3);

  where.open();

  EXPECT_EQ(settle(late).error().code, errc::execution_timeout);
  EXPECT_EQ(batch_sizes({first, last}), (sizes{2, 2}));
}

TEST_F(ExecutorBatchTest, ABadInputSpoilsNobody) {
  executor jobs{registry, options, limits};
  block(jobs);
  const auto first = join(jobs, 1);
  const auto bad = join(jobs, 1001);
  const auto last = join(jobs, 3);

  where.open();

  const error refused = settle(bad).error();
  EXPECT_EQ(refused.code, errc::invalid_input);
  EXPECT_NE(refused.message.find("1000"), std::string::npos) << refused.message;
  EXPECT_EQ(batch_sizes({first, last}), (sizes{2, 2}));
  EXPECT_EQ(totals(jobs)[job_outcome::client_error], 1u);
}

TEST_F(ExecutorBatchTest, AMemberWhoseKernelThrowsFailsAlone) {
  executor jobs{registry, options, limits};
  block(jobs);
  const auto first = join(jobs, 1);
  const auto failed = fail(jobs);
  const auto last = join(jobs, 3);

  where.open();

  EXPECT_EQ(settle(failed).error().code, errc::execution_failed);
  EXPECT_EQ(settle(first).value().output.view(), R"({"tag":1})");
  EXPECT_EQ(settle(last).value().output.view(), R"({"tag":3})");
  EXPECT_EQ(totals(jobs)[job_outcome::failed], 1u);
  EXPECT_EQ(totals(jobs)[job_outcome::success], 2u);
}

TEST_F(ExecutorBatchTest, ABatchOfWhichNobodyCanRunEndsForAll) {
  executor jobs{registry, options, limits};
  block(jobs);
  const auto first = join(jobs, 1001);
  const auto last = join(jobs, 1002);

  where.open();

  EXPECT_EQ(settle(first).error().code, errc::invalid_input);
  EXPECT_EQ(settle(last).error().code, errc::invalid_input);
  EXPECT_EQ(totals(jobs).batch_size.sum, 0);
}

TEST_F(ExecutorBatchTest, EveryMemberCountsAsRunning) {
  executor jobs{registry, options, limits};
  block(jobs);
  join_at(jobs, inside, 1);
  join_at(jobs, inside, 2);
  where.open();
  inside.wait_entered(1);

  EXPECT_EQ(jobs.queued(), 0u);
  EXPECT_EQ(jobs.running(), 2u);
  EXPECT_EQ(jobs.running_jobs().size(), 2u);

  inside.open();
  wait_idle(jobs);
  EXPECT_EQ(jobs.running(), 0u);
}

TEST_F(ExecutorBatchTest, AWorkerIsAbandonedOnceAllOfItsBatchAre) {
  executor jobs{registry, options, limits};
  block(jobs);
  std::stop_source first, second;
  const std::vector gone{join_at(jobs, inside, 1, cancelled_by(first)),
                         join_at(jobs, inside, 2, cancelled_by(second))};
  where.open();
  inside.wait_entered(1);

  first.request_stop();
  EXPECT_EQ(jobs.abandoned(), 1u);
  EXPECT_EQ(jobs.abandoned_workers(), 0u);
  second.request_stop();
  EXPECT_EQ(jobs.abandoned(), 2u);
  EXPECT_EQ(jobs.abandoned_workers(), 1u);
  inside.open();
}

TEST_F(ExecutorBatchTest, AMemberThatHasItsAnswerIsNotNamedAsRunning) {
  executor jobs{registry, options, limits};
  block(jobs);
  const auto bad = join(jobs, 1001);
  join_at(jobs, inside, 2);
  where.open();
  inside.wait_entered(1);

  EXPECT_FALSE(settle(bad));
  EXPECT_EQ(jobs.running_jobs().size(), 1u);
  inside.open();
}

TEST_F(ExecutorBatchTest, MembersHoldNoShareOfTheBodiesWhileTheyAreComputed) {
  executor jobs{registry, options, limits};
  block(jobs);
  join_at(jobs, inside, 1);
  join_at(jobs, inside, 2);
  where.open();
  inside.wait_entered(1);

  EXPECT_EQ(bodies.used(), 0u);
  inside.open();
}

TEST_F(ExecutorBatchTest, TheDestructorWaitsForTheWholeBatch) {
  std::vector<pending> all;
  {
    executor jobs{registry, options, limits};
    block(jobs);
    for (int i = 0; i < 6; ++i) all.push_back(join(jobs, i));
    where.open();
  }

  EXPECT_EQ(batch_sizes(all), (sizes{4, 4, 4, 4, 2, 2}));
}

TEST_F(ExecutorBatchTest, BatchesAreCountedByTheirSize) {
  executor jobs{registry, options, limits};
  block(jobs);
  for (int i = 0; i < 5; ++i) join(jobs, i);
  where.open();
  wait_idle(jobs);
  exposition page{{}};
  page.add(jobs);

  const auto text = page.text();

  const std::string series = "\nkernd_kernel_batch_size";
  const std::string kernel = R"({kernel="core/test-joining")";
  for (const auto& line : {"_bucket" + kernel +
                               R"(,le="1"} 1)"
                               "\n",
                           "_bucket" + kernel +
                               R"(,le="4"} 2)"
                               "\n",
                           "_sum" + kernel + "} 5\n", "_count" + kernel + "} 2\n"}) {
    EXPECT_NE(text.find(series + line), std::string::npos) << line;
  }
  EXPECT_EQ(text.find(series + R"(_count{kernel="core/test-adding")"), std::string::npos);
}

TEST_F(ExecutorBatchTest, AWorkerThatIsOnItsWayGetsItsShare) {
  options.workers = 2;
  executor jobs{registry, options, limits};
  std::size_t first = 0;
  // Only a worker that sleeps is woken, and nothing tells when it has gone to sleep.
  for (int tries = 0; tries < 100'000 && first != 2; ++tries) {
    std::vector<pending> all;
    for (int i = 0; i < 4; ++i) all.push_back(begin(jobs, "core/test-joining", body_of("{}")));
    first = batch_sizes(all).front();
    wait_idle(jobs);
  }

  EXPECT_EQ(first, 2u);
}

}  // namespace
}  // namespace kernd
