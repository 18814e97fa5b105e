#include "kernd/ring/clock.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <latch>
#include <thread>
#include <vector>

namespace kernd {
namespace {

using namespace std::chrono_literals;
using wall_time = std::chrono::sys_time<std::chrono::microseconds>;

constexpr wall_time noon = std::chrono::sys_days{std::chrono::year{2024} / 2 / 29} + 12h;

/// A wall clock that shows what it is set to.
struct set_wall_clock {
  std::atomic<wall_time>* shown;

  wall_time operator()() const noexcept { return shown->load(std::memory_order_relaxed); }
};

struct HybridClockTest : ::testing::Test {
  std::atomic<wall_time> wall{noon};
  hybrid_clock<set_wall_clock> clock{{.node = 5, .max_skew = 10ms}, {&wall}};
};

TEST(HybridStampTest, IsMicrosecondsThenALogicalCountThenTheNode) {
  const hybrid_stamp stamp{hybrid_stamp::at(noon).bits + (200 << 4) + 15};

  EXPECT_EQ(hybrid_stamp::at(noon).bits, std::uint64_t{131'371'200'000'000} << 12);
  EXPECT_EQ(stamp.time(), noon);
  EXPECT_EQ(stamp.logical(), 200u);
  EXPECT_EQ(stamp.node(), 15u);
}

TEST(HybridStampTest, TimesBefore2020CountAs2020) {
  EXPECT_EQ(hybrid_stamp::at(wall_time{0s}).bits, 0u);
}

TEST_F(HybridClockTest, ShowsTheWallClockAndItsNode) {
  const auto stamp = clock.now();

  EXPECT_EQ(stamp.time(), noon);
  EXPECT_EQ(stamp.logical(), 0u);
  EXPECT_EQ(stamp.node(), 5u);
}

TEST_F(HybridClockTest, TakesTheWallClocksTimeFromOneWhoHasReadIt) {
  EXPECT_EQ(clock.now(noon + 1s).time(), noon + 1s);
  EXPECT_EQ(clock.now().time(), noon + 1s) << "never back";
}

TEST_F(HybridClockTest, CountsWhileTheWallClockStands) {
  clock.now();

  EXPECT_EQ(clock.now().logical(), 1u);
  EXPECT_EQ(clock.now().logical(), 2u);
}

TEST_F(HybridClockTest, ALogicalOverflowCarriesIntoTheTime) {
  for (int i = 0; i < 256; ++i) clock.now();

  const auto stamp = clock.now();

  EXPECT_EQ(stamp.time(), noon + 1us);
  EXPECT_EQ(stamp.logical(), 0u);
  EXPECT_EQ(stamp.node(), 5u);
}

TEST_F(HybridClockTest, GoesOnWhenTheWallClockStepsBack) {
  const auto before = clock.now();
  wall = noon - 1h;

  const auto after = clock.now();

  EXPECT_GT(after, before);
  EXPECT_EQ(after.time(), noon);
}

TEST_F(HybridClockTest, StampsTakenTogetherAreNobodyElses) {
  const auto first = clock.take(3);
  const auto second = clock.next(first);
  const auto third = clock.next(second);

  EXPECT_LT(first, second);
  EXPECT_LT(second, third);
  EXPECT_EQ(third.node(), first.node());
  EXPECT_EQ(clock.now(), clock.next(third));
}

TEST_F(HybridClockTest, FollowsTheWallClockAgainOnceThatIsAhead) {
  for (int i = 0; i < 1000; ++i) clock.now();
  wall = noon + 1s;

  EXPECT_EQ(clock.now().time(), noon + 1s);
}

TEST_F(HybridClockTest, WhatFollowsAReceiptIsLaterThanTheSend) {
  for (unsigned remote_node : {0u, 4u, 5u, 6u, 15u}) {
    const hybrid_stamp remote{hybrid_stamp::at(noon + 5ms).bits + (255 << 4) + remote_node};

    const auto receipt = clock.update(remote);

    ASSERT_TRUE(receipt);
    EXPECT_GT(*receipt, remote);
    EXPECT_EQ(receipt->node(), 5u);
    EXPECT_GT(clock.now(), *receipt);
  }
}

TEST_F(HybridClockTest, AnOldRemoteStampChangesNothingButTheCount) {
  const auto before = clock.now();

  const auto receipt = clock.update(hybrid_stamp::at(noon - 1h));

  EXPECT_EQ(receipt->bits, before.bits + 16);
}

TEST_F(HybridClockTest, TheSkewLimitItselfIsAccepted) {
  EXPECT_TRUE(clock.update(hybrid_stamp::at(noon + 10ms)));
  EXPECT_EQ(clock.refused(), 0u);
}

TEST_F(HybridClockTest, ARemoteStampBeyondTheSkewLimitIsRefusedAndCounted) {
  EXPECT_FALSE(clock.update(hybrid_stamp::at(noon + 10ms + 1us)));
  EXPECT_FALSE(clock.update(hybrid_stamp{~std::uint64_t{0}}));

  EXPECT_EQ(clock.refused(), 2u);
  EXPECT_EQ(clock.now().time(), noon);
}

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr std::size_t num_stamps = 1'000'000;
#else
constexpr std::size_t num_stamps = 10'000'000;
#endif
constexpr std::size_t num_threads = 8;

using words = std::vector<std::uint64_t>;

/// One thread's share; some are receipts of its own last stamp.
template <class Clock>
words stamps_of(Clock& clock) {
  words stamps(num_stamps / num_threads);
  hybrid_stamp last;
  for (std::size_t i = 0; i < stamps.size(); ++i) {
    last = i % 16 == 15 ? *clock.update(last) : clock.now();
    stamps[i] = last.bits;
  }
  return stamps;
}

bool each_greater_than_the_last(const words& stamps) {
  return std::adjacent_find(stamps.begin(), stamps.end(), std::greater_equal<>{}) == stamps.end();
}

/// All of them in order; each of `sorted` is.
words merged(std::vector<words> sorted) {
  while (sorted.size() > 1) {
    words both(sorted[0].size() + sorted[1].size());
    std::merge(sorted[0].begin(), sorted[0].end(), sorted[1].begin(), sorted[1].end(),
               both.begin());
    sorted.erase(sorted.begin(), sorted.begin() + 2);
    sorted.push_back(std::move(both));
  }
  return std::move(sorted[0]);
}

TEST_F(HybridClockTest, StampsOfEightThreadsAreDistinctAndIncreaseThoughTheWallClockStepsBack) {
  hybrid_clock<set_wall_clock> shared{{.node = 3, .max_skew = 24h}, {&wall}};
  std::vector<words> stamps(num_threads);
  std::latch begin{num_threads};
  std::atomic<std::size_t> num_running{num_threads};
  std::vector<std::thread> threads;

  for (auto& mine : stamps) {
    threads.emplace_back([&] {
      begin.arrive_and_wait();
      mine = stamps_of(shared);
      num_running.fetch_sub(1);
    });
  }
  for (int step = 0; num_running.load() > 0; ++step) {
    wall = noon + (step % 3 == 2 ? -1h : step * 7us);
    std::this_thread::yield();
  }
  for (auto& thread : threads) thread.join();

  for (const auto& mine : stamps) EXPECT_TRUE(each_greater_than_the_last(mine));
  const auto all = merged(std::move(stamps));
  EXPECT_EQ(all.size(), num_stamps);
  EXPECT_TRUE(each_greater_than_the_last(all));
}

TEST(SystemWallClockTest, AClockOnItIncreases) {
  hybrid_clock clock;
  const auto first = clock.now();

  EXPECT_GT(clock.now(), first);
  EXPECT_GE(first.time(), hybrid_stamp::epoch + std::chrono::days{365});
}

}  // namespace
}  // namespace kernd
