#include "kernd/monitor.hpp"

#include <gtest/gtest.h>

namespace kernd {
namespace {

using namespace std::chrono_literals;

struct MonitorTest : ::testing::Test {
  execution_monitor monitor{{"core/a", "core/b"}, 2};

  /// A moment `after` the origin of all moments here.
  static execution_monitor::clock::time_point at(std::chrono::nanoseconds after) {
    return execution_monitor::clock::time_point{1h + after};
  }
  static execution_monitor::wall_clock::time_point wall(std::chrono::nanoseconds after) {
    return execution_monitor::wall_clock::time_point{24h + after};
  }

  void registered(std::string_view task) {
    monitor.follow({.kind = lifecycle_event_kind::kernel_registered, .kernel = task});
  }
  void unregistered(std::string_view task) {
    monitor.follow({.kind = lifecycle_event_kind::kernel_unregistered, .kernel = task});
  }
  void fail(std::size_t worker, std::string_view message, std::chrono::nanoseconds after) {
    monitor.fail(worker, 0, errc::execution_failed, message, wall(after));
  }

  task_timing timing() const { return monitor.snapshot(0).timing; }
  task_state state() const { return monitor.snapshot(0).state; }
};

TEST_F(MonitorTest, HasNothingToTellAtFirst) {
  const auto seen = monitor.snapshot(0);

  EXPECT_EQ(seen.state, task_state::unknown);
  EXPECT_EQ(seen.starts + seen.stops + seen.errors, 0u);
  EXPECT_FALSE(seen.failure);
  EXPECT_EQ(seen.timing.executions, 0u);
  EXPECT_EQ(seen.timing.last + seen.timing.ewma + seen.timing.min + seen.timing.max, 0ns);
  EXPECT_EQ(seen.timing.period, 0ns);
}

TEST_F(MonitorTest, OneExecutionIsItsOwnAverageAndHasNoPeriod) {
  monitor.record(0, 0, at(0ns), 100ns);

  EXPECT_EQ(timing().executions, 1u);
  EXPECT_EQ(timing().last, 100ns);
  EXPECT_EQ(timing().ewma, 100ns);
  EXPECT_EQ(timing().min, 100ns);
  EXPECT_EQ(timing().max, 100ns);
  EXPECT_EQ(timing().period, 0ns);
}

TEST_F(MonitorTest, AnEighthOfTheAverageIsNew) {
  monitor.record(0, 0, at(0ns), 800ns);
  monitor.record(0, 0, at(1us), 1600ns);
  monitor.record(0, 0, at(3us), 100ns);

  // 800 − 100 + 200 = 900; 900 − 112 + 12 = 800
  EXPECT_EQ(timing().ewma, 800ns);
}

TEST_F(MonitorTest, KeepsTheExtremesAndTheLast) {
  for (const auto took : {300ns, 100ns, 900ns, 200ns}) monitor.record(0, 0, at(took), took);

  EXPECT_EQ(timing().executions, 4u);
  EXPECT_EQ(timing().min, 100ns);
  EXPECT_EQ(timing().max, 900ns);
  EXPECT_EQ(timing().last, 200ns);
}

TEST_F(MonitorTest, ThePeriodIsFromStartToStart) {
  monitor.record(0, 0, at(0us), 5us);
  monitor.record(0, 0, at(10us), 1us);
  monitor.record(0, 0, at(40us), 7us);

  EXPECT_EQ(timing().period, 30us);
}

TEST_F(MonitorTest, ThePeriodIsBetweenTheNewestStartsOfAllWorkers) {
  monitor.record(0, 0, at(0us), 1us);
  monitor.record(0, 0, at(100us), 1us);
  monitor.record(1, 0, at(60us), 1us);
  EXPECT_EQ(timing().period, 40us);

  monitor.record(0, 0, at(103us), 1us);
  EXPECT_EQ(timing().period, 3us);
}

TEST_F(MonitorTest, OneStartOnEachWorkerMakesAPeriod) {
  monitor.record(1, 0, at(20us), 1us);
  monitor.record(0, 0, at(50us), 1us);

  EXPECT_EQ(timing().period, 30us);
}

TEST_F(MonitorTest, TheLastExecutionIsTheOneThatEndedLast) {
  monitor.record(0, 0, at(0us), 50us);
  monitor.record(1, 0, at(10us), 5us);

  EXPECT_EQ(timing().last, 50us);
}

TEST_F(MonitorTest, MergesTheWorkersByTheirExecutions) {
  for (int i = 0; i < 3; ++i) monitor.record(0, 0, at(i * 1us), 100ns);
  monitor.record(1, 0, at(9us), 500ns);

  EXPECT_EQ(timing().executions, 4u);
  EXPECT_EQ(timing().ewma, 200ns);  // (3·100 + 1·500) / 4
  EXPECT_EQ(timing().min, 100ns);
  EXPECT_EQ(timing().max, 500ns);
}

TEST_F(MonitorTest, LongAveragesDoNotOverflow) {
  for (int i = 0; i < 1000; ++i) {
    for (const std::size_t worker : {0u, 1u}) monitor.record(worker, 0, at(i * 1h), 24h * 365 * 50);
  }

  EXPECT_EQ(timing().ewma, 24h * 365 * 50);
}

TEST_F(MonitorTest, TasksAreApart) {
  monitor.record(0, 1, at(0ns), 7ns);
  fail(0, "one failed", 0ns);

  EXPECT_EQ(monitor.snapshot(0).timing.executions, 0u);
  EXPECT_EQ(monitor.snapshot(1).timing.executions, 1u);
  EXPECT_EQ(monitor.snapshot(1).errors, 0u);
}

TEST_F(MonitorTest, ATaskRunsFromItsStartToItsStopWhateverItsJobsDo) {
  registered("core/a");
  monitor.record(0, 0, at(0ns), 1ns);
  EXPECT_EQ(state(), task_state::running);

  unregistered("core/a");
  EXPECT_EQ(state(), task_state::stopped);
  EXPECT_EQ(monitor.snapshot(0).starts, 1u);
  EXPECT_EQ(monitor.snapshot(0).stops, 1u);
  EXPECT_EQ(monitor.snapshot(1).state, task_state::unknown);
}

TEST_F(MonitorTest, TheFirstFailureStays) {
  registered("core/a");

  fail(0, "the first", 1s);
  fail(0, "the second", 2s);

  const auto seen = monitor.snapshot(0);
  EXPECT_EQ(seen.state, task_state::error);
  EXPECT_EQ(seen.errors, 2u);
  ASSERT_TRUE(seen.failure);
  EXPECT_EQ(seen.failure->message, "the first");
  EXPECT_EQ(seen.failure->code, errc::execution_failed);
  EXPECT_EQ(seen.failure->at, wall(1s));
}

TEST_F(MonitorTest, TheFirstFailureOfAllWorkersStays) {
  fail(1, "later", 2s);
  fail(0, "earlier", 1s);

  EXPECT_EQ(monitor.snapshot(0).failure->message, "earlier");
  EXPECT_EQ(monitor.snapshot(0).errors, 2u);
}

TEST_F(MonitorTest, AStopDoesNotClearAFailure) {
  registered("core/a");
  fail(0, "x", 0s);

  unregistered("core/a");

  EXPECT_EQ(state(), task_state::error);
  monitor.clear(0);
  EXPECT_EQ(state(), task_state::stopped);
}

TEST_F(MonitorTest, ASuccessDoesNotClearAFailure) {
  fail(0, "x", 0s);

  monitor.record(0, 0, at(0ns), 1ns);

  EXPECT_EQ(state(), task_state::error);
}

TEST_F(MonitorTest, AClearForgetsTheFailureAndKeepsTheCounts) {
  registered("core/a");
  monitor.record(0, 0, at(0ns), 1ns);
  fail(0, "x", 0s);
  fail(1, "y", 0s);

  monitor.clear(0);

  const auto seen = monitor.snapshot(0);
  EXPECT_EQ(seen.state, task_state::running);
  EXPECT_FALSE(seen.failure);
  EXPECT_EQ(seen.errors, 2u);
  EXPECT_EQ(seen.timing.executions, 1u);
}

TEST_F(MonitorTest, AFailureAfterAClearIsTheFirstAgain) {
  fail(0, "a message that is much longer than what comes after it", 1s);
  monitor.clear(0);

  fail(0, "new", 2s);

  EXPECT_EQ(state(), task_state::error);
  EXPECT_EQ(monitor.snapshot(0).failure->message, "new");
  EXPECT_EQ(monitor.snapshot(0).failure->at, wall(2s));
}

TEST_F(MonitorTest, ANewStartForgetsTheFailure) {
  registered("core/a");
  fail(0, "x", 0s);

  registered("core/a");

  EXPECT_EQ(state(), task_state::running);
  EXPECT_EQ(monitor.snapshot(0).starts, 2u);
}

TEST_F(MonitorTest, MessagesAreCutAtTheirBound) {
  const std::string longest(execution_slot::text_bytes, 'x');

  fail(0, longest + "y", 0s);
  EXPECT_EQ(monitor.snapshot(0).failure->message, longest);

  monitor.clear(0);
  fail(0, longest.substr(1), 0s);
  EXPECT_EQ(monitor.snapshot(0).failure->message, longest.substr(1));
}

TEST_F(MonitorTest, EventsOfUnknownTasksAreCounted) {
  monitor.record(0, 2, at(0ns), 1ns);
  monitor.fail(0, 2, errc::execution_failed, "x");
  monitor.overrun(2, 1s);
  registered("core/c");
  unregistered("core/c");

  EXPECT_EQ(monitor.executor().unknown_tasks, 5u);
  EXPECT_FALSE(monitor.executor().fault);
  EXPECT_EQ(monitor.snapshot(0).timing.executions + monitor.snapshot(1).timing.executions, 0u);
}

TEST_F(MonitorTest, TheExecutorIsUpFromRunningToStopped) {
  EXPECT_FALSE(monitor.executor().up);
  monitor.follow({.kind = lifecycle_event_kind::starting});
  EXPECT_FALSE(monitor.executor().up);
  monitor.follow({.kind = lifecycle_event_kind::started});
  monitor.follow({.kind = lifecycle_event_kind::draining});
  EXPECT_TRUE(monitor.executor().up);
  monitor.follow({.kind = lifecycle_event_kind::stopped});
  EXPECT_FALSE(monitor.executor().up);
}

TEST_F(MonitorTest, TheExecutorIsDownWhenTheDaemonFailed) {
  monitor.follow({.kind = lifecycle_event_kind::started});
  monitor.follow({.kind = lifecycle_event_kind::failed});

  EXPECT_FALSE(monitor.executor().up);
}

TEST_F(MonitorTest, TheFirstOverrunStaysUntilAClear) {
  monitor.overrun(1, 3s, wall(1s));
  monitor.overrun(0, 5s, wall(2s));

  const auto seen = monitor.executor();
  ASSERT_TRUE(seen.fault);
  EXPECT_EQ(seen.fault->task, 1u);
  EXPECT_EQ(seen.fault->allowed, 3s);
  EXPECT_EQ(seen.fault->at, wall(1s));
  EXPECT_EQ(seen.overruns, 2u);

  monitor.clear_executor();
  EXPECT_FALSE(monitor.executor().fault);
  EXPECT_EQ(monitor.executor().overruns, 2u);
}

}  // namespace
}  // namespace kernd
