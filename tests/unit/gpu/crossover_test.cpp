#include "kernd/gpu/crossover.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace kernd::gpu::test {
namespace {

using points = std::vector<calibration_point>;

TEST(CrossoverTest, IsZeroWhereTheDeviceAlwaysWins) {
  EXPECT_EQ(crossover_bytes(points{{100, 2, 1}, {1000, 20, 1}}), 0u);
}

TEST(CrossoverTest, IsNothingWhereTheCpuWinsAtTheLargestSize) {
  EXPECT_EQ(crossover_bytes(points{{100, 1, 2}, {1000, 10, 20}}), std::nullopt);
  EXPECT_EQ(crossover_bytes(points{{100, 2, 1}, {1000, 10, 20}}), std::nullopt);
}

TEST(CrossoverTest, IsNothingWhereNothingWasMeasured) {
  EXPECT_EQ(crossover_bytes({}), std::nullopt);
}

TEST(CrossoverTest, IsNothingWhereBothTakeAsLong) {
  EXPECT_EQ(crossover_bytes(points{{100, 1, 1}}), std::nullopt);
}

// cpu = bytes / 10 µs and cuda = 100 µs meet at 1,000 bytes.
TEST(CrossoverTest, IsWhereTheTwoPowersMeet) {
  const auto from = crossover_bytes(points{{10, 1, 100}, {100'000, 10'000, 100}});
  ASSERT_TRUE(from);
  EXPECT_NEAR(static_cast<double>(*from), 1000, 1);
}

// The device wins at 100, loses at 10,000 and wins for good at 1,000,000.
TEST(CrossoverTest, CountsOnlyWhatIsBeyondTheLastLoss) {
  const auto from = crossover_bytes(points{{100, 2, 1}, {10'000, 1, 10}, {1'000'000, 100, 10}});
  ASSERT_TRUE(from);
  EXPECT_NEAR(static_cast<double>(*from), 100'000, 100);
}

}  // namespace
}  // namespace kernd::gpu::test
