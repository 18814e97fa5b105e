#include "kernd/executor.hpp"

#include "executor_fixture.hpp"

#include <gtest/gtest.h>
#include <pthread.h>

#include <memory>
#include <string>
#include <vector>

namespace kernd {
namespace {

using namespace std::chrono_literals;
using test::body_of;
using test::gated_body;
using test::pending;
using test::within;

using ExecutorTest = test::executor_fixture;

TEST_F(ExecutorTest, RunsAJob) {
  executor jobs{registry, options, limits};

  const auto output = settle(begin(jobs, "core/test-adding", body_of(R"({"a":1,"b":2})"))).value();

  EXPECT_EQ(output.output.view(), R"({"sum":3})");
  EXPECT_GT(output.queue_wait.count(), 0);
  EXPECT_EQ(jobs.metrics().totals(entry("core/test-adding").index)[job_outcome::success], 1u);
}

TEST_F(ExecutorTest, HasAWorkerPerCoreByDefault) {
  options.workers = 0;
  const executor jobs{registry, options, limits};

  EXPECT_EQ(jobs.workers(), std::max(1u, std::thread::hardware_concurrency()));
}

TEST_F(ExecutorTest, RunsAsManyJobsAtOnceAsThereAreWorkers) {
  options.workers = 3;
  executor jobs{registry, options, limits};

  std::vector<pending> all;
  for (int i = 0; i < 3; ++i) all.push_back(admit(jobs, "core/test-gated", gated_body(where, i)));
  where.wait_entered(3);

  EXPECT_EQ(jobs.running(), 3u);
  where.open();
  for (const auto& p : all) EXPECT_TRUE(settle(p));
}

TEST_F(ExecutorTest, ReportsWhatIsQueuedAndRunning) {
  executor jobs{registry, options, limits};
  const auto blocking = block(jobs);
  const auto waiting = admit(jobs, "core/test-adding", body_of("{}"));

  EXPECT_EQ(jobs.queued(), 1u);
  EXPECT_EQ(jobs.running(), 1u);
  EXPECT_EQ(jobs.in_flight(), 2u);

  where.open();
  EXPECT_TRUE(settle(waiting));
  wait_idle(jobs);
  EXPECT_EQ(jobs.in_flight(), 0u);
}

TEST_F(ExecutorTest, TakesTheHigherPriorityFirst) {
  executor jobs{registry, options, limits};
  block(jobs);
  const auto low = admit(jobs, "core/test-gated", gated_body(where, 1), within(1min, 0));
  const auto high = admit(jobs, "core/test-gated", gated_body(where, 2), within(1min, 10));

  where.open();
  settle(low);
  settle(high);

  EXPECT_EQ(where.entered(), (std::vector<std::int64_t>{-1, 2, 1}));
}

TEST_F(ExecutorTest, EndsWithAJobForWhichNoWorkerWasWokenYet) {
  auto jobs = std::make_unique<executor>(registry, options, limits);
  const auto output = begin(*jobs, "core/test-adding", body_of("{}"));
  io.run_one();  // admits it, and plans the wake-up for when the loop has nothing else to do

  jobs.reset();

  EXPECT_TRUE(settle(output));
  io.poll();
}

TEST_F(ExecutorTest, WakesAsManyWorkersAsThereAreJobs) {
  options.workers = 3;
  executor jobs{registry, options, limits};
  std::vector<pending> all;
  for (int i = 0; i < 3; ++i) {
    all.push_back(begin(jobs, "core/test-gated", gated_body(where, i)));
  }

  io.restart();
  io.poll();

  where.wait_entered(3);
  where.open();
  for (const auto& each : all) settle(each);
}

TEST_F(ExecutorTest, AJobWaitsForOneOfABusyKernelAndNotForAllThatAreQueued) {
  executor jobs{registry, options, limits};
  block(jobs);
  const auto queued = admit(jobs, "core/test-gated", gated_body(where, 1));
  const auto quick = admit(jobs, "core/test-adding", body_of("{}"));

  where.open();
  const auto output = settle(quick);

  EXPECT_TRUE(output);
  EXPECT_FALSE(*queued);  // completions come in the order in which the one worker ended the jobs
  settle(queued);
}

TEST_F(ExecutorTest, RefusesBeyondTheDepthOfAKernel) {
  options.kernel_queue_depth = 1;
  executor jobs{registry, options, limits};
  block(jobs);
  admit(jobs, "core/test-adding", body_of("{}"));

  const auto refused = settle(begin(jobs, "core/test-adding", body_of("{}")));

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::queue_full);
  EXPECT_EQ(refused.error().message, "the queue of core/test-adding is full: limit 1 jobs");
  EXPECT_EQ(jobs.metrics().rejections(rejection::queue_full_kernel), 1u);
  EXPECT_EQ(jobs.metrics().totals(entry("core/test-adding").index)[job_outcome::rejected], 1u);
  where.open();
}

TEST_F(ExecutorTest, RefusesBeyondTheDepthOfAllKernels) {
  options.max_queue_depth = 1;
  executor jobs{registry, options, limits};
  block(jobs);
  admit(jobs, "core/test-adding", body_of("{}"));

  const auto refused = settle(begin(jobs, "core/test-failing", body_of("{}")));

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::queue_full);
  EXPECT_EQ(refused.error().message, "the queue of all kernels is full: limit 1 jobs");
  EXPECT_EQ(jobs.metrics().rejections(rejection::queue_full_total), 1u);
  where.open();
}

TEST_F(ExecutorTest, AWaitingJobHoldsItsShareOfTheBodies) {
  executor jobs{registry, options, limits};
  block(jobs);

  const auto waiting = admit(jobs, "core/test-adding", body_of("{}"));

  EXPECT_EQ(bodies.used(), body_of("{}").size());
  where.open();
  settle(waiting);
  EXPECT_EQ(bodies.used(), 0u);
}

TEST_F(ExecutorTest, ARunningJobHoldsNoShareOfTheBodies) {
  executor jobs{registry, options, limits};

  block(jobs);

  EXPECT_EQ(bodies.used(), 0u);
  where.open();
}

TEST_F(ExecutorTest, AJobThatIsRefusedHoldsNoShareOfTheBodies) {
  options.max_queue_depth = 1;
  executor jobs{registry, options, limits};
  block(jobs);
  admit(jobs, "core/test-adding", body_of("{}"));

  ASSERT_FALSE(settle(begin(jobs, "core/test-adding", body_of("{}"))));

  EXPECT_EQ(bodies.used(), body_of("{}").size());  // of the one that waits
  where.open();
}

TEST_F(ExecutorTest, AJobThatIsNotDecodedHoldsNoShareOfTheBodies) {
  executor jobs{registry, options, limits};

  ASSERT_FALSE(settle(begin(jobs, "core/test-adding", text_buffer{"{"})));

  EXPECT_EQ(bodies.used(), 0u);
}

TEST_F(ExecutorTest, RefusesWhileDraining) {
  executor jobs{registry, options, limits};
  const auto running = block(jobs);
  jobs.drain();

  const auto refused = settle(begin(jobs, "core/test-adding", body_of("{}")));

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::service_unavailable);
  EXPECT_EQ(jobs.metrics().rejections(rejection::draining), 1u);
  where.open();
  EXPECT_TRUE(settle(running));
}

TEST_F(ExecutorTest, IsNotIdleWhileAJobRuns) {
  executor jobs{registry, options, limits};
  const auto running = block(jobs);

  EXPECT_FALSE(jobs.wait_idle(1ms));

  where.open();
  EXPECT_TRUE(jobs.wait_idle(30s));
}

TEST_F(ExecutorTest, TheDestructorWaitsForAdmittedJobs) {
  std::vector<pending> all;
  {
    executor jobs{registry, options, limits};
    all.push_back(block(jobs));
    for (int i = 0; i < 3; ++i) {
      all.push_back(admit(jobs, "core/test-gated", gated_body(where, i)));
    }
    where.open();
  }
  for (const auto& p : all) EXPECT_TRUE(settle(p));
}

TEST_F(ExecutorTest, ALoopThatIsDestroyedBeforeItResumesLeaksNothing) {
  auto loop = std::make_unique<boost::asio::io_context>();
  auto resumed = std::make_shared<bool>(false);
  {
    executor jobs{registry, options, limits};
    boost::asio::co_spawn(
        *loop, jobs.run(entry("core/test-adding"), request_of(body_of("{}")), within(1min)),
        [resumed](std::exception_ptr, const result<job_output>&) { *resumed = true; });
    loop->poll();
    loop->stop();
  }
  loop.reset();

  EXPECT_FALSE(*resumed && resumed.use_count() > 1);
  EXPECT_EQ(resumed.use_count(), 1);
}

TEST_F(ExecutorTest, AThrowingKernelHurtsOnlyItsRequest) {
  executor jobs{registry, options, limits};
  for (const auto* how : {"exception", "number", "bad_alloc", "memory"}) {
    const auto bad =
        begin(jobs, "core/test-failing", body_of(R"({"how":")" + std::string{how} + "\"}"));
    const auto good = begin(jobs, "core/test-adding", body_of("{}"));

    EXPECT_FALSE(settle(bad)) << how;
    EXPECT_TRUE(settle(good)) << how;
  }
}

TEST_F(ExecutorTest, CountsHowJobsEnd) {
  executor jobs{registry, options, limits};
  settle(begin(jobs, "core/test-adding", body_of("{}")));
  settle(begin(jobs, "core/test-adding", body_of(R"({"a":"x"})")));
  settle(begin(jobs, "core/test-failing", body_of(R"({"how":"exception"})")));

  const auto adding = jobs.metrics().totals(entry("core/test-adding").index);
  const auto failing = jobs.metrics().totals(entry("core/test-failing").index);

  EXPECT_EQ(adding[job_outcome::success], 1u);
  EXPECT_EQ(adding[job_outcome::client_error], 1u);
  EXPECT_EQ(failing[job_outcome::failed], 1u);
}

TEST_F(ExecutorTest, ClientErrorsDoNotCountForHealth) {
  executor jobs{registry, options, limits};
  settle(begin(jobs, "core/test-adding", body_of("{}")));
  settle(begin(jobs, "core/test-adding", body_of(R"({"a":"x"})")));
  settle(begin(jobs, "core/test-failing", body_of(R"({"how":"memory"})")));
  settle(begin(jobs, "core/test-failing", body_of(R"({"how":"exception"})")));

  EXPECT_EQ(jobs.outcomes().sum(60s), (outcome_window::totals{.successes = 1, .failures = 1}));
}

TEST_F(ExecutorTest, TakesNewLimits) {
  executor jobs{registry, options, limits};
  block(jobs);
  options.max_queue_depth = 1;
  limits.max_json_depth = 8;
  options.max_timeout = 10ms;

  jobs.reconfigure(options, limits);

  const auto waiting = admit(jobs, "core/test-adding", body_of("{}", R"({"timeout_ms":11})"));
  EXPECT_EQ(settle(begin(jobs, "core/test-adding", body_of("{}"))).error().code, errc::queue_full);
  where.open();
  EXPECT_EQ(settle(waiting).error().code, errc::invalid_request);
}

TEST_F(ExecutorTest, ShowsItsQueueAndWorkers) {
  options.max_queue_depth = 77;
  executor jobs{registry, options, limits};
  block(jobs);
  admit(jobs, "core/test-adding", body_of("{}"));
  exposition page{{}};
  page.add(jobs);

  const auto text = page.text();

  for (const auto* line :
       {"\nkernd_executor_queue_depth 1\n", "\nkernd_executor_queue_capacity 77\n",
        "\nkernd_executor_running 1\n", "\nkernd_executor_workers 1\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line;
  }
  where.open();
}

/// Says on which thread it ran.
struct naming {
  struct input {
    bool unused = false;
  };
  struct output {
    text name;
  };
  static kernel_info info() {
    return {.id = "core/test-naming",
            .version = "1.0.0",
            .description = "Names its thread.",
            .fields = {field<&input::unused>{.doc = "Nothing."},
                       field<&output::name>{.doc = "The thread."}}};
  }
  static result<void> validate(const input&) { return {}; }
  static result<output> run(const input&, cpu_context& context) {
    const auto name = context.allocate<char>(16);
    pthread_getname_np(pthread_self(), name.data, name.size);
    return output{{name.data, std::string_view{name.data}.size()}};
  }
};
BOOST_DESCRIBE_STRUCT(naming::input, (), (unused))
BOOST_DESCRIBE_STRUCT(naming::output, (), (name))

TEST_F(ExecutorTest, NamesItsWorkers) {
  registry.add(make_kernel<naming>()).value();
  executor jobs{registry, options, limits};

  const auto output = settle(begin(jobs, "core/test-naming", body_of("{}"))).value();

  EXPECT_EQ(output.output.view(), R"({"name":"kernd-worker-0"})");
}

}  // namespace
}  // namespace kernd
