#include "kernd/arena.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <limits>
#include <string>

namespace kernd {
namespace {

bool is_aligned(const void* at) {
  return reinterpret_cast<std::uintptr_t>(at) % arena::alignment == 0;
}

TEST(ArenaTest, AlignsEverything) {
  arena memory{1 << 24};
  for (const std::size_t bytes : {1u, 63u, 64u, 65u, 70'000u, 1u, 2'000'000u, 3u}) {
    void* const at = memory.allocate_bytes(bytes);
    EXPECT_TRUE(is_aligned(at)) << bytes;
    std::memset(at, 0x5A, bytes);
  }
}

TEST(ArenaTest, NeverReturnsNull) {
  arena memory{0};
  EXPECT_NE(memory.allocate_bytes(0), nullptr);
  EXPECT_NE(memory.allocate<double>(0).data, nullptr);
}

TEST(ArenaTest, HandsOutMemoryThatDoesNotOverlap) {
  arena memory{1 << 24};
  std::vector<array<std::uint32_t>> pieces;
  for (std::uint32_t i = 0; i < 300; ++i) {
    pieces.push_back(memory.allocate<std::uint32_t>(i * 37 % 9'000));
    std::fill(pieces.back().begin(), pieces.back().end(), i);
  }
  for (std::uint32_t i = 0; i < pieces.size(); ++i) {
    for (const std::uint32_t held : pieces[i]) ASSERT_EQ(held, i);
  }
}

TEST(ArenaTest, GivesUpToItsLimit) {
  arena memory{4096};
  memory.allocate_bytes(4032);
  memory.allocate_bytes(64);

  EXPECT_EQ(memory.used_bytes(), 4096u);
  EXPECT_THROW(memory.allocate_bytes(1), memory_limit_error);
  EXPECT_EQ(memory.used_bytes(), 4096u);
}

TEST(ArenaTest, NamesItsLimitWhenItIsReached) {
  arena memory{100};
  try {
    memory.allocate_bytes(101);
    FAIL();
  } catch (const memory_limit_error& e) {
    EXPECT_EQ(e.limit_bytes(), 100u);
    EXPECT_STREQ(e.what(), "memory limit of the job exceeded");
  }
}

TEST(ArenaTest, CountsWhatIsHeldElsewhere) {
  arena memory{100};
  memory.charge(60);

  EXPECT_THROW(memory.charge(41), memory_limit_error);
  memory.charge(40);
  EXPECT_EQ(memory.used_bytes(), 100u);
  EXPECT_THROW(memory.charge(std::numeric_limits<std::size_t>::max()), memory_limit_error);
}

TEST(ArenaTest, RefusesCountsThatOverflow) {
  constexpr auto largest = std::numeric_limits<std::size_t>::max();
  arena memory{largest};
  EXPECT_THROW(memory.allocate<double>(largest / 8 + 1), memory_limit_error);
  EXPECT_THROW(memory.allocate_bytes(largest), memory_limit_error);
  EXPECT_THROW(memory.allocate_bytes(largest - 62), memory_limit_error);
}

TEST(ArenaTest, StartsAnewAfterReset) {
  arena memory{4096};
  memory.allocate_bytes(4096);
  memory.reset(1 << 22);

  EXPECT_EQ(memory.used_bytes(), 0u);
  EXPECT_EQ(memory.limit_bytes(), std::size_t{1} << 22);
  void* const first = memory.allocate_bytes(64);
  std::memset(memory.allocate_bytes(3 << 20), 1, 3 << 20);
  memory.reset(1 << 22);
  EXPECT_EQ(memory.allocate_bytes(64), first);  // the small block was kept
}

TEST(ArenaTest, TakesBackWhatIsFreedElsewhere) {
  arena memory{100};
  memory.charge(60);

  memory.discharge(60);

  EXPECT_EQ(memory.used_bytes(), 0u);
  memory.charge(100);
}

/// What an arena of `limit` hands out in pieces of `piece` until it refuses.
std::size_t filled(arena& memory, std::size_t piece) {
  std::size_t sum = 0;
  try {
    for (;;) {
      std::memset(memory.allocate_bytes(piece), 1, piece);
      sum += piece;
    }
  } catch (const memory_limit_error&) {
    return sum;
  }
}

TEST(ArenaTest, CountsWholeBlocks) {
  arena memory{1 << 24};
  memory.allocate_bytes(1);

  EXPECT_EQ(memory.used_bytes(), 64u * 1024);
  memory.allocate_bytes(64 * 1024 - 64);
  EXPECT_EQ(memory.used_bytes(), 64u * 1024);
  memory.allocate_bytes(1);
  EXPECT_EQ(memory.used_bytes(), 128u * 1024);
}

TEST(ArenaTest, CountsWhatABlockLeavesUnused) {
  // Five pieces fit into a mebibyte, and an eighth of it stays empty.
  constexpr std::size_t piece = 180 * 1024;
  constexpr std::size_t limit = 16 << 20;
  arena memory{limit};

  const std::size_t handed_out = filled(memory, piece);

  EXPECT_LE(memory.used_bytes(), limit);
  EXPECT_LT(handed_out, memory.used_bytes());
  EXPECT_GT(handed_out, memory.used_bytes() * 3 / 4);
}

TEST(ArenaTest, UsesItsLimitToTheEnd) {
  for (const std::size_t piece : {64u, 4096u, 300u * 1024, 2u << 20}) {
    arena memory{8 << 20};
    EXPECT_GE(filled(memory, piece) + piece, 8u << 20) << piece;
    EXPECT_LE(memory.used_bytes(), 8u << 20) << piece;
  }
}

TEST(ArenaTest, LeavesASmallJobRoomForItsOutput) {
  arena memory{1 << 20};
  for (int i = 0; i < 300; ++i) memory.allocate_bytes(1024);

  EXPECT_LE(memory.used_bytes(), 600u * 1024);
}

TEST(ArenaTest, KeepsFillingABlockAfterAHugePiece) {
  arena memory{1 << 24};
  auto* const before = static_cast<char*>(memory.allocate_bytes(64));
  memory.allocate_bytes(2 << 20);

  EXPECT_EQ(static_cast<char*>(memory.allocate_bytes(64)), before + 64);
}

constexpr std::size_t mebibyte = std::size_t{1} << 20;

TEST(ArenaTest, HandsTheLargeBlocksOfOneJobToTheNext) {
  arena memory{64 * mebibyte};
  void* const first = memory.allocate_bytes(10 * mebibyte);
  memory.reset(64 * mebibyte);

  EXPECT_EQ(memory.used_bytes(), 0u);
  EXPECT_EQ(memory.kept_bytes(), 10 * mebibyte);
  EXPECT_EQ(memory.allocate_bytes(10 * mebibyte), first);
  EXPECT_EQ(memory.used_bytes(), 10 * mebibyte);
  EXPECT_EQ(memory.kept_bytes(), 0u);
}

TEST(ArenaTest, UsesAKeptBlockForAPieceThatIsAboutAsLarge) {
  arena memory{64 * mebibyte};
  void* const first = memory.allocate_bytes(10 * mebibyte - 1000);
  memory.reset(64 * mebibyte);

  EXPECT_EQ(memory.allocate_bytes(9 * mebibyte + 64), first);
  EXPECT_EQ(memory.used_bytes(), 10 * mebibyte);
}

TEST(ArenaTest, KeepsItsBlocksWhileSmallJobsPass) {
  arena memory{64 * mebibyte};
  void* const first = memory.allocate_bytes(8 * mebibyte);
  memory.reset(64 * mebibyte);
  memory.allocate_bytes(3 * mebibyte);
  memory.reset(64 * mebibyte);

  EXPECT_EQ(memory.allocate_bytes(8 * mebibyte), first);
}

TEST(ArenaTest, NeverHoldsMoreThanItsLimitWithWhatItKeeps) {
  arena memory{24 * mebibyte};
  memory.allocate_bytes(8 * mebibyte);
  memory.allocate_bytes(10 * mebibyte);
  memory.reset(24 * mebibyte);

  memory.allocate_bytes(12 * mebibyte);  // fits no kept block

  EXPECT_EQ(memory.used_bytes(), 12 * mebibyte);
  EXPECT_LE(memory.kept_bytes(), 12 * mebibyte);
  EXPECT_GE(memory.kept_bytes(), 8 * mebibyte);
}

TEST(ArenaTest, KeepsNoMoreThanItMay) {
  arena memory{4 * arena::kept_limit_bytes};
  memory.allocate_bytes(arena::kept_limit_bytes);
  memory.allocate_bytes(mebibyte * 8);
  memory.reset(4 * arena::kept_limit_bytes);

  EXPECT_EQ(memory.kept_bytes(), arena::kept_limit_bytes);
}

TEST(ArenaTest, ForgetsWhatItKeepsUnderASmallerLimitOrWhenAsked) {
  arena memory{32 * mebibyte};
  memory.allocate_bytes(8 * mebibyte);
  memory.reset(32 * mebibyte);
  memory.reset(4 * mebibyte);
  EXPECT_EQ(memory.kept_bytes(), 0u);

  memory.reset(32 * mebibyte);
  memory.allocate_bytes(8 * mebibyte);
  memory.reset(32 * mebibyte);
  memory.release_kept();
  EXPECT_EQ(memory.kept_bytes(), 0u);
}

TEST(ArenaTest, GivesALargePieceWhatIsLeftOfItsLimit) {
  arena memory{9 * mebibyte + 64};

  memory.allocate_bytes(8 * mebibyte + 64);  // whose size would be 9 MiB, or more

  EXPECT_THROW(memory.allocate_bytes(2 * mebibyte), memory_limit_error);
  EXPECT_LE(memory.used_bytes(), 9 * mebibyte + 64);
}

TEST(ArenaTest, RewindsToWhereItWas) {
  for (const std::size_t before : {0u, 100u, 1'000'000u}) {
    arena memory{8 * mebibyte};
    if (before > 0) std::memset(memory.allocate_bytes(before), 1, before);
    const auto used = memory.used_bytes();
    const auto mark = memory.mark();
    void* const first = memory.allocate_bytes(100);
    memory.allocate_bytes(5 * mebibyte);
    memory.charge(mebibyte);

    memory.rewind(mark);

    EXPECT_EQ(memory.used_bytes(), used);
    if (before == 100) {
      EXPECT_EQ(memory.allocate_bytes(100), first);
    }
    EXPECT_NE(memory.allocate_bytes(6 * mebibyte), nullptr) << "there is room once more";
  }
}

/// Lends one block of 4 MiB at a time and remembers who asked.
struct lender final : memory_source {
  std::byte* take(std::size_t bytes) noexcept override {
    ++asked;
    if (is_lent || bytes > block.size()) return nullptr;
    is_lent = true;
    return block.data();
  }
  void give_back(std::byte* returned, std::size_t bytes) noexcept override {
    EXPECT_EQ(returned, block.data());
    EXPECT_LE(bytes, block.size());
    is_lent = false;
  }

  std::vector<std::byte> block = std::vector<std::byte>(4 * mebibyte);
  bool is_lent = false;
  int asked = 0;
};

TEST(ArenaTest, TakesItsBlocksFromItsSourceFirst) {
  lender source;
  arena memory{16 * mebibyte, &source};
  EXPECT_EQ(memory.allocate_bytes(4 * mebibyte), source.block.data());
  EXPECT_NE(memory.allocate_bytes(4 * mebibyte), nullptr)
      << "the system has some when that has not";
  EXPECT_EQ(source.asked, 2);
}

TEST(ArenaTest, GivesLargeBlocksBackToTheirSourceWhenTheJobEnds) {
  lender source;
  arena memory{16 * mebibyte, &source};
  memory.allocate_bytes(4 * mebibyte);
  memory.reset(16 * mebibyte);
  EXPECT_FALSE(source.is_lent);
  EXPECT_EQ(memory.kept_bytes(), 0u) << "it keeps the system's only";
}

TEST(ArenaTest, GivesTheFirstBlockBackToItsSourceWhenTheJobEnds) {
  lender source;
  arena memory{16 * mebibyte, &source};
  memory.allocate_bytes(1);
  EXPECT_TRUE(source.is_lent);
  memory.reset(16 * mebibyte);
  EXPECT_FALSE(source.is_lent);
}

TEST(ArenaTest, TakesFromItsSourceRatherThanWhatItHasKept) {
  lender source;
  arena memory{16 * mebibyte, &source};
  source.is_lent = true;  // to another
  memory.allocate_bytes(4 * mebibyte);
  memory.reset(16 * mebibyte);
  EXPECT_EQ(memory.kept_bytes(), 4 * mebibyte);
  source.is_lent = false;
  EXPECT_EQ(memory.allocate_bytes(4 * mebibyte), source.block.data());
}

TEST(ArenaTest, GivesItsSourceEverythingBackAtItsEnd) {
  lender source;
  {
    arena memory{16 * mebibyte, &source};
    memory.allocate_bytes(1);
    EXPECT_TRUE(source.is_lent);
  }
  EXPECT_FALSE(source.is_lent);
}

}  // namespace
}  // namespace kernd
