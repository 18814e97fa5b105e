#include "kernd/parallel.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <barrier>
#include <mutex>
#include <numeric>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

namespace kernd {
namespace {

using range = std::pair<std::size_t, std::size_t>;

std::vector<range> ranges_of(std::size_t count, std::size_t grain) {
  std::mutex mutex;
  std::vector<range> ranges;
  parallel_for(count, grain, [&](std::size_t first, std::size_t last) {
    const std::lock_guard lock{mutex};
    ranges.emplace_back(first, last);
  });
  std::ranges::sort(ranges);
  return ranges;
}

TEST(ParallelTest, RunsNothingForNothing) {
  EXPECT_TRUE(ranges_of(0, 4).empty());
}

TEST(ParallelTest, RunsTheOnlyRangeOnTheCallersThread) {
  std::thread::id ran;

  parallel_for(4, 4, [&](std::size_t, std::size_t) { ran = std::this_thread::get_id(); });

  EXPECT_EQ(ran, std::this_thread::get_id());
}

TEST(ParallelTest, CutsAtMultiplesOfTheGrain) {
  EXPECT_EQ(ranges_of(10, 4), (std::vector<range>{{0, 4}, {4, 8}, {8, 10}}));
  EXPECT_EQ(ranges_of(8, 4), (std::vector<range>{{0, 4}, {4, 8}}));
}

TEST(ParallelTest, ShowsTheCallerWhatEveryRangeWrote) {
  std::vector<std::size_t> squares(100'000);

  parallel_for(squares.size(), 100, [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) squares[i] = i * i;
  });

  for (std::size_t i = 0; i < squares.size(); ++i) ASSERT_EQ(squares[i], i * i);
}

TEST(ParallelTest, ThrowsToTheCallerWhatARangeThrew) {
  const auto run = [] {
    parallel_for(100, 1, [](std::size_t first, std::size_t) {
      if (first == 42) throw std::runtime_error("range 42");
    });
  };

  EXPECT_THROW(run(), std::runtime_error);
}

TEST(ParallelTest, ServesSeveralCallersAtOnce) {
  constexpr std::size_t callers = 4, count = 10'000;
  std::barrier together{callers};
  std::vector<std::size_t> sums(callers);
  {
    std::vector<std::jthread> threads;
    for (std::size_t c = 0; c < callers; ++c) {
      threads.emplace_back([&, c] {
        std::atomic<std::size_t> sum{0};
        together.arrive_and_wait();
        parallel_for(count, 10, [&](std::size_t first, std::size_t last) {
          for (std::size_t i = first; i < last; ++i) sum += i;
        });
        sums[c] = sum;
      });
    }
  }

  for (const std::size_t sum : sums) EXPECT_EQ(sum, count * (count - 1) / 2);
}

}  // namespace
}  // namespace kernd
