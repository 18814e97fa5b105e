#include "src/gpu/calibration.hpp"

#include "kernels/catalogue.hpp"
#include "kernels/core/axpy.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>

namespace kernd::gpu::test {
namespace {

using clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds cold_run{50};

void spin(clock::duration time) {
  const auto end = clock::now() + time;
  while (clock::now() < end) {
  }
}

/// A device on which only the smallest input can be run: its first `slow` runs are long.
struct CalibrationTest : ::testing::Test {
  CalibrationTest() { kernels::add_all(registry).value(); }

  std::vector<calibration_point> calibrate(int slow) {
    const auto run = [this, slow](const void* in, void*, arena&) {
      const std::size_t size = static_cast<const kernels::axpy::input*>(in)->x.size;
      if (size != smallest.value_or(size)) return false;
      smallest = size;
      if (runs++ < slow) spin(cold_run);
      return true;
    };
    return gpu::calibrate(*registry.find("core/axpy"), run, nullptr, stop);
  }

  kernel_registry registry;
  const std::atomic<bool> stop{false};
  std::optional<std::size_t> smallest;
  int runs = 0;
};

TEST_F(CalibrationTest, ALongFirstRunIsNotWhatCounts) {
  const auto points = calibrate(1);

  ASSERT_EQ(points.size(), 1u);
  EXPECT_LT(points[0].cuda_us, std::chrono::microseconds{cold_run}.count());
  EXPECT_EQ(runs, 3);
}

TEST_F(CalibrationTest, LongRunsAreNotRepeatedMoreThanOnce) {
  const auto points = calibrate(3);

  ASSERT_EQ(points.size(), 1u);
  EXPECT_GE(points[0].cuda_us, std::chrono::microseconds{cold_run}.count());
  EXPECT_EQ(runs, 2);
}

}  // namespace
}  // namespace kernd::gpu::test
