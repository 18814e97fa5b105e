// What one actor does with its mail, in both modes.

#include "kernd/ring/actor.hpp"

#include "tests/unit/ring/actor_fixture.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <vector>

namespace kernd {
namespace {

using namespace std::chrono_literals;
using namespace test;

struct ActorTest : ActorModeTest {};
INSTANTIATE_TEST_SUITE_P(, ActorTest, both_modes, name_of_mode);

TEST_P(ActorTest, ALoneCallIsAnswered) {
  auto a = launch();

  const auto answer = ask(a, ping{42});

  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->value, 42u);
  EXPECT_EQ(answer->handled, 1u);
}

TEST_P(ActorTest, StateSurvivesBetweenCalls) {
  auto a = launch();
  for (std::uint64_t i = 1; i <= 100; ++i) {
    const auto answer = ask(a, ping{i});
    ASSERT_TRUE(answer) << answer.error().message;
    ASSERT_EQ(answer->handled, i);
  }
}

TEST_P(ActorTest, WhatNobodyCalledForIsReceived) {
  auto a = launch();
  const note one{1}, two{2};
  const ping three{3};
  ASSERT_TRUE(a.send(outgoing(one)));
  ASSERT_TRUE(a.send(outgoing(two)));
  ASSERT_TRUE(a.send(outgoing(three)));

  EXPECT_EQ(receive(a, 2), (std::vector<std::uint64_t>{1, 2}));
  std::uint64_t pong_value = 0;
  a.receive([&](const message_view& m) { pong_value = from_bytes<pong>(m.payload).value; }, far());
  EXPECT_EQ(pong_value, 3u);
}

TEST_P(ActorTest, AReplyToACallIsNotReceived) {
  auto a = launch();
  ASSERT_TRUE(ask(a, ping{1}));

  EXPECT_FALSE(a.try_receive([](const message_view&) {}));
  EXPECT_EQ(a.status().counters.replied, 1u);
  EXPECT_EQ(a.status().counters.emitted, 0u);
}

TEST_P(ActorTest, WithoutReplyACallEndsAllTheSame) {
  auto a = launch();

  const auto answer = ask(a, play{static_cast<std::uint64_t>(trick::say_nothing)});

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, errc::execution_failed);
  EXPECT_NE(answer.error().message.find("gave no reply"), std::string::npos);
}

TEST_P(ActorTest, ASecondReplyIsCountedAndDropped) {
  auto a = launch();

  const auto answer = ask(a, play{static_cast<std::uint64_t>(trick::reply_twice)});

  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->value, 1u);
  ASSERT_TRUE(ask(a, ping{1}));  // the handler has returned
  EXPECT_EQ(runtime.metrics().late_replies, 1u);
  EXPECT_FALSE(a.try_receive([](const message_view&) {}));
}

TEST_P(ActorTest, ACallThatTakesTooLongEndsAtItsDeadline) {
  auto a = launch();
  gate g;
  const hold m{g.address()};

  const auto answer = ask(a, m, 1ms);
  g.open.count_down();

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, errc::execution_timeout);
  a.terminate().value();
  EXPECT_TRUE(a.wait(far()));
}

TEST_P(ActorTest, TheReplyToACancelledCallIsLate) {
  auto a = launch();
  gate g;
  const hold m{g.address()};
  std::atomic<int> told{0};
  const auto ticket = a.begin_call(outgoing(m), {[](void* count, const call_end&) noexcept {
                                                   ++*static_cast<std::atomic<int>*>(count);
                                                 },
                                                 &told});
  g.entered.wait();

  EXPECT_TRUE(a.cancel(ticket.value()));
  EXPECT_FALSE(a.cancel(ticket.value()));
  g.open.count_down();
  ASSERT_TRUE(ask(a, ping{1}));

  EXPECT_EQ(told, 0);
  EXPECT_EQ(runtime.metrics().late_replies, 1u);
  EXPECT_EQ(runtime.metrics().calls_waiting, 0u);
}

TEST_P(ActorTest, ACallThatIsCancelledBeforeItsTurnIsNotHandled) {
  auto a = launch();
  gate g;
  const hold m{g.address()};
  const ping later{7};
  constexpr call_receiver nobody{[](void*, const call_end&) noexcept {}, nullptr};
  ASSERT_TRUE(a.begin_call(outgoing(m), nobody));
  g.entered.wait();
  const auto ticket = a.begin_call(outgoing(later), nobody);

  EXPECT_TRUE(a.cancel(ticket.value()));
  g.open.count_down();
  const auto answer = ask(a, ping{1});

  EXPECT_EQ(answer.value().handled, 2u);
  EXPECT_EQ(a.status().counters.terminated, 1u);
}

TEST_P(ActorTest, RefusesWhatItDoesNotHandle) {
  auto a = launch();
  const noted wrong{1};
  const ping p{1};
  const note n{1};
  const std::vector<std::byte> big(65537);

  EXPECT_EQ(a.send(outgoing(wrong)).error().code, errc::invalid_input);
  EXPECT_EQ(a.send({.type = ping::type_id, .payload = bytes_of(p).first(7)}).error().code,
            errc::invalid_input);
  EXPECT_EQ(a.send({.type = ping::type_id, .payload = big}).error().code, errc::message_too_large);
  EXPECT_EQ(a.begin_call(outgoing(n), {}).error().code, errc::invalid_input);
  EXPECT_EQ(a.status().counters.sent, 0u);
}

TEST_P(ActorTest, CriticalOvertakesLow) {
  auto a = launch({.auto_activate = false});
  const note low{1}, normal{2}, high{3}, critical{4}, low_too{5}, normal_too{6};
  a.send(outgoing(low, message_priority::low)).value();
  a.send(outgoing(normal, message_priority::normal)).value();
  a.send(outgoing(low_too, message_priority::low)).value();
  a.send(outgoing(high, message_priority::high)).value();
  a.send(outgoing(normal_too)).value();
  a.send(outgoing(critical, message_priority::critical)).value();

  a.activate().value();

  EXPECT_EQ(receive(a, 6), (std::vector<std::uint64_t>{4, 3, 2, 6, 1, 5}));
}

TEST_P(ActorTest, CriticalThatComesLaterOvertakesToo) {
  auto a = launch();
  gate g;
  const hold blocking{g.address()};
  const note low{1}, critical{2};
  a.begin_call(outgoing(blocking), {[](void*, const call_end&) noexcept {}, nullptr}).value();
  g.entered.wait();
  a.send(outgoing(low)).value();
  a.send(outgoing(critical, message_priority::critical)).value();

  g.open.count_down();

  EXPECT_EQ(receive(a, 2), (std::vector<std::uint64_t>{2, 1}));
}

TEST_P(ActorTest, AnExpiredMessageGoesToTheDeadLetters) {
  auto a = launch({.auto_activate = false});
  const note n{5};
  const ping p{6};
  auto message = outgoing(n);
  message.deadline = 1ms;
  const auto id = a.send(message).value();
  const auto sent_at = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() - sent_at < 3ms) continue;

  a.activate().value();
  ASSERT_TRUE(ask(a, p));

  const auto letters = runtime.dead_letters().list(0, 10);
  ASSERT_EQ(letters.size(), 1u);
  EXPECT_EQ(letters[0].reason, dead_letter_reason::expired);
  EXPECT_EQ(letters[0].header.message_id, id);
  EXPECT_EQ(letters[0].actor_id, a.id());
  EXPECT_EQ(from_bytes<note>(letters[0].payload).value, 5u);
  EXPECT_EQ(a.status().counters.expired, 1u);
}

TEST_P(ActorTest, ADeadlineInThePastIsRefused) {
  auto a = launch();
  const note n{5};
  auto message = outgoing(n);
  message.deadline = 0ms;

  EXPECT_EQ(a.send(message).error().code, errc::execution_timeout);
  EXPECT_EQ(ask(a, ping{1}, 0ms).error().code, errc::execution_timeout);
}

}  // namespace
}  // namespace kernd
