#include "kernd/lifecycle.hpp"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace kernd {
namespace {

using enum lifecycle_state;
using kind = lifecycle_event_kind;

/// Takes a fresh lifecycle along `path`.
void go(lifecycle& life, const std::vector<lifecycle_state>& path) {
  for (const auto s : path) ASSERT_TRUE(life.move_to(s));
}

TEST(LifecycleTest, BeginsCreated) {
  EXPECT_EQ(lifecycle{}.state(), created);
}

TEST(LifecycleTest, GoesFromCreatedToStopped) {
  lifecycle life;

  go(life, {starting, running, draining, stopped});

  EXPECT_EQ(life.state(), stopped);
}

TEST(LifecycleTest, MayDrainWhileStarting) {
  lifecycle life;

  go(life, {starting, draining, stopped});

  EXPECT_EQ(life.state(), stopped);
}

TEST(LifecycleTest, MayFailFromAnyStateButTheEnds) {
  const std::vector<std::vector<lifecycle_state>> paths{
      {}, {starting}, {starting, running}, {starting, running, draining}};
  for (const auto& path : paths) {
    lifecycle life;
    go(life, path);
    EXPECT_TRUE(life.move_to(failed));
  }
}

TEST(LifecycleTest, AWrongStepNamesBothStatesAndChangesNothing) {
  lifecycle life;
  go(life, {starting, running});

  const auto moved = life.move_to(starting);

  ASSERT_FALSE(moved);
  EXPECT_EQ(moved.error().message, "cannot go from Running to Starting");
  EXPECT_EQ(life.state(), running);
}

TEST(LifecycleTest, RefusesEveryStepThatIsNotDrawn) {
  const std::vector<std::pair<std::vector<lifecycle_state>, lifecycle_state>> wrong{
      {{}, created},
      {{}, running},
      {{}, draining},
      {{}, stopped},
      {{starting}, stopped},
      {{starting, running}, stopped},
      {{starting, running, draining}, running},
      {{starting, running, draining, stopped}, failed},
      {{starting, running, draining, stopped}, starting},
      {{failed}, starting},
      {{failed}, failed}};
  for (const auto& [path, next] : wrong) {
    lifecycle life;
    go(life, path);
    EXPECT_FALSE(life.move_to(next)) << name_of(life.state()) << " to " << name_of(next);
  }
}

TEST(LifecycleTest, TellsEverySubscriberInOrder) {
  lifecycle life;
  std::vector<std::string> seen;
  life.subscribe(
      [&](const lifecycle_event& e) { seen.push_back("a " + std::string{name_of(e.kind)}); });
  life.subscribe(
      [&](const lifecycle_event& e) { seen.push_back("b " + std::string{name_of(e.kind)}); });

  go(life, {starting, running});

  EXPECT_EQ(seen, (std::vector<std::string>{"a Starting", "b Starting", "a Started", "b Started"}));
}

TEST(LifecycleTest, TellsOfEveryTransition) {
  lifecycle life;
  std::vector<kind> seen;
  life.subscribe([&](const lifecycle_event& e) { seen.push_back(e.kind); });

  go(life, {starting, running, draining, stopped});
  lifecycle broken;
  broken.subscribe([&](const lifecycle_event& e) { seen.push_back(e.kind); });
  go(broken, {failed});

  EXPECT_EQ(seen, (std::vector{kind::starting, kind::started, kind::draining, kind::stopped,
                               kind::failed}));
}

TEST(LifecycleTest, AWrongStepTellsNobody) {
  lifecycle life;
  int told = 0;
  life.subscribe([&](const lifecycle_event&) { ++told; });

  static_cast<void>(life.move_to(running));

  EXPECT_EQ(told, 0);
}

TEST(LifecycleTest, ASubscriberSeesTheStateThatWasReached) {
  lifecycle life;
  lifecycle_state seen = created;
  life.subscribe([&](const lifecycle_event&) { seen = life.state(); });

  go(life, {starting});

  EXPECT_EQ(seen, starting);
}

TEST(LifecycleTest, PassesOnWhatAnEventHolds) {
  lifecycle life;
  std::string kernel;
  bool healthy = true;
  life.subscribe([&](const lifecycle_event& e) {
    kernel += e.kernel;
    healthy = e.healthy;
  });

  life.emit({.kind = kind::kernel_registered, .kernel = "core/axpy"});
  life.emit({.kind = kind::health_check_completed, .healthy = false});

  EXPECT_EQ(kernel, "core/axpy");
  EXPECT_FALSE(healthy);
}

TEST(LifecycleTest, CountsRegisteredKernels) {
  lifecycle life;

  life.emit({.kind = kind::kernel_registered, .kernel = "core/a"});
  life.emit({.kind = kind::kernel_registered, .kernel = "core/b"});
  life.emit({.kind = kind::kernel_unregistered, .kernel = "core/a"});

  EXPECT_EQ(life.stats().kernels_registered, 1u);
}

TEST(LifecycleTest, HasNoUptimeBeforeItStarts) {
  lifecycle life;

  EXPECT_EQ(life.stats(lifecycle::clock::now() + std::chrono::hours{1}).uptime.count(), 0);
}

TEST(LifecycleTest, CountsUptimeFromStartingAndTimeInState) {
  using std::chrono::hours;
  lifecycle life;
  const auto before = lifecycle::clock::now();
  go(life, {starting, running});

  const auto stats = life.stats(before + hours{1});

  EXPECT_EQ(stats.state, running);
  EXPECT_LE(stats.uptime, hours{1});
  EXPECT_GT(stats.uptime, std::chrono::minutes{59});
  EXPECT_LE(stats.in_state, stats.uptime);
}

TEST(LifecycleTest, OnlyOneThreadWinsAStep) {
  lifecycle life;
  std::atomic<int> won{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] { won += life.move_to(starting) ? 1 : 0; });
    }
  }
  EXPECT_EQ(won, 1);
}

TEST(LifecycleTest, EveryEventHasAName) {
  EXPECT_EQ(name_of(kind::starting), "Starting");
  EXPECT_EQ(name_of(kind::started), "Started");
  EXPECT_EQ(name_of(kind::draining), "Draining");
  EXPECT_EQ(name_of(kind::stopped), "Stopped");
  EXPECT_EQ(name_of(kind::failed), "Failed");
  EXPECT_EQ(name_of(kind::kernel_registered), "KernelRegistered");
  EXPECT_EQ(name_of(kind::kernel_unregistered), "KernelUnregistered");
  EXPECT_EQ(name_of(kind::config_reloaded), "ConfigReloaded");
  EXPECT_EQ(name_of(kind::health_check_completed), "HealthCheckCompleted");
}

}  // namespace
}  // namespace kernd
