#include "kernd/gpu/pinned_pool.hpp"

#include "unit/gpu/fake_cuda.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <optional>
#include <set>

namespace kernd::gpu::test {
namespace {

constexpr std::size_t piece = pinned_pool::piece_bytes;

struct PinnedPoolTest : ::testing::Test {
  pinned_pool& lock(std::size_t bytes) {
    pool.emplace(bytes).lock(cuda.module(), 0).value();
    return *pool;
  }

  fake_cuda cuda;
  std::optional<pinned_pool> pool;
};

TEST_F(PinnedPoolTest, GivesMemoryThatCanBeWritten) {
  lock(2 * piece);
  std::byte* const block = pool->take(piece + 1);
  ASSERT_NE(block, nullptr);
  std::memset(block, 1, piece + 1);
  EXPECT_EQ(pool->used_bytes(), 2 * piece);
}

TEST_F(PinnedPoolTest, GivesNothingBeyondItsSize) {
  lock(2 * piece);
  EXPECT_EQ(pool->take(2 * piece + 1), nullptr);
  ASSERT_NE(pool->take(piece), nullptr);
  EXPECT_EQ(pool->take(piece + 1), nullptr);
  EXPECT_NE(pool->take(piece), nullptr);
  EXPECT_EQ(pool->take(1), nullptr);
}

TEST_F(PinnedPoolTest, GivesAgainWhatCameBack) {
  lock(3 * piece);
  std::byte* const first = pool->take(piece);
  std::byte* const second = pool->take(piece);
  ASSERT_NE(pool->take(piece), nullptr);
  pool->give_back(first, piece);
  EXPECT_EQ(pool->take(2 * piece), nullptr) << "the rest is taken";
  pool->give_back(second, piece);
  EXPECT_EQ(pool->take(2 * piece), first) << "neighbours are one again";
}

TEST_F(PinnedPoolTest, GivesNoTwoTheSameMemory) {
  lock(4 * piece);
  std::set<std::byte*> given;
  while (std::byte* const block = pool->take(1)) EXPECT_TRUE(given.insert(block).second);
  EXPECT_EQ(given.size(), 4u);
}

TEST_F(PinnedPoolTest, RoundsItsSizeUpToPieces) {
  EXPECT_EQ(lock(piece + 1).locked_bytes(), 2 * piece);
}

TEST_F(PinnedPoolTest, GivesNothingWhileItIsNotLocked) {
  pool.emplace(piece);
  EXPECT_EQ(pool->take(1), nullptr);
  EXPECT_EQ(pool->locked_bytes(), 0u);
  pool->lock(cuda.module(), 1).value();
  EXPECT_EQ(cuda.locked_by(), 1);
  EXPECT_NE(pool->take(1), nullptr);
  pool->unlock();
  EXPECT_EQ(cuda.locked_by(), -1);
  EXPECT_EQ(pool->take(1), nullptr);
}

TEST_F(PinnedPoolTest, LocksNothingWhenNothingIsWanted) {
  lock(0);
  EXPECT_EQ(pool->take(1), nullptr);
  EXPECT_EQ(cuda.calls("lock"), 0);
}

TEST_F(PinnedPoolTest, HasNoneWhenItCannotBeLocked) {
  cuda.fail("lock");
  pool.emplace(piece);
  EXPECT_EQ(pool->lock(cuda.module(), 0).error().message, "lock failed");
  EXPECT_EQ(pool->take(1), nullptr);
  EXPECT_EQ(pool->locked_bytes(), 0u);
}

TEST_F(PinnedPoolTest, HasNoneWhenTheSystemHasNone) {
  pool.emplace(std::size_t{1} << 47);  // all that a process can address
  EXPECT_EQ(pool->lock(cuda.module(), 0).error().code, errc::memory_exhausted);
  EXPECT_EQ(pool->take(1), nullptr);
}

TEST_F(PinnedPoolTest, KeepsWhatWasTakenWhenAResetLetsGoOfItsLock) {
  lock(2 * piece);
  std::byte* const block = pool->take(piece);
  std::memset(block, 1, piece);
  static_cast<void>(cuda.module().reset(0, nullptr));
  pool->forget_lock();
  EXPECT_EQ(block[piece - 1], std::byte{1});
  pool->lock(cuda.module(), 1).value();
  EXPECT_NE(pool->take(piece), block);
  pool->give_back(block, piece);
  EXPECT_EQ(pool->take(piece), block);
  EXPECT_EQ(cuda.calls("unlock"), 0);
}

}  // namespace
}  // namespace kernd::gpu::test
