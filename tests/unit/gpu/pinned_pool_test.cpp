#include "kernd/gpu/pinned_pool.hpp"

#include "unit/gpu/fake_cuda.hpp"

#include <gtest/gtest.h>

#include <cstring>

namespace kernd::gpu::test {
namespace {

constexpr std::size_t piece = pinned_pool::piece_bytes;

struct PinnedPoolTest : ::testing::Test {
  fake_cuda cuda;
};

TEST_F(PinnedPoolTest, GivesMemoryThatCanBeWritten) {
  pinned_pool pool{cuda.module(), 2 * piece};
  std::byte* const block = pool.take(piece + 1);
  ASSERT_NE(block, nullptr);
  std::memset(block, 1, piece + 1);
  EXPECT_EQ(pool.used_bytes(), 2 * piece);
}

TEST_F(PinnedPoolTest, GivesNothingBeyondItsSize) {
  pinned_pool pool{cuda.module(), 2 * piece};
  EXPECT_EQ(pool.take(2 * piece + 1), nullptr);
  ASSERT_NE(pool.take(piece), nullptr);
  EXPECT_EQ(pool.take(piece + 1), nullptr);
  EXPECT_NE(pool.take(piece), nullptr);
  EXPECT_EQ(pool.take(1), nullptr);
}

TEST_F(PinnedPoolTest, GivesAgainWhatCameBack) {
  pinned_pool pool{cuda.module(), 3 * piece};
  std::byte* const first = pool.take(piece);
  std::byte* const second = pool.take(piece);
  ASSERT_NE(pool.take(piece), nullptr);
  pool.give_back(first, piece);
  EXPECT_EQ(pool.take(2 * piece), nullptr) << "the rest is taken";
  pool.give_back(second, piece);
  EXPECT_EQ(pool.take(2 * piece), first) << "neighbours are one again";
}

TEST_F(PinnedPoolTest, GivesNoTwoTheSameMemory) {
  pinned_pool pool{cuda.module(), 4 * piece};
  std::set<std::byte*> given;
  while (std::byte* const block = pool.take(1)) EXPECT_TRUE(given.insert(block).second);
  EXPECT_EQ(given.size(), 4u);
}

TEST_F(PinnedPoolTest, RoundsItsSizeUpToPieces) {
  const pinned_pool pool{cuda.module(), piece + 1};
  EXPECT_EQ(pool.size_bytes(), 2 * piece);
}

TEST_F(PinnedPoolTest, LocksItsMemoryAndLetsItGo) {
  {
    const pinned_pool pool{cuda.module(), piece};
    EXPECT_TRUE(cuda.is_locked());
  }
  EXPECT_FALSE(cuda.is_locked());
}

TEST_F(PinnedPoolTest, HasNoneWhenItIsNotWanted) {
  pinned_pool pool{cuda.module(), 0};
  EXPECT_EQ(pool.take(1), nullptr);
  EXPECT_EQ(cuda.calls("lock"), 0);
  EXPECT_EQ(pool.failure().message, "");
}

TEST_F(PinnedPoolTest, HasNoneWhenItCannotBeLocked) {
  cuda.fail("lock");
  pinned_pool pool{cuda.module(), piece};
  EXPECT_EQ(pool.take(1), nullptr);
  EXPECT_EQ(pool.size_bytes(), 0u);
  EXPECT_EQ(pool.failure().message, "lock failed");
}

TEST_F(PinnedPoolTest, HasNoneWhenTheSystemHasNone) {
  pinned_pool pool{cuda.module(), std::size_t{1} << 50};
  EXPECT_EQ(pool.take(1), nullptr);
  EXPECT_EQ(pool.failure().code, errc::memory_exhausted);
}

TEST_F(PinnedPoolTest, LocksAgainAfterAReset) {
  pinned_pool pool{cuda.module(), piece};
  EXPECT_TRUE(pool.lock_again());
  EXPECT_EQ(cuda.calls("lock"), 2);
  cuda.fail("lock");
  EXPECT_FALSE(pool.lock_again());
  EXPECT_NE(pool.take(piece), nullptr) << "it is there, only slower to copy";
}

}  // namespace
}  // namespace kernd::gpu::test
