#include "kernd/health.hpp"

#include "kernd/lifecycle.hpp"
#include "test_kernels.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace kernd {
namespace {

using namespace std::chrono_literals;
using totals = outcome_window::totals;

constexpr outcome_window::clock::time_point start{1000s};

TEST(OutcomeWindowTest, IsEmptyAtFirst) {
  const outcome_window window;

  EXPECT_EQ(window.sum(60s, start), (totals{0, 0}));
}

TEST(OutcomeWindowTest, IsEmptyRightAfterTheClockStarted) {
  const outcome_window window;

  EXPECT_EQ(window.sum(60s, outcome_window::clock::time_point{}), (totals{0, 0}));
}

TEST(OutcomeWindowTest, AddsUpTheSecondsInside) {
  outcome_window window;
  window.add(true, start);
  window.add(true, start + 1s);
  window.add(false, start + 1500ms);

  EXPECT_EQ(window.sum(60s, start + 2s), (totals{2, 1}));
}

TEST(OutcomeWindowTest, ForgetsWhatIsOlderThanTheWindow) {
  outcome_window window;
  window.add(true, start);
  window.add(false, start + 1s);

  EXPECT_EQ(window.sum(60s, start + 59s), (totals{1, 1}));
  EXPECT_EQ(window.sum(60s, start + 60s), (totals{0, 1}));
  EXPECT_EQ(window.sum(60s, start + 61s), (totals{0, 0}));
}

TEST(OutcomeWindowTest, ANewSecondTakesTheSlotOver) {
  outcome_window window;
  window.add(true, start);
  window.add(true, start + outcome_window::max_length);

  EXPECT_EQ(window.sum(outcome_window::max_length, start + outcome_window::max_length),
            (totals{1, 0}));
}

TEST(OutcomeWindowTest, ReadsNoMoreThanItHolds) {
  outcome_window window;
  window.add(true, start);

  EXPECT_EQ(window.sum(10 * outcome_window::max_length, start + outcome_window::max_length),
            (totals{0, 0}));
}

TEST(OutcomeWindowTest, LosesNoCountOfSeveralThreads) {
  constexpr int per_thread = 20'000;
  outcome_window window;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&window] {
        for (int i = 0; i < per_thread; ++i) window.add(i % 2 == 0, start + i * 1ms);
      });
    }
  }
  EXPECT_EQ(window.sum(60s, start + 20s), (totals{2 * per_thread, 2 * per_thread}));
}

struct HealthMonitorTest : ::testing::Test {
  kernel_registry registry;
  outcome_window executions;
  health_config options{.window = 10s, .degraded_error_ratio = 0.1, .unhealthy_error_ratio = 0.5};
  health_monitor health{registry, executions, options};

  HealthMonitorTest() { registry.add(make_kernel<test::adding>()).value(); }

  void add(int successes, int failures) {
    for (int i = 0; i < successes; ++i) executions.add(true, start);
    for (int i = 0; i < failures; ++i) executions.add(false, start);
  }
};

TEST_F(HealthMonitorTest, NoExecutionsAreHealthy) {
  const auto report = health.report(start);

  EXPECT_EQ(report.status, health_status::healthy);
  ASSERT_EQ(report.components.size(), 2u);
  EXPECT_EQ(report.components[0].name, "kernel_registry");
  EXPECT_EQ(report.components[0].message, "1 kernels (1 batch, 0 ring)");
  EXPECT_EQ(report.components[1].name, "execution_engine");
  EXPECT_EQ(report.components[1].message, "0 executions in 10 s, 0.0% failed");
}

TEST_F(HealthMonitorTest, FewFailuresAreHealthy) {
  add(91, 9);

  EXPECT_EQ(health.report(start).status, health_status::healthy);
}

TEST_F(HealthMonitorTest, IsDegradedFromTheFirstRatio) {
  add(90, 10);

  const auto report = health.report(start);

  EXPECT_EQ(report.status, health_status::degraded);
  EXPECT_EQ(report.components[1].status, health_status::degraded);
  EXPECT_EQ(report.components[1].message, "100 executions in 10 s, 10.0% failed");
}

TEST_F(HealthMonitorTest, IsUnhealthyFromTheSecondRatio) {
  add(5, 5);

  EXPECT_EQ(health.report(start).status, health_status::unhealthy);
}

TEST_F(HealthMonitorTest, RecoversWhenTheFailuresAreOutOfTheWindow) {
  add(0, 5);

  EXPECT_EQ(health.report(start + 9s).status, health_status::unhealthy);
  EXPECT_EQ(health.report(start + 10s).status, health_status::healthy);
}

TEST_F(HealthMonitorTest, AnEmptyRegistryIsDegraded) {
  const kernel_registry empty;
  const health_monitor monitor{empty, executions, options};

  const auto report = monitor.report(start);

  EXPECT_EQ(report.status, health_status::degraded);
  EXPECT_EQ(report.components[0].status, health_status::degraded);
}

TEST_F(HealthMonitorTest, TakesNewRatios) {
  add(90, 10);

  options.degraded_error_ratio = 0.2;
  health.reconfigure(options);

  EXPECT_EQ(health.report(start).status, health_status::healthy);
}

TEST_F(HealthMonitorTest, TakesANewWindow) {
  add(0, 5);
  EXPECT_EQ(health.report(start + 30s).status, health_status::healthy);

  options.window = 60s;
  health.reconfigure(options);

  EXPECT_EQ(health.report(start + 30s).status, health_status::unhealthy);
}

TEST_F(HealthMonitorTest, ACheckTellsWhetherItIsHealthy) {
  lifecycle life;
  std::vector<bool> told;
  life.subscribe([&](const lifecycle_event& e) {
    if (e.kind == lifecycle_event_kind::health_check_completed) told.push_back(e.healthy);
  });

  health.check(life, start);
  add(90, 10);
  health.check(life, start);
  add(0, 100);
  health.check(life, start);

  EXPECT_EQ(told, (std::vector<bool>{true, true, false}));
}

TEST(HealthStatusTest, HasTheNamesOfTheApi) {
  EXPECT_EQ(name_of(health_status::healthy), "healthy");
  EXPECT_EQ(name_of(health_status::degraded), "degraded");
  EXPECT_EQ(name_of(health_status::unhealthy), "unhealthy");
}

}  // namespace
}  // namespace kernd
