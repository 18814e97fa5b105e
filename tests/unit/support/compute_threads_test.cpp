#include "tests/support/compute_threads.hpp"

#include "kernd/parallel.hpp"
#include "tests/support/patience.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

namespace kernd::test {
namespace {

/// How many threads run ranges at the same time; each waits for `wanted` of them to be there.
std::size_t threads_that_meet(std::size_t wanted) {
  std::mutex mutex;
  std::condition_variable arrived;
  std::set<std::thread::id> threads;
  parallel_for(4 * wanted, 1, [&](std::size_t, std::size_t) {
    std::unique_lock lock{mutex};
    threads.insert(std::this_thread::get_id());
    arrived.notify_all();
    arrived.wait_for(lock, patience, [&] { return threads.size() >= wanted; });
  });
  return threads.size();
}

TEST(ComputeThreadsTest, AreAsManyAsAskedForWhateverTheMachineHas) {
  for (const int count : {1, 2, 3, 8}) {
    std::size_t met = 0;

    with_compute_threads(count, [&] { met = threads_that_meet(static_cast<std::size_t>(count)); });

    EXPECT_EQ(met, static_cast<std::size_t>(count));
  }
}

}  // namespace
}  // namespace kernd::test
