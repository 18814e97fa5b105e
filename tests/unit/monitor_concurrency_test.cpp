// Readers beside writers: what they see belongs together, whichever thread is interrupted where.

#include "kernd/monitor.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <latch>
#include <string>
#include <thread>
#include <vector>

namespace kernd {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t writers = 2;
constexpr int reads = 50'000;

/// Lets `write(worker, i)` run on every worker, again and again, while this thread reads. Returns
/// how many writes there were; then `read` has run after the last of them.
template <class Write, class Read>
std::uint64_t beside(Write write, Read read) {
  std::latch begin{writers + 1};
  std::atomic<bool> enough{false};
  std::atomic<std::uint64_t> written{0};
  std::vector<std::thread> threads;
  for (std::size_t w = 0; w < writers; ++w) {
    threads.emplace_back([&, w] {
      begin.arrive_and_wait();
      std::uint64_t i = 0;
      while (!enough.load(std::memory_order_relaxed)) write(w, ++i);
      written.fetch_add(i, std::memory_order_relaxed);
    });
  }
  begin.arrive_and_wait();
  for (int r = 0; r < reads; ++r) read();
  enough.store(true, std::memory_order_relaxed);
  for (auto& thread : threads) thread.join();
  read();
  return written.load(std::memory_order_relaxed);
}

TEST(ExecutionSlotConcurrencyTest, AReaderSeesWholeUpdates) {
  // Update i writes values that follow from i alone.
  std::array<execution_slot, writers> slots;
  std::size_t torn = 0;

  const auto written =
      beside([&](std::size_t w, std::uint64_t i) { slots[w].record(i * 1000, i * 8); },
             [&] {
               for (const auto& slot : slots) {
                 const auto seen = slot.read();
                 const auto i = seen.executions;
                 const bool is_whole = seen.last_ns == i * 8 && seen.start_ns == i * 1000 &&
                                       seen.max_ns == i * 8 && seen.min_ns == (i == 0 ? 0 : 8) &&
                                       seen.previous_start_ns == (i == 0 ? 0 : (i - 1) * 1000);
                 torn += is_whole ? 0 : 1;
               }
             });

  EXPECT_EQ(torn, 0u);
  EXPECT_EQ(slots[0].read().executions + slots[1].read().executions, written);
}

TEST(MonitorConcurrencyTest, SnapshotsHoldTogetherAndOnlyGrow) {
  execution_monitor monitor{{"core/a"}, writers};
  std::uint64_t highest = 0;
  std::size_t wrong = 0;

  const auto written = beside(
      [&](std::size_t w, std::uint64_t i) {
        const execution_monitor::clock::time_point start{i * 1us};
        monitor.record(w, 0, start, std::chrono::nanoseconds{100 + i * 7919 % 1000});
      },
      [&] {
        const auto t = monitor.snapshot(0).timing;
        if (t.executions < highest) ++wrong;
        if (t.executions > 0 && (t.min < 100ns || t.max > 1099ns)) ++wrong;
        if (t.min > t.ewma || t.ewma > t.max || t.min > t.last || t.last > t.max) ++wrong;
        highest = t.executions;
      });

  EXPECT_EQ(wrong, 0u);
  EXPECT_EQ(highest, written);
}

TEST(MonitorConcurrencyTest, AFailureIsNeverSeenByHalves) {
  execution_monitor monitor{{"core/a"}, writers};
  const std::string texts[] = {std::string(100, 'a'), std::string(70, 'b')};
  std::size_t wrong = 0;
  std::uint64_t highest = 0;

  const auto written =
      beside([&](std::size_t w,
                 std::uint64_t i) { monitor.fail(w, 0, errc::execution_failed, texts[i % 2]); },
             [&] {
               const auto seen = monitor.snapshot(0);
               monitor.clear(0);
               if (seen.errors < highest) ++wrong;
               highest = seen.errors;
               if (!seen.failure) return;
               const auto& message = seen.failure->message;
               if (message != texts[0] && message != texts[1]) ++wrong;
             });

  EXPECT_EQ(wrong, 0u);
  EXPECT_EQ(highest, written);
}

TEST(MonitorConcurrencyTest, AFailureAfterTheLastClearStands) {
  execution_monitor monitor{{"core/a"}, writers};

  beside([&](std::size_t w, std::uint64_t) { monitor.fail(w, 0, errc::execution_failed, "x"); },
         [&] { monitor.clear(0); });
  EXPECT_EQ(monitor.snapshot(0).state, task_state::unknown);

  monitor.fail(1, 0, errc::execution_failed, "the last");
  ASSERT_TRUE(monitor.snapshot(0).failure);
  EXPECT_EQ(monitor.snapshot(0).failure->message, "the last");
}

}  // namespace
}  // namespace kernd
