// The output as a log, and how it holds its actor back.

#include "tests/unit/ring/actor_fixture.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <numeric>
#include <thread>
#include <vector>

namespace kernd {
namespace {

using namespace std::chrono_literals;
using namespace test;

struct ActorOutputTest : ActorModeTest {
  using log = std::vector<std::pair<std::uint64_t, std::uint64_t>>;

  static log read(actor& a, std::uint64_t after, std::size_t max) {
    log found;
    a.read_output(after, max, [&](std::uint64_t position, const message_view& m) {
      found.emplace_back(position, from_bytes<noted>(m.payload).value);
    });
    return found;
  }
};
INSTANTIATE_TEST_SUITE_P(, ActorOutputTest, both_modes, name_of_mode);

TEST_P(ActorOutputTest, IsReadWithoutBeingTaken) {
  auto a = launch();
  send(a, burst{0, 3});
  until_quiet(a);
  const log all{{1, 0}, {2, 1}, {3, 2}};

  EXPECT_EQ(read(a, 0, 10), all);
  EXPECT_EQ(read(a, 0, 10), all);
  EXPECT_EQ(read(a, 0, 2), (log{{1, 0}, {2, 1}}));
  EXPECT_EQ(a.output_range(), (std::pair<std::uint64_t, std::uint64_t>{1, 3}));
}

TEST_P(ActorOutputTest, AnAcknowledgementGivesBackWhatCameBefore) {
  auto a = launch();
  send(a, burst{0, 3});
  until_quiet(a);

  EXPECT_EQ(read(a, 2, 10), (log{{3, 2}}));
  EXPECT_EQ(read(a, 0, 10), (log{{3, 2}}));
  EXPECT_EQ(a.output_range(), (std::pair<std::uint64_t, std::uint64_t>{3, 3}));
  EXPECT_EQ(read(a, 3, 10), log{});
  EXPECT_EQ(a.output_range(), (std::pair<std::uint64_t, std::uint64_t>{4, 3}));
}

TEST_P(ActorOutputTest, AnAcknowledgementOfWhatIsNotThereYetTakesWhatIs) {
  auto a = launch();
  send(a, burst{0, 2});
  until_quiet(a);

  EXPECT_EQ(read(a, 100, 10), log{});
  send(a, burst{0, 1});
  until_quiet(a);

  EXPECT_EQ(read(a, 0, 10), (log{{3, 0}}));
}

TEST_P(ActorOutputTest, WhenItIsFullTheActorTakesNoFurtherMail) {
  auto a = launch({.output_queue_capacity = 4});
  send(a, burst{0, 6});
  for (std::uint64_t i = 10; i < 13; ++i) send(a, note{i});
  call_probe call;
  const ping p{1};
  a.begin_call(outgoing(p), call.receiver()).value();
  while (a.status().counters.processed < 1) std::this_thread::yield();

  EXPECT_EQ(a.status().input_queue_depth, 4u);
  EXPECT_EQ(receive(a, 9), (std::vector<std::uint64_t>{0, 1, 2, 3, 4, 5, 10, 11, 12}));
  call.wait();
  EXPECT_EQ(call.value, 1u);
}

TEST_P(ActorOutputTest, IsHeldBackWhileItWaitsForAReader) {
  auto a = launch({.output_queue_capacity = 2});
  send(a, burst{0, 2});
  until_quiet(a);

  EXPECT_FALSE(a.status().is_held_back) << "it is full, but takes mail";
  send(a, note{2});
  while (!a.status().is_held_back) std::this_thread::yield();
  EXPECT_EQ(receive(a, 3), (std::vector<std::uint64_t>{0, 1, 2}));
  EXPECT_FALSE(a.status().is_held_back);
}

TEST_P(ActorOutputTest, ManyTimesFullLosesNothing) {
  auto a = launch({.output_queue_capacity = 2});
  constexpr std::uint64_t bursts = 200;
  std::jthread sender{[&] {
    for (std::uint64_t i = 0; i < bursts; ++i) send(a, burst{0, 10});
  }};

  const auto values = receive(a, bursts * 10);

  std::vector<std::uint64_t> expected(bursts * 10);
  for (std::size_t i = 0; i < expected.size(); ++i) expected[i] = i % 10;
  EXPECT_EQ(values, expected);
}

TEST_P(ActorOutputTest, AReaderThatComesTooEarlyIsToldOnce) {
  auto a = launch();
  std::atomic<int> told{0};
  const auto id = a.notify_output(0, [&] {
    ++told;
    told.notify_all();
  });
  EXPECT_NE(id, 0u);
  EXPECT_EQ(told, 0);

  send(a, burst{0, 3});
  told.wait(0);
  until_quiet(a);
  send(a, burst{0, 3});
  until_quiet(a);

  EXPECT_EQ(told, 1);
}

TEST_P(ActorOutputTest, AReaderWhoWaitsForMoreIsNotToldBefore) {
  auto a = launch();
  std::atomic<int> told{0};
  a.notify_output(2, [&] {
    ++told;
    told.notify_all();
  });
  send(a, burst{0, 2});
  until_quiet(a);
  EXPECT_EQ(told, 0);

  send(a, burst{0, 1});
  told.wait(0);

  EXPECT_EQ(told, 1);
}

TEST_P(ActorOutputTest, AReaderIsToldAtOnceWhenThereIsSomething) {
  auto a = launch();
  send(a, burst{0, 1});
  until_quiet(a);
  int told = 0;

  EXPECT_EQ(a.notify_output(0, [&] { ++told; }), 0u);
  EXPECT_EQ(told, 1);
}

TEST_P(ActorOutputTest, AReaderIsToldOfTheEnd) {
  auto a = launch();
  std::atomic<int> told{0};
  a.notify_output(0, [&] {
    ++told;
    told.notify_all();
  });

  a.terminate().value();
  told.wait(0);

  EXPECT_EQ(told, 1);
}

TEST_P(ActorOutputTest, AReaderWhoLeftIsNotTold) {
  auto a = launch();
  std::atomic<int> told{0};
  a.cancel_notify(a.notify_output(0, [&] { ++told; }));

  send(a, burst{0, 1});
  until_quiet(a);

  EXPECT_EQ(told, 0);
}

TEST_P(ActorOutputTest, ReceivingGivesUpAtItsDeadline) {
  auto a = launch();

  EXPECT_FALSE(a.receive([](const message_view&) {}, std::chrono::steady_clock::now() + 1ms));
}

TEST_P(ActorOutputTest, AnEventSaysWhoseItIs) {
  auto a = launch();
  send(a, burst{0, 1});
  message_header header{};

  a.receive([&](const message_view& m) { copy_fields(m.header, header); }, far());

  EXPECT_EQ(header.source, a.number());
  EXPECT_EQ(header.correlation, 0u);
  EXPECT_EQ(header.type, noted::type_id);
  EXPECT_NE(header.message_id, 0u);
  EXPECT_NE(header.timestamp, 0u);
}

}  // namespace
}  // namespace kernd
