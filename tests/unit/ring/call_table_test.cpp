// A call ends once, by whoever is first.

#include "src/ring/call_table.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <numeric>
#include <set>
#include <thread>
#include <vector>

namespace kernd {
namespace {

using namespace std::chrono_literals;

struct told {
  std::atomic<int> times{0};
  const error* why = nullptr;

  call_receiver receiver() {
    return {[](void* self, const call_end& e) noexcept {
              auto& t = *static_cast<told*>(self);
              t.why = e.why;
              ++t.times;
            },
            this};
  }
};

constexpr actor_number actor_a = 1;
constexpr actor_number actor_b = 2;

struct CallTableTest : ::testing::Test {
  static constexpr call_table::time_point sent_at{1h};

  /// Of the durations that were counted.
  std::uint64_t counted() const {
    const auto all = latency.snapshot().counts;
    return std::accumulate(all.begin(), all.end(), std::uint64_t{0});
  }

  call_latency latency;
  const call_start start{sent_at, &latency};
};

TEST_F(CallTableTest, HoldsAsManyAsItSays) {
  for (const std::size_t capacity : {1u, 3u, 1024u, 1025u, 5000u, 65536u}) {
    call_table table{capacity};
    told t;
    std::set<std::uint64_t> claimed;
    for (std::size_t i = 0; i < capacity; ++i)
      claimed.insert(table.claim(actor_a, t.receiver(), start));

    EXPECT_EQ(claimed.size(), capacity);
    EXPECT_FALSE(claimed.contains(0));
    EXPECT_EQ(table.claim(actor_a, t.receiver(), start), 0u);
    EXPECT_EQ(table.waiting(), capacity);
    EXPECT_TRUE(table.cancel(*claimed.begin()));
    EXPECT_NE(table.claim(actor_a, t.receiver(), start), 0u);
  }
}

TEST_F(CallTableTest, AnEndIsToldOnce) {
  call_table table{4};
  told t;
  const auto call = table.claim(actor_a, t.receiver(), start);

  EXPECT_TRUE(table.end(call, {}));
  EXPECT_FALSE(table.end(call, {}));
  EXPECT_FALSE(table.cancel(call));
  EXPECT_EQ(t.times, 1);
}

TEST_F(CallTableTest, WhatIsCancelledIsNotTold) {
  call_table table{4};
  told t;
  const auto call = table.claim(actor_a, t.receiver(), start);

  EXPECT_TRUE(table.cancel(call));
  EXPECT_FALSE(table.end(call, {}));
  EXPECT_EQ(t.times, 0);
}

TEST_F(CallTableTest, APlaceThatWasTakenAgainIsAnotherCall) {
  call_table table{1};
  told first, second;
  const auto old = table.claim(actor_a, first.receiver(), start);
  table.cancel(old);
  const auto now = table.claim(actor_a, second.receiver(), start);

  EXPECT_NE(old, now);
  EXPECT_FALSE(table.waits(old));
  EXPECT_FALSE(table.end(old, {}));
  EXPECT_FALSE(table.retarget(old, actor_b));
  EXPECT_TRUE(table.waits(now));
  EXPECT_EQ(second.times, 0);
}

TEST_F(CallTableTest, TheEndOfAnActorEndsItsCallsOnly) {
  call_table table{10};
  told mine, others;
  for (int i = 0; i < 3; ++i) table.claim(actor_a, mine.receiver(), start);
  for (int i = 0; i < 2; ++i) table.claim(actor_b, others.receiver(), start);
  const error why{errc::actor_terminated, "gone"};

  table.end_all(actor_a, why);

  EXPECT_EQ(mine.times, 3);
  EXPECT_EQ(mine.why, &why);
  EXPECT_EQ(others.times, 0);
  EXPECT_EQ(table.waiting(), 2u);
}

TEST_F(CallTableTest, ACallGoesWithItsTarget) {
  call_table table{10};
  told t;
  const auto call = table.claim(actor_a, t.receiver(), start);
  const error why{errc::actor_terminated, "gone"};

  EXPECT_TRUE(table.retarget(call, actor_b));
  table.end_all(actor_a, why);
  EXPECT_EQ(t.times, 0);
  table.end_all(actor_b, why);
  EXPECT_EQ(t.times, 1);
}

TEST_F(CallTableTest, CountsHowLongACallTook) {
  call_table table{4};
  told t;

  table.end(table.claim(actor_a, t.receiver(), start), {}, sent_at + 1us);
  table.end(table.claim(actor_b, t.receiver(), start), {}, sent_at + 1001ns);
  table.end(table.claim(actor_a, t.receiver(), start), {}, sent_at + 61s);

  const auto seen = latency.snapshot();
  EXPECT_EQ(seen.counts.front(), 1u);
  EXPECT_EQ(seen.counts[1], 1u);
  EXPECT_EQ(seen.counts.back(), 1u);
  EXPECT_DOUBLE_EQ(seen.sum, 61.000002001);
}

TEST_F(CallTableTest, CountsACallHoweverItEnds) {
  call_table table{4};
  told t;
  const error why{errc::actor_terminated, "gone"};

  table.end(table.claim(actor_a, t.receiver(), start), {});
  EXPECT_EQ(counted(), 1u);
  table.cancel(table.claim(actor_a, t.receiver(), start));
  EXPECT_EQ(counted(), 2u);
  table.claim(actor_a, t.receiver(), start);
  table.end_all(actor_a, why);
  EXPECT_EQ(counted(), 3u);
}

TEST_F(CallTableTest, WhoIsToldFindsItCounted) {
  call_table table{4};
  struct looks {
    const CallTableTest& test;
    std::uint64_t counted = 0;
  } l{*this};
  const call_receiver counts{[](void* self, const call_end&) noexcept {
                               auto& it = *static_cast<looks*>(self);
                               it.counted = it.test.counted();
                             },
                             &l};

  table.end(table.claim(actor_a, counts, start), {});

  EXPECT_EQ(l.counted, 1u);
}

TEST_F(CallTableTest, ACallThatWasNotSentIsNotCounted) {
  call_table table{1};
  told t;

  EXPECT_TRUE(table.withdraw(table.claim(actor_a, t.receiver(), start)));

  EXPECT_EQ(counted(), 0u);
  EXPECT_EQ(t.times, 0);
  EXPECT_NE(table.claim(actor_a, t.receiver(), start), 0u);
}

TEST_F(CallTableTest, AReceiverMayBeToldWhileThePlaceIsTakenAgain) {
  call_table table{1};
  struct chain {
    call_table& table;
    const call_start& start;
    told next;
    std::uint64_t claimed = 0;
  } c{table, start, {}, 0};
  const call_receiver calls_again{[](void* self, const call_end&) noexcept {
                                    auto& it = *static_cast<chain*>(self);
                                    it.claimed =
                                        it.table.claim(actor_a, it.next.receiver(), it.start);
                                  },
                                  &c};
  const auto call = table.claim(actor_a, calls_again, start);

  table.end(call, {});

  EXPECT_NE(c.claimed, 0u);
}

TEST_F(CallTableTest, WhoeverEndsACallIsAlone) {
#if defined(__SANITIZE_THREAD__)
  constexpr int rounds = 2'000;
#else
  constexpr int rounds = 20'000;
#endif
  call_table table{4};
  const error why{errc::actor_terminated, "gone"};
  std::atomic<std::uint64_t> current{0};
  std::atomic<int> ended{0}, ready{0};
  std::atomic<bool> is_over{false};
  // One replies, one cancels, one ends all: exactly one of them has each call.
  const auto contend = [&](auto end) {
    std::uint64_t last = 0;
    while (!is_over) {
      const auto call = current.load();
      if (call == last) {
        std::this_thread::yield();
        continue;
      }
      last = call;
      ended += end(call);
      ++ready;
    }
  };
  told t;
  std::vector<std::jthread> threads;
  threads.emplace_back([&] { contend([&](auto call) { return table.end(call, {}); }); });
  threads.emplace_back([&] { contend([&](auto call) { return table.cancel(call); }); });
  threads.emplace_back([&] {
    contend([&](auto) {
      table.end_all(actor_a, why);
      return false;
    });
  });
  int cancelled_or_replied = 0;
  for (int i = 0; i < rounds; ++i) {
    ended = 0;
    ready = 0;
    const int told_before = t.times;
    current = table.claim(actor_a, t.receiver(), start);
    while (ready < 3) std::this_thread::yield();
    ASSERT_LE(ended, 1);
    ASSERT_LE(t.times - told_before, 1);
    ASSERT_EQ(table.waiting(), 0u);
    cancelled_or_replied += ended;
  }
  is_over = true;
  EXPECT_LE(cancelled_or_replied, rounds);
}

}  // namespace
}  // namespace kernd
