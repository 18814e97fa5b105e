// Transitions, and what becomes of mail when an actor rests or ends.

#include "tests/unit/ring/actor_fixture.hpp"

#include <gtest/gtest.h>

#include <array>
#include <thread>
#include <vector>

namespace kernd {
namespace {

using namespace std::chrono_literals;
using namespace test;

struct ActorStatesTest : ActorModeTest {};
INSTANTIATE_TEST_SUITE_P(, ActorStatesTest, both_modes, name_of_mode);

TEST_P(ActorStatesTest, GoesTheWayFromLaunchedToTerminated) {
  auto a = launch({.auto_activate = false});
  EXPECT_EQ(a.state(), actor_state::launched);
  EXPECT_TRUE(a.activate());
  EXPECT_EQ(a.state(), actor_state::active);
  EXPECT_TRUE(a.deactivate());
  EXPECT_EQ(a.state(), actor_state::deactivated);
  EXPECT_TRUE(a.activate());
  EXPECT_TRUE(a.terminate());
  EXPECT_TRUE(a.wait(far()));
  EXPECT_EQ(a.state(), actor_state::terminated);
}

TEST_P(ActorStatesTest, IsActiveAtOnceUnlessToldOtherwise) {
  EXPECT_EQ(launch().state(), actor_state::active);
}

TEST_P(ActorStatesTest, ARefusedTransitionNamesBothStates) {
  auto a = launch();

  const auto again = a.activate();

  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, errc::invalid_state_transition);
  EXPECT_NE(again.error().message.find("cannot become active: it is active"), std::string::npos)
      << again.error().message;
}

TEST_P(ActorStatesTest, NothingLeadsBackFromTheEnd) {
  auto a = launch();
  a.terminate().value();
  a.wait(far());

  EXPECT_EQ(a.activate().error().code, errc::invalid_state_transition);
  EXPECT_EQ(a.deactivate().error().code, errc::invalid_state_transition);
  EXPECT_EQ(a.terminate().error().code, errc::invalid_state_transition);
}

TEST_P(ActorStatesTest, OnlyAnActiveOneIsDeactivated) {
  auto a = launch({.auto_activate = false});

  EXPECT_EQ(a.deactivate().error().code, errc::invalid_state_transition);
}

TEST_P(ActorStatesTest, IsTerminatedFromLaunchedAndDeactivated) {
  auto launched = launch({.auto_activate = false});
  auto resting = launch();
  resting.deactivate().value();

  EXPECT_TRUE(launched.terminate());
  EXPECT_TRUE(resting.terminate());
  EXPECT_TRUE(launched.wait(far()));
  EXPECT_TRUE(resting.wait(far()));
}

TEST_P(ActorStatesTest, ADeactivatedOneKeepsItsMail) {
  auto a = launch();
  a.deactivate().value();
  for (std::uint64_t i = 1; i <= 3; ++i) send(a, note{i});
  EXPECT_EQ(a.status().input_queue_depth, 3u);

  a.activate().value();

  EXPECT_EQ(receive(a, 3), (std::vector<std::uint64_t>{1, 2, 3}));
}

TEST_P(ActorStatesTest, ADeactivatedOneIsNotCalled) {
  auto a = launch();
  a.deactivate().value();

  EXPECT_EQ(ask(a, ping{1}).error().code, errc::actor_not_active);
  EXPECT_EQ(runtime.metrics().calls_waiting, 0u);
}

TEST_P(ActorStatesTest, ACallThatWasThereFirstWaitsForTheActivation) {
  auto a = launch();
  gate g;
  call_probe first, second;
  const hold h{g.address()};
  const ping p{9};
  a.begin_call(outgoing(h), first.receiver()).value();
  g.entered.wait();
  a.begin_call(outgoing(p), second.receiver()).value();
  a.deactivate().value();
  g.open.count_down();
  first.wait();
  EXPECT_EQ(second.times, 0);

  a.activate().value();
  second.wait();

  EXPECT_EQ(second.value, 9u);
}

TEST_P(ActorStatesTest, ATerminatedOneRefusesMail) {
  auto a = launch();
  a.terminate().value();

  const note n{1};
  EXPECT_EQ(a.send(outgoing(n)).error().code, errc::actor_terminated);
  EXPECT_EQ(ask(a, ping{1}).error().code, errc::actor_terminated);
  a.wait(far());
  EXPECT_EQ(a.send(outgoing(n)).error().code, errc::actor_terminated);
  EXPECT_EQ(a.status().counters.refused, 3u);
}

TEST_P(ActorStatesTest, ACallInFlightEndsAtOnce) {
  auto a = launch();
  gate g;
  call_probe call;
  const hold h{g.address()};
  a.begin_call(outgoing(h), call.receiver()).value();
  g.entered.wait();

  a.terminate().value();

  // The handler is still there.
  EXPECT_EQ(call.times, 1);
  EXPECT_EQ(call.code, errc::actor_terminated);
  EXPECT_EQ(a.state(), actor_state::terminating);
  g.open.count_down();
  EXPECT_TRUE(a.wait(far()));
  EXPECT_EQ(call.times, 1);
  EXPECT_EQ(runtime.metrics().late_replies, 1u);
}

TEST_P(ActorStatesTest, CallsInItsMailboxEndAtOnce) {
  auto a = launch();
  gate g;
  send_and_enter(a, g);
  std::array<call_probe, 20> calls;
  const ping p{1};
  for (auto& c : calls) a.begin_call(outgoing(p), c.receiver()).value();

  a.terminate().value();

  for (auto& c : calls) EXPECT_EQ(c.code, errc::actor_terminated);
  g.open.count_down();
  EXPECT_TRUE(a.wait(far()));
  for (auto& c : calls) EXPECT_EQ(c.times, 1);
  EXPECT_EQ(a.status().counters.terminated, 20u);
  expect_balanced(a);
}

TEST_P(ActorStatesTest, MailThatNobodyWaitsForGoesToTheDeadLetters) {
  auto a = launch({.auto_activate = false});
  for (std::uint64_t i = 1; i <= 3; ++i) send(a, note{i});

  a.terminate().value();
  EXPECT_TRUE(a.wait(far()));

  const auto letters = runtime.dead_letters().list(0, 10);
  ASSERT_EQ(letters.size(), 3u);
  for (std::uint64_t i = 0; i < 3; ++i) {
    EXPECT_EQ(letters[i].reason, dead_letter_reason::actor_terminated);
    EXPECT_EQ(from_bytes<note>(letters[i].payload).value, i + 1);
  }
  EXPECT_EQ(a.status().counters.dead_lettered, 3u);
  expect_balanced(a);
}

TEST_P(ActorStatesTest, EndsWithAFullMailbox) {
  auto a = launch({.input_queue_capacity = 4, .auto_activate = false});
  for (std::uint64_t i = 0; i < 4; ++i) send(a, note{i});
  const note n{9};
  EXPECT_EQ(a.send(outgoing(n)).error().code, errc::queue_full);

  a.terminate().value();

  EXPECT_TRUE(a.wait(far()));
  EXPECT_EQ(runtime.dead_letters().size(), 4u);
}

TEST_P(ActorStatesTest, EndsWhileItsOutputIsFull) {
  auto a = launch({.output_queue_capacity = 2});
  const burst b{0, 10};
  send(a, b);
  while (a.status().output_queue_depth < 2) std::this_thread::yield();

  a.terminate().value();

  EXPECT_TRUE(a.wait(far()));
  EXPECT_EQ(receive(a, 2), (std::vector<std::uint64_t>{0, 1}));
  EXPECT_EQ(runtime.dead_letters().size(), 8u);
}

TEST_P(ActorStatesTest, EndsThoseWhoWaitForRoomInItsMailbox) {
  auto a = launch(
      {.input_queue_capacity = 2, .auto_activate = false, .overflow = overflow_policy::wait});
  for (std::uint64_t i = 0; i < 2; ++i) send(a, note{i});
  const note n{9};
  auto patient = outgoing(n);
  patient.deadline = 120s;
  std::optional<errc> ended;
  std::jthread sender{[&] { ended = a.send(patient).error().code; }};

  a.terminate().value();
  sender.join();

  EXPECT_EQ(ended, errc::actor_terminated);
}

TEST_P(ActorStatesTest, EndsThoseWhoWaitForItsOutput) {
  auto a = launch();
  bool has_received = true;
  std::jthread reader{[&] { has_received = a.receive([](const message_view&) {}, far()); }};

  a.terminate().value();
  reader.join();

  EXPECT_FALSE(has_received);
}

TEST_P(ActorStatesTest, AWaitThatIsTooShortSaysSo) {
  auto a = launch();
  gate g;
  send_and_enter(a, g);
  a.terminate().value();

  EXPECT_FALSE(a.wait(std::chrono::steady_clock::now() + 1ms));
  g.open.count_down();
  EXPECT_TRUE(a.wait(far()));
}

TEST_P(ActorStatesTest, RemovalGivesUpOnAHandlerThatDoesNotReturn) {
  auto a = launch();
  gate g;
  send_and_enter(a, g);

  const auto removed = runtime.remove(a.id(), std::chrono::steady_clock::now() + 1ms);

  EXPECT_EQ(removed.error().code, errc::execution_timeout);
  EXPECT_FALSE(runtime.find(a.id()));
  g.open.count_down();
  EXPECT_TRUE(a.wait(far()));
}

TEST_P(ActorStatesTest, AHandleOutlivesTheRuntime) {
  std::optional<actor> a;
  {
    ring_runtime brief{{.pool_threads = 1}};
    a = brief.launch(kernel, "a", {.mode = GetParam()}).value();
    ASSERT_TRUE(ask(*a, ping{1}));
  }

  EXPECT_EQ(a->state(), actor_state::terminated);
  EXPECT_EQ(ask(*a, ping{1}).error().code, errc::actor_terminated);
  EXPECT_FALSE(a->try_receive([](const message_view&) {}));
}

}  // namespace
}  // namespace kernd
