// What the monitor and the log tell of an actor.

#include "kernd/log.hpp"
#include "tests/support/temporary_file.hpp"
#include "tests/unit/ring/actor_fixture.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>
#include <thread>

namespace kernd {
namespace {

using namespace std::chrono_literals;
using namespace test;

constexpr play fail{static_cast<std::uint64_t>(trick::fail)};

struct ActorTaskTest : ActorModeTest {
  static void until_executed(const actor& a, std::uint64_t count) {
    while (a.task().timing.executions < count) std::this_thread::yield();
  }
};
INSTANTIATE_TEST_SUITE_P(, ActorTaskTest, both_modes, name_of_mode);

TEST_P(ActorTaskTest, HasNothingToTellBeforeItsFirstMessage) {
  const auto a = launch();

  const auto seen = a.task();

  EXPECT_EQ(seen.state, task_state::running);
  EXPECT_EQ(seen.starts, 1u);
  EXPECT_EQ(seen.stops + seen.errors, 0u);
  EXPECT_FALSE(seen.failure);
  EXPECT_EQ(seen.timing.executions, 0u);
  EXPECT_EQ(seen.timing.max, 0ns);
}

TEST_P(ActorTaskTest, AnExecutionIsTheHandlingOfAMessage) {
  auto a = launch();
  for (std::uint64_t i = 0; i < 100; ++i) send(a, drop{i});
  EXPECT_TRUE(ask(a, ping{1}));
  until_executed(a, 101);

  const auto timing = a.task().timing;

  EXPECT_EQ(timing.executions, 101u);
  EXPECT_LE(timing.min, timing.ewma);
  EXPECT_LE(timing.ewma, timing.max);
  EXPECT_LE(timing.last, timing.max);
  EXPECT_GT(timing.max, 0ns);
}

TEST_P(ActorTaskTest, TheTimeInTheHandlerCounts) {
  auto a = launch();
  gate g;
  send_and_enter(a, g);
  const auto entered = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() < entered + 2ms) std::this_thread::yield();
  g.open.count_down();
  until_executed(a, 1);

  EXPECT_GE(a.task().timing.last, 2ms);
}

TEST_P(ActorTaskTest, RunsWhileItIsActive) {
  auto a = launch({.auto_activate = false});
  EXPECT_EQ(a.task().state, task_state::stopped);
  EXPECT_EQ(a.task().starts, 0u);

  a.activate().value();
  EXPECT_EQ(a.task().state, task_state::running);
  a.deactivate().value();
  EXPECT_EQ(a.task().state, task_state::stopped);
  a.activate().value();
  a.terminate().value();
  EXPECT_TRUE(a.wait(far()));

  EXPECT_EQ(a.task().state, task_state::stopped);
  EXPECT_EQ(a.task().starts, 2u);
  EXPECT_EQ(a.task().stops, 2u);
}

TEST_P(ActorTaskTest, AFailureIsAnErrorWithoutWhatTheHandlerThrew) {
  auto a = launch();
  send(a, fail);
  EXPECT_TRUE(a.wait(far()));

  const auto seen = a.task();

  EXPECT_EQ(seen.state, task_state::error);
  EXPECT_EQ(seen.errors, 1u);
  ASSERT_TRUE(seen.failure);
  EXPECT_EQ(seen.failure->code, errc::execution_failed);
  EXPECT_EQ(seen.failure->message, "actor '" + a.id() + "' failed");
  EXPECT_EQ(seen.timing.executions, 1u);
  EXPECT_EQ(seen.stops, 1u);
}

TEST_P(ActorTaskTest, AFailureStaysThoughTheActorStartsAnew) {
  auto a = launch({.restart = restart_policy::one_for_one});
  send(a, fail);
  while (!ask(a, ping{1})) std::this_thread::yield();

  const auto failed = a.task();
  a.clear_failure();
  const auto cleared = a.task();

  EXPECT_EQ(failed.state, task_state::error);
  EXPECT_EQ(failed.starts, 2u);
  EXPECT_EQ(cleared.state, task_state::running);
  EXPECT_FALSE(cleared.failure);
  EXPECT_EQ(cleared.errors, 1u);
}

TEST_P(ActorTaskTest, AClearOfOneThatFailedForGoodDoesNotMakeItRun) {
  auto a = launch();
  send(a, fail);
  EXPECT_TRUE(a.wait(far()));

  a.clear_failure();

  EXPECT_EQ(a.task().state, task_state::stopped);
  EXPECT_EQ(a.state(), actor_state::failed);
}

/// A runtime with a log.
struct ActorLogTest : ::testing::Test {
  std::string text() {
    log.flush();
    return output.text();
  }
  static std::size_t count(const std::string& text, const std::string& part) {
    std::size_t found = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
    return found;
  }

  ~ActorLogTest() override { ::close(descriptor); }

  temporary_file output;
  const int descriptor = ::open(output.path().c_str(), O_WRONLY | O_APPEND);
  logger log{log_level::info, log_format::text, descriptor};
  const ring_kernel kernel = make_ring_kernel<probe>();
  ring_runtime runtime{{.pool_threads = 1}, &log};
};

TEST_F(ActorLogTest, AFailureIsLoggedWithWhatTheHandlerThrew) {
  auto a = runtime.launch(kernel, "weak", {}).value();
  a.send(outgoing(fail)).value();
  EXPECT_TRUE(a.wait(far()));

  const auto written = text();

  EXPECT_NE(written.find("error actor failed actor=weak kernel=test/probe error=\"as told\" "
                         "restarts=false\n"),
            std::string::npos)
      << written;
  EXPECT_EQ(count(written, "\n"), 1u);
}

TEST_F(ActorLogTest, RestartsAndTheLastFailureAreLogged) {
  auto a = runtime.launch(kernel, "weak", {.restart = restart_policy::one_for_one}).value();
  for (int i = 0; i < 4; ++i) a.send(outgoing(fail)).value();
  EXPECT_TRUE(a.wait(far()));

  const auto written = text();

  EXPECT_EQ(count(written, "actor failed actor=weak"), 3u) << written;
  EXPECT_EQ(count(written, "restarts=true"), 3u);
  EXPECT_EQ(count(written, "actor started anew actor=weak"), 3u);
  EXPECT_EQ(count(written, "actor failed too often, is not started again actor=weak"), 1u);
  EXPECT_EQ(count(written, "\n"), 7u);
}

}  // namespace
}  // namespace kernd
