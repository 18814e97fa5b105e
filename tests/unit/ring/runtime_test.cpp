// Launching, finding and removing actors; dead letters sent again.

#include "kernd/ring/runtime.hpp"

#include "tests/unit/ring/actor_fixture.hpp"

#include <gtest/gtest.h>
#include <malloc.h>

#include <numeric>
#include <string>
#include <thread>
#include <vector>

namespace kernd {
namespace {

using namespace std::chrono_literals;
using namespace test;

struct RuntimeTest : RuntimeFixture {
  error refused(std::string_view id, const launch_options& options) {
    const auto launched = runtime.launch(kernel, id, options);
    EXPECT_FALSE(launched);
    return launched ? error{errc::internal_error, ""} : launched.error();
  }
  void expect_refused(const launch_options& options, std::string_view message) {
    const auto e = refused("", options);
    EXPECT_EQ(e.code, errc::invalid_request);
    EXPECT_EQ(e.message, message);
  }
};

TEST_F(RuntimeTest, RefusedOptionsNameTheLimit) {
  expect_refused({.grid_size = 2}, "grid_size is 2, must be 1 on the CPU");
  expect_refused({.block_size = 32}, "block_size is 32, must be 256 on the CPU");
  expect_refused({.shared_memory_size = 8}, "shared_memory_size is 8, must be 0 on the CPU");
  expect_refused({.input_queue_capacity = 1000},
                 "input_queue_capacity is 1000, must be a power of two from 2 to 65536");
  expect_refused({.input_queue_capacity = 1},
                 "input_queue_capacity is 1, must be a power of two from 2 to 65536");
  expect_refused({.output_queue_capacity = 131072},
                 "output_queue_capacity is 131072, must be a power of two from 2 to 65536");
  expect_refused({.state_bytes = (std::size_t{1} << 30) + 1},
                 "state_bytes is 1073741825, must be 1073741824 at most");
  expect_refused({.group = "no blanks"},
                 "group must be 1 to 64 characters out of A-Z, a-z, 0-9, '.', '_' and '-'");
}

TEST_F(RuntimeTest, TheSmallestAndTheLargestQueuesAreTaken) {
  EXPECT_TRUE(runtime.launch(kernel, "", {.input_queue_capacity = 2, .output_queue_capacity = 2}));
  EXPECT_TRUE(
      runtime.launch(kernel, "", {.input_queue_capacity = 65536, .output_queue_capacity = 65536}));
}

TEST_F(RuntimeTest, AnIdIsOfFewCharacters) {
  for (const std::string& id : {std::string(65, 'a'), std::string{"a/b"}, std::string{"ä"},
                                std::string{"."}, std::string{".."}}) {
    EXPECT_EQ(refused(id, {}).code, errc::invalid_request) << id;
  }
  EXPECT_TRUE(runtime.launch(kernel, std::string(64, 'a'), {}));
  EXPECT_TRUE(runtime.launch(kernel, "A-z_0.9", {}));
  EXPECT_TRUE(runtime.launch(kernel, "...", {}));
}

TEST_F(RuntimeTest, AnIdIsTakenOnce) {
  launch("one");

  EXPECT_EQ(refused("one", {}).code, errc::already_exists);
}

TEST_F(RuntimeTest, WithoutAnIdOneIsMade) {
  launch("test.probe.2");

  EXPECT_EQ(launch().id(), "test.probe.1");
  EXPECT_EQ(launch().id(), "test.probe.3");
}

TEST_F(RuntimeTest, ActorsAreFoundAndListed) {
  const auto b = launch("b");
  const auto a = launch("a");

  EXPECT_EQ(runtime.find("a")->number(), a.number());
  EXPECT_EQ(runtime.find(b.number())->id(), "b");
  EXPECT_FALSE(runtime.find("c"));
  EXPECT_FALSE(runtime.find(actor_number{0}));
  const auto all = runtime.list();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].id(), "a");
  EXPECT_EQ(all[1].id(), "b");
}

TEST_F(RuntimeTest, ARemovedActorIsNotFoundAndItsIdIsFree) {
  launch("one");

  EXPECT_TRUE(runtime.remove("one", far()));

  EXPECT_FALSE(runtime.find("one"));
  EXPECT_EQ(runtime.remove("one", far()).error().code, errc::actor_not_found);
  launch("one");
}

TEST_F(RuntimeTest, AStaleNumberIsNobodys) {
  const auto old = launch("one").number();
  runtime.remove("one", far()).value();
  const auto now = launch("one").number();

  EXPECT_EQ(old & 0xFFFFF, now & 0xFFFFF);  // the same place
  EXPECT_NE(old, now);
  EXPECT_FALSE(runtime.find(old));
  EXPECT_TRUE(runtime.find(now));
}

TEST_F(RuntimeTest, TheNumberOfActorsIsBounded) {
  ring_runtime small{{.max_actors = 2, .pool_threads = 1}};
  small.launch(kernel, "a", {}).value();
  small.launch(kernel, "b", {}).value();

  const auto third = small.launch(kernel, "c", {});

  EXPECT_EQ(third.error().code, errc::service_unavailable);
  small.remove("a", far()).value();
  EXPECT_TRUE(small.launch(kernel, "c", {}));
}

TEST_F(RuntimeTest, TheMemoryOfActorsIsBounded) {
  ring_runtime small{{.memory_bytes = 4 << 20, .pool_threads = 1}};
  const launch_options large{.state_bytes = 3 << 20};
  small.launch(kernel, "a", large).value();

  const auto second = small.launch(kernel, "b", large);

  EXPECT_EQ(second.error().code, errc::memory_exhausted);
  EXPECT_TRUE(small.launch(kernel, "c", {.input_queue_capacity = 2, .output_queue_capacity = 2}));
  small.remove("a", far()).value();
  EXPECT_TRUE(small.launch(kernel, "b", large));
}

TEST_F(RuntimeTest, WhatAHandleKeepsAliveIsPaidForUntilItIsGone) {
  ring_runtime small{{.memory_bytes = 4 << 20, .pool_threads = 1}};
  const launch_options large{.state_bytes = 3 << 20};
  std::optional<actor> held{small.launch(kernel, "a", large).value()};
  small.remove("a", far()).value();

  EXPECT_FALSE(small.launch(kernel, "b", large));
  held.reset();
  EXPECT_TRUE(small.launch(kernel, "b", large));
}

TEST_F(RuntimeTest, AnAbandonedActorCountsUntilItEnds) {
  ring_runtime small{{.max_actors = 1, .pool_threads = 1}};
  auto a = small.launch(kernel, "a", {}).value();
  gate g;
  send_and_enter(a, g);
  EXPECT_FALSE(small.remove("a", std::chrono::steady_clock::time_point::min()));
  EXPECT_EQ(small.launch(kernel, "b", {}).error().code, errc::service_unavailable);

  g.open.count_down();
  EXPECT_TRUE(a.wait(far()));

  EXPECT_TRUE(small.launch(kernel, "b", {}));
}

TEST_F(RuntimeTest, ShutdownEndsAllAndRefusesMore) {
  auto a = launch("a");
  auto b = launch("b", {.mode = actor_mode::event_driven});

  EXPECT_TRUE(runtime.shutdown(far()));

  EXPECT_EQ(a.state(), actor_state::terminated);
  EXPECT_EQ(b.state(), actor_state::terminated);
  EXPECT_EQ(refused("c", {}).code, errc::service_unavailable);
}

TEST_F(RuntimeTest, ShutdownSaysWhenSomeDoNotEnd) {
  auto a = launch("a");
  gate g;
  send_and_enter(a, g);

  EXPECT_FALSE(runtime.shutdown(std::chrono::steady_clock::time_point::min()));
  g.open.count_down();
  EXPECT_TRUE(a.wait(far()));
}

TEST_F(RuntimeTest, MetricsCountWhatWasAndIs) {
  auto a = launch("a");
  auto b = launch("b", {.auto_activate = false});
  ASSERT_TRUE(ask(a, ping{1}));
  send(b, note{1});
  const auto before = runtime.metrics();
  runtime.remove("a", far()).value();
  const auto after = runtime.metrics();

  EXPECT_EQ(before.active_actors, 1u);
  EXPECT_EQ(after.active_actors, 0u);
  EXPECT_EQ(after.total_launched, 2u);
  EXPECT_EQ(before.messages_sent, 2u);
  EXPECT_EQ(after.messages_sent, 2u);
  EXPECT_EQ(after.messages_received, 1u);
  EXPECT_GT(before.host_memory_bytes, after.host_memory_bytes);
  EXPECT_GT(after.host_memory_bytes, 2 * 1024 * line_bytes);
}

TEST_F(RuntimeTest, AStatusSaysWhatTheActorIs) {
  auto a = launch("a", {.input_queue_capacity = 8, .overflow = overflow_policy::wait});
  until_quiet(a);
  while (a.status().counters.processed == 0) std::this_thread::yield();
  const auto s = a.status();

  EXPECT_EQ(s.id, "a");
  EXPECT_EQ(s.number, a.number());
  EXPECT_EQ(s.kernel_id, "test/probe");
  EXPECT_EQ(s.state, actor_state::active);
  EXPECT_EQ(s.options.input_queue_capacity, 8u);
  EXPECT_EQ(s.counters.processed, 1u);
  EXPECT_LE(s.last_turn, std::chrono::steady_clock::now());
  EXPECT_GT(s.last_turn, std::chrono::steady_clock::now() - 60s);
}

TEST_F(RuntimeTest, ADeadLetterIsSentAgain) {
  auto a = launch("a", {.auto_activate = false});
  send(a, note{5});
  runtime.remove("a", far()).value();
  a = launch("a");

  EXPECT_TRUE(runtime.replay(1));

  EXPECT_EQ(receive(a, 1), std::vector<std::uint64_t>{5});
  EXPECT_EQ(runtime.dead_letters().size(), 0u);
  EXPECT_EQ(runtime.replay(1).error().code, errc::not_found);
}

TEST_F(RuntimeTest, ADeadLetterThatCannotBeSentAgainStays) {
  auto a = launch("a", {.auto_activate = false});
  send(a, note{5});
  runtime.remove("a", far()).value();

  EXPECT_EQ(runtime.replay(1).error().code, errc::actor_not_found);

  EXPECT_EQ(runtime.dead_letters().list(0, 1).at(0).id, 1u);
}

TEST_F(RuntimeTest, AReplayThatFindsNoRoomMakesNoSecondDeadLetter) {
  auto a = launch("a", {.input_queue_capacity = 2,
                        .auto_activate = false,
                        .overflow = overflow_policy::dead_letter});
  for (std::uint64_t i = 0; i < 3; ++i) send(a, note{i});

  EXPECT_EQ(runtime.replay(1).error().code, errc::queue_full);

  EXPECT_EQ(runtime.dead_letters().size(), 1u);
}

TEST_F(RuntimeTest, AFullMailboxRefuses) {
  auto a = launch("a", {.input_queue_capacity = 2, .auto_activate = false});
  for (std::uint64_t i = 0; i < 2; ++i) send(a, note{i});
  const note n{3};

  const auto sent = a.send(outgoing(n));

  EXPECT_EQ(sent.error().code, errc::queue_full);
  EXPECT_EQ(sent.error().message, "mailbox of actor 'a' is full, limit 2 messages");
  EXPECT_EQ(a.status().counters.refused, 1u);
  EXPECT_EQ(a.status().counters.sent, 2u);
}

TEST_F(RuntimeTest, AFullMailboxSendsToTheDeadLettersWhenToldTo) {
  auto a = launch("a", {.input_queue_capacity = 2,
                        .auto_activate = false,
                        .overflow = overflow_policy::dead_letter});
  for (std::uint64_t i = 0; i < 3; ++i) send(a, note{i});

  const auto letters = runtime.dead_letters().list(0, 10);
  ASSERT_EQ(letters.size(), 1u);
  EXPECT_EQ(letters[0].reason, dead_letter_reason::queue_full);
  EXPECT_EQ(from_bytes<note>(letters[0].payload).value, 2u);
}

TEST_F(RuntimeTest, AFullMailboxMakesItsSenderWaitWhenToldTo) {
  auto a = launch("a", {.input_queue_capacity = 2, .overflow = overflow_policy::wait});
  constexpr std::uint64_t count = 2000;
  std::jthread sender{[&] {
    for (std::uint64_t i = 0; i < count; ++i) {
      const note n{i};
      auto patient = outgoing(n);
      patient.deadline = 120s;
      a.send(patient).value();
    }
  }};

  const auto values = receive(a, count);

  for (std::uint64_t i = 0; i < count; ++i) ASSERT_EQ(values[i], i);
}

TEST_F(RuntimeTest, AWaitForRoomEndsAtTheMessagesDeadline) {
  auto a = launch(
      "a", {.input_queue_capacity = 2, .auto_activate = false, .overflow = overflow_policy::wait});
  for (std::uint64_t i = 0; i < 2; ++i) send(a, note{i});
  const note n{3};
  auto hasty = outgoing(n);
  hasty.deadline = 1ms;

  EXPECT_EQ(a.send(hasty).error().code, errc::queue_full);
}

TEST_F(RuntimeTest, ATryDoesNotWaitWhateverThePolicy) {
  auto a = launch(
      "a", {.input_queue_capacity = 2, .auto_activate = false, .overflow = overflow_policy::wait});
  for (std::uint64_t i = 0; i < 2; ++i) send(a, note{i});
  const note n{3};
  auto patient = outgoing(n);
  patient.deadline = 24h;

  EXPECT_EQ(a.try_send(patient).error().code, errc::queue_full);
}

TEST_F(RuntimeTest, AsManyCallsWaitAsTheTableHolds) {
  ring_runtime small{{.pool_threads = 1, .call_table = 3}};
  auto a = small.launch(kernel, "a", {}).value();
  gate g;
  send_and_enter(a, g);
  std::array<call_probe, 4> calls;
  const ping p{1};
  for (int i = 0; i < 3; ++i) a.begin_call(outgoing(p), calls[i].receiver()).value();

  EXPECT_EQ(a.begin_call(outgoing(p), calls[3].receiver()).error().code, errc::queue_full);

  EXPECT_EQ(small.metrics().calls_waiting, 3u);
  g.open.count_down();
  for (int i = 0; i < 3; ++i) calls[i].wait();
  EXPECT_EQ(calls[3].times, 0);
}

TEST_F(RuntimeTest, ChecksumsAreThereWhenTheyAreOn) {
  ring_runtime careful{{.pool_threads = 1, .checksum = true}};
  auto a = careful.launch(kernel, "a", {}).value();
  std::uint64_t crc = 0;
  send(a, note{5});
  a.receive([&](const message_view& m) { crc = m.header.crc32c; }, far());

  EXPECT_NE(crc, 0u);
  EXPECT_EQ(a.status().counters.failed, 0u);
}

TEST_F(RuntimeTest, ACallCountsForTheKernelThatWasCalled) {
  static const ring_kernel other = make_ring_kernel<probe>();
  auto called = launch("called");
  const auto answers = runtime.launch(other, "answers", {}).value();
  const auto calls_of = [this](const ring_kernel& k) {
    for (const auto& t : runtime.totals()) {
      const auto& counts = t.calls.counts;
      if (t.kernel == &k) return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
    }
    return std::uint64_t{0};
  };

  EXPECT_TRUE(ask(called, pass{.value = 1, .to = answers.number(), .then = 0}));

  EXPECT_EQ(calls_of(kernel), 1u);
  EXPECT_EQ(calls_of(other), 0u);
}

TEST_F(RuntimeTest, CallsThatWereNotSentAreNotCounted) {
  launch_options small;
  small.input_queue_capacity = 2;
  auto a = launch("", small);
  gate g;
  send_and_enter(a, g);
  while (a.try_send(outgoing(note{1}))) continue;
  call_probe call;
  const ping p{1};

  EXPECT_EQ(a.begin_call(outgoing(p), call.receiver()).error().code, errc::queue_full);

  const auto counts = runtime.totals().at(0).calls.counts;
  EXPECT_EQ(std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}), 0u);
  g.open.count_down();
  EXPECT_TRUE(runtime.remove(a.id(), far()));  // the gate is ours
}

#if !defined(__SANITIZE_THREAD__) && !defined(__SANITIZE_ADDRESS__)
TEST_F(RuntimeTest, TenThousandIdleActorsAreSmall) {
  constexpr std::size_t count = 10'000;
  launch_options small;
  small.mode = actor_mode::event_driven;
  small.input_queue_capacity = small.output_queue_capacity = 64;
  ring_runtime large{{.max_actors = count, .pool_threads = 2}};
  const auto before = ::mallinfo2();
  for (std::size_t i = 0; i < count; ++i) large.launch(kernel, "", small).value();
  const auto after = ::mallinfo2();

  // Rings of 64 slots of 128 bytes, in and out.
  const auto bytes = after.uordblks + after.hblkhd - before.uordblks - before.hblkhd;
  EXPECT_LE(bytes / count, 2 * 64 * line_bytes + 2048);
}
#endif

}  // namespace
}  // namespace kernd
