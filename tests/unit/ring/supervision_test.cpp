// What becomes of an actor whose handler throws.

#include "src/ring/restart_window.hpp"
#include "tests/unit/ring/actor_fixture.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace kernd {
namespace {

using namespace std::chrono_literals;
using namespace test;

constexpr restart_window::time_point start{};

TEST(RestartWindowTest, AllowsThreeInAMinute) {
  restart_window window;

  EXPECT_TRUE(window.after_failure(start));
  EXPECT_TRUE(window.after_failure(start + 1s));
  EXPECT_TRUE(window.after_failure(start + 59s));
  EXPECT_FALSE(window.after_failure(start + 59s + 999ms));
}

TEST(RestartWindowTest, SlidesOnSoThatTheBudgetComesBack) {
  restart_window window;
  window.after_failure(start);
  window.after_failure(start + 30s);
  window.after_failure(start + 59s);

  EXPECT_TRUE(window.after_failure(start + 60s));
  EXPECT_FALSE(window.after_failure(start + 89s));
  EXPECT_TRUE(window.after_failure(start + 90s));
}

TEST(RestartWindowTest, ARefusedOneDoesNotCount) {
  restart_window window;
  for (int i = 0; i < 3; ++i) window.after_failure(start);
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(window.after_failure(start + 59s));

  EXPECT_TRUE(window.after_failure(start + 60s));
}

TEST(RestartWindowTest, EachPauseIsTwiceTheOneBefore) {
  restart_window window;

  EXPECT_EQ(window.after_failure(start), start + 10ms);
  EXPECT_EQ(window.after_failure(start + 1s), start + 1s + 20ms);
  EXPECT_EQ(window.after_failure(start + 2s), start + 2s + 40ms);
  EXPECT_EQ(window.after_failure(start + 120s), start + 120s + 10ms);
}

struct SupervisionTest : ActorModeTest {
  static constexpr play fail{static_cast<std::uint64_t>(trick::fail)};
  static void until(actor& a, actor_state s) {
    while (a.state() != s) std::this_thread::yield();
  }
};
INSTANTIATE_TEST_SUITE_P(, SupervisionTest, both_modes, name_of_mode);

TEST_P(SupervisionTest, AHandlerThatThrowsFailsItsCallAndItsActor) {
  auto a = launch();

  const auto answer = ask(a, fail);

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, errc::execution_failed);
  EXPECT_EQ(answer.error().internal, "as told");
  EXPECT_TRUE(a.wait(far()));
  EXPECT_EQ(a.state(), actor_state::failed);
  EXPECT_EQ(a.status().failure, "as told");
  EXPECT_EQ(a.status().counters.failed, 1u);
  EXPECT_EQ(ask(a, ping{1}).error().code, errc::actor_terminated);
}

TEST_P(SupervisionTest, CallsThatWaitEndWithTheCause) {
  auto a = launch();
  gate g;
  send_and_enter(a, g);
  call_probe call;
  const ping p{1};
  send(a, fail);
  a.begin_call(outgoing(p), call.receiver()).value();
  g.open.count_down();
  call.wait();
  EXPECT_TRUE(a.wait(far()));

  EXPECT_EQ(call.code, errc::execution_failed);
  EXPECT_EQ(a.status().counters.terminated, 1u);
  expect_balanced(a);
}

TEST_P(SupervisionTest, AMessageThatMakesItThrowGoesToTheDeadLetters) {
  auto a = launch();

  send(a, fail);
  EXPECT_TRUE(a.wait(far()));

  const auto letters = runtime.dead_letters().list(0, 10);
  ASSERT_EQ(letters.size(), 1u);
  EXPECT_EQ(letters[0].reason, dead_letter_reason::handler_failed);
  EXPECT_EQ(letters[0].header.type, play::type_id);
}

TEST_P(SupervisionTest, WhatItHasNotDeclaredFailsIt) {
  for (const auto what : {trick::reply_wrongly, trick::emit_wrongly}) {
    auto a = launch();

    EXPECT_EQ(ask(a, play{static_cast<std::uint64_t>(what)}).error().code, errc::execution_failed);
    EXPECT_TRUE(a.wait(far()));
    EXPECT_EQ(a.state(), actor_state::failed);
  }
}

TEST_P(SupervisionTest, AFailedOneIsRemoved) {
  auto a = launch();
  EXPECT_FALSE(ask(a, fail));
  EXPECT_TRUE(a.wait(far()));

  EXPECT_EQ(a.terminate().error().code, errc::invalid_state_transition);
  EXPECT_TRUE(runtime.remove(a.id(), far()));
}

TEST_P(SupervisionTest, StartsAnewWithItsMailWhenToldTo) {
  auto a = launch({.restart = restart_policy::one_for_one});
  EXPECT_EQ(ask(a, ping{1})->handled, 1u);
  gate g;
  send_and_enter(a, g);
  send(a, fail);
  send(a, note{7});
  g.open.count_down();
  a.receive([](const message_view&) {}, far());  // the gate's

  EXPECT_EQ(receive(a, 1), std::vector<std::uint64_t>{7});
  EXPECT_EQ(ask(a, ping{1})->handled, 2u);  // since the restart: the note, and this
  EXPECT_EQ(a.status().counters.restarts, 1u);
  expect_balanced(a);
}

TEST_P(SupervisionTest, ACallThatEndedWithTheFailureIsNotHandledAfterIt) {
  auto a = launch({.restart = restart_policy::one_for_one});
  gate g;
  send_and_enter(a, g);
  call_probe call;
  const ping p{1};
  send(a, fail);
  a.begin_call(outgoing(p), call.receiver()).value();
  g.open.count_down();
  call.wait();
  until(a, actor_state::active);

  EXPECT_EQ(ask(a, ping{1})->handled, 1u);
  EXPECT_EQ(a.status().counters.terminated, 1u);
}

TEST_P(SupervisionTest, TheFourthFailureIsForGood) {
  auto a = launch({.restart = restart_policy::one_for_one});
  for (int i = 0; i < 4; ++i) send(a, fail);

  EXPECT_TRUE(a.wait(far()));

  EXPECT_EQ(a.state(), actor_state::failed);
  EXPECT_EQ(a.status().counters.restarts, 3u);
  EXPECT_EQ(a.status().counters.failed, 4u);
  expect_balanced(a);
}

TEST_P(SupervisionTest, OneThatWaitsForItsRestartIsRemoved) {
  auto a = launch({.restart = restart_policy::one_for_one});
  for (int i = 0; i < 3; ++i) send(a, fail);
  while (a.status().counters.failed < 3) std::this_thread::yield();

  EXPECT_TRUE(runtime.remove(a.id(), far()));
  EXPECT_TRUE(a.wait(far()));
  expect_balanced(a);
}

}  // namespace
}  // namespace kernd
