// Messages from actor to actor, and to nobody in particular.

#include "tests/unit/ring/actor_fixture.hpp"

#include <gtest/gtest.h>
#include <malloc.h>

#include <cstdint>
#include <cstdlib>
#include <thread>
#include <vector>

namespace kernd {
namespace {

using namespace std::chrono_literals;
using namespace test;

struct BrokerTest : ActorModeTest {};
INSTANTIATE_TEST_SUITE_P(, BrokerTest, both_modes, name_of_mode);

void expect_adds_up(const dispatch_metrics& m) {
  EXPECT_EQ(m.dispatched, m.delivered + m.pending + m.unknown_type + m.delivery_errors);
}

TEST_P(BrokerTest, AnActorSendsToAnother) {
  auto a = launch();
  auto b = launch();

  send(a, burst{b.number(), 3});

  EXPECT_EQ(receive(b, 3), (std::vector<std::uint64_t>{0, 1, 2}));
  until_quiet(a);
  EXPECT_EQ(a.status().counters.forwarded, 3u);
}

TEST_P(BrokerTest, AForwardedCallIsAnsweredByWhoGotIt) {
  auto a = launch();
  auto b = launch();

  const auto answer = ask(a, pass{7, b.number(), 0});

  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->value, 7u);
  EXPECT_EQ(b.status().counters.replied, 1u);
  EXPECT_EQ(a.status().counters.replied, 0u);
}

TEST_P(BrokerTest, ARouteOfThreeHopsDelivers) {
  auto a = launch();
  auto b = launch();
  auto c = launch();

  const auto answer = ask(a, pass{7, b.number(), c.number()});

  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->value, 7u);
  EXPECT_EQ(c.status().counters.replied, 1u);
}

TEST_P(BrokerTest, ALoopEndsAtTheHopLimit) {
  auto a = launch();

  const auto answer = ask(a, loop{a.number()});

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, errc::max_hops_exceeded);
  until_quiet(a);
  EXPECT_EQ(a.status().counters.forwarded, 8u);
}

TEST_P(BrokerTest, ALoopThatNobodyWaitsForEndsInTheDeadLetters) {
  auto a = launch();

  send(a, loop{a.number()});
  while (runtime.dead_letters().size() == 0) std::this_thread::yield();

  EXPECT_EQ(runtime.dead_letters().list(0, 1)[0].reason, dead_letter_reason::max_hops_exceeded);
}

TEST_P(BrokerTest, AMessageToAnActorThatIsGoneGoesToTheDeadLetters) {
  auto a = launch();
  auto b = launch();
  runtime.remove(b.id(), far()).value();

  send(a, burst{b.number(), 1});
  until_quiet(a);

  const auto letters = runtime.dead_letters().list(0, 10);
  ASSERT_EQ(letters.size(), 1u);
  EXPECT_EQ(letters[0].reason, dead_letter_reason::actor_not_found);
  EXPECT_EQ(ask(a, pass{1, b.number(), 0}).error().code, errc::actor_not_found);
}

TEST_P(BrokerTest, AMessageToATerminatedActorGoesToTheDeadLetters) {
  auto a = launch();
  auto b = launch();
  b.terminate().value();
  b.wait(far());

  send(a, burst{b.number(), 1});
  until_quiet(a);

  const auto letters = runtime.dead_letters().list(0, 10);
  ASSERT_EQ(letters.size(), 1u);
  EXPECT_EQ(letters[0].reason, dead_letter_reason::actor_terminated);
  EXPECT_EQ(letters[0].actor_id, b.id());
  EXPECT_EQ(ask(a, pass{1, b.number(), 0}).error().code, errc::actor_terminated);
}

TEST_P(BrokerTest, TheEndOfWhoGotACallEndsIt) {
  auto a = launch();
  auto b = launch();
  gate g;
  send_and_enter(b, g);
  call_probe call;
  const pass p{7, b.number(), 0};
  a.begin_call(outgoing(p), call.receiver()).value();
  until_quiet(a);

  b.terminate().value();

  EXPECT_EQ(call.code, errc::actor_terminated);
  g.open.count_down();
  EXPECT_TRUE(b.wait(far()));
  EXPECT_EQ(call.times, 1);
}

TEST_P(BrokerTest, AFullMailboxHoldsTheSenderBack) {
  auto a = launch();
  auto b = launch({.input_queue_capacity = 2});
  gate g;
  send_and_enter(b, g);
  send(a, burst{b.number(), 10});
  while (b.status().input_queue_depth < 2) std::this_thread::yield();

  g.open.count_down();
  std::uint64_t received = 0;
  b.receive([](const message_view&) {}, far());  // the gate's
  for (const auto value : receive(b, 10)) EXPECT_EQ(value, received++);

  EXPECT_EQ(received, 10u);
  EXPECT_EQ(runtime.dead_letters().size(), 0u);
}

TEST_P(BrokerTest, AMailboxThatStaysFullIsGivenUp) {
  auto a = launch();
  auto b = launch({.input_queue_capacity = 2, .auto_activate = false});
  send(a, burst{b.number(), 3});

  until_quiet(a);

  const auto letters = runtime.dead_letters().list(0, 10);
  ASSERT_EQ(letters.size(), 1u);
  EXPECT_EQ(letters[0].reason, dead_letter_reason::queue_full);
  EXPECT_EQ(letters[0].actor_id, b.id());
  EXPECT_EQ(from_bytes<note>(letters[0].payload).value, 2u);
}

/// KERND_RING_SENDS: how many; ten million take a while unoptimised.
std::uint64_t wanted_sends() {
  if (const char* const wanted = std::getenv("KERND_RING_SENDS"))
    return std::strtoull(wanted, nullptr, 10);
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
  return 20'000;
#else
  return 1'000'000;
#endif
}

std::size_t bytes_in_use() {
  const auto info = ::mallinfo2();
  return info.uordblks + info.hblkhd;
}

TEST_P(BrokerTest, MemoryStaysFlatHoweverManyAreSent) {
  constexpr std::uint64_t at_once = 500;  // twice the mailbox, so that some find no room
  auto a = launch();
  auto b = launch({.input_queue_capacity = 256});
  const auto send_some = [&](std::uint64_t times) {
    for (std::uint64_t i = 0; i < times; ++i) {
      send(a, flood{b.number(), at_once});
      until_quiet(a);
    }
    until_quiet(b);
  };
  send_some(4);
  const auto before = bytes_in_use();

  send_some(wanted_sends() / at_once);

  EXPECT_LE(bytes_in_use(), before + 256 * 1024);
  EXPECT_EQ(b.status().counters.failed + runtime.dead_letters().size(), 0u);
  EXPECT_GE(a.status().counters.forwarded, wanted_sends());
}

TEST_P(BrokerTest, AnActorThatFillsItsOwnMailboxGoesOn) {
  auto a = launch({.input_queue_capacity = 4});

  send(a, burst{a.number(), 8});
  while (runtime.dead_letters().size() == 0) std::this_thread::yield();
  const auto letters = runtime.dead_letters().size();
  const auto values = receive(a, 8 - letters);

  EXPECT_EQ(values.size() + runtime.dead_letters().size(), 8u);
}

TEST_P(BrokerTest, ARouteTakesMessagesOfItsType) {
  auto a = launch();
  const note n{5};
  EXPECT_EQ(runtime.set_route(note::type_id, a.id()), std::nullopt);

  const auto receipt = runtime.dispatch(outgoing(n));

  ASSERT_TRUE(receipt);
  EXPECT_EQ(receipt->status, delivery::delivered);
  EXPECT_EQ(receipt->actor_id, a.id());
  EXPECT_EQ(receive(a, 1), std::vector<std::uint64_t>{5});
}

TEST_P(BrokerTest, ARouteSaysWhatItReplaced) {
  runtime.set_route(1, "one");

  EXPECT_EQ(runtime.set_route(1, "two"), "one");
  EXPECT_EQ(runtime.route(1), "two");
  EXPECT_EQ(runtime.routes().size(), 1u);
  EXPECT_TRUE(runtime.remove_route(1));
  EXPECT_FALSE(runtime.remove_route(1));
  EXPECT_EQ(runtime.route(1), std::nullopt);
}

TEST_P(BrokerTest, ARouteToNowhereIsAnError) {
  const note n{5};
  EXPECT_EQ(runtime.dispatch(outgoing(n)).error().code, errc::unknown_message_type);
  runtime.set_route(note::type_id, "nobody");
  EXPECT_EQ(runtime.dispatch(outgoing(n)).error().code, errc::actor_not_found);
}

TEST_P(BrokerTest, WhatWasDispatchedAddsUp) {
  auto a = launch({.input_queue_capacity = 2, .auto_activate = false});
  const note n{5};
  runtime.dispatch(outgoing(n)).has_value();
  runtime.set_route(note::type_id, a.id());
  for (int i = 0; i < 3; ++i) runtime.dispatch(outgoing(n)).has_value();

  const auto m = runtime.dispatched();

  EXPECT_EQ(m.dispatched, 4u);
  EXPECT_EQ(m.unknown_type, 1u);
  EXPECT_EQ(m.delivered, 2u);
  EXPECT_EQ(m.delivery_errors, 1u);
  expect_adds_up(m);
  runtime.reset_dispatch_metrics();
  EXPECT_EQ(runtime.dispatched().dispatched, 0u);
}

TEST_P(BrokerTest, WhatAHandlerDispatchesIsPendingUntilThereIsRoom) {
  auto a = launch();
  auto b = launch({.input_queue_capacity = 2, .auto_activate = false});
  runtime.set_route(note::type_id, b.id());
  send(a, burst{burst::everybody, 3});
  while (runtime.dispatched().pending == 0) std::this_thread::yield();
  expect_adds_up(runtime.dispatched());

  b.activate().value();
  until_quiet(a);

  const auto m = runtime.dispatched();
  EXPECT_EQ(m.delivered, 3u);
  EXPECT_EQ(m.pending, 0u);
  expect_adds_up(m);
}

TEST_P(BrokerTest, WhatAHandlerDispatchesToNobodyGoesToTheDeadLetters) {
  auto a = launch();

  send(a, burst{burst::everybody, 1});
  until_quiet(a);

  ASSERT_EQ(runtime.dead_letters().size(), 1u);
  EXPECT_EQ(runtime.dead_letters().list(0, 1)[0].reason, dead_letter_reason::unknown_message_type);
  EXPECT_EQ(runtime.dispatched().unknown_type, 1u);
}

}  // namespace
}  // namespace kernd
