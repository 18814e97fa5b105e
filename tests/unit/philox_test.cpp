#include "kernd/philox.hpp"

#include <gtest/gtest.h>

namespace kernd {
namespace {

using words = philox::words;

constexpr std::uint64_t key(std::uint32_t low, std::uint32_t high) {
  return std::uint64_t{high} << 32 | low;
}

// The known answers of Random123, the authors' library.
static_assert(philox{0}({0, 0, 0, 0}) == words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
static_assert(philox{
                  key(0xffffffff, 0xffffffff)}({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}) ==
              words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
static_assert(philox{
                  key(0xa4093822, 0x299f31d0)}({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}) ==
              words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});

TEST(PhiloxTest, GivesTheKnownAnswersAtRunTimeToo) {
  philox random{0};
  random.key = {0xa4093822, 0x299f31d0};

  EXPECT_EQ(random({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}),
            (words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(PhiloxTest, UniformNumbersReachZeroButNotOne) {
  EXPECT_EQ(philox::uniform(0, 0), 0);
  EXPECT_EQ(philox::uniform(0x80000000, 0), 0.5);
  EXPECT_EQ(philox::uniform(0xffffffff, 0xffffffff), 1 - 0x1p-53);
}

}  // namespace
}  // namespace kernd
