#include "src/ring/crc32c.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

namespace kernd {
namespace {

TEST(Crc32cTest, OfTheNineDigitsIsThePublishedValue) {
  constexpr std::string_view digits = "123456789";

  EXPECT_EQ(crc32c(std::as_bytes(std::span{digits})), 0xE3069283u);
}

// RFC 3720, appendix B.4.
TEST(Crc32cTest, OfTheVectorsOfIscsiIsAsPublished) {
  std::array<std::byte, 32> bytes{};
  EXPECT_EQ(crc32c(bytes), 0x8A9136AAu);
  bytes.fill(std::byte{0xFF});
  EXPECT_EQ(crc32c(bytes), 0x62A8AB43u);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i);
  EXPECT_EQ(crc32c(bytes), 0x46DD794Eu);
  std::reverse(bytes.begin(), bytes.end());
  EXPECT_EQ(crc32c(bytes), 0x113FDB5Cu);
}

TEST(Crc32cTest, OfNothingIsZero) {
  EXPECT_EQ(crc32c({}), 0u);
}

TEST(Crc32cTest, EveryFlippedBitIsNoticed) {
  std::vector<std::byte> bytes(37, std::byte{0x5A});
  const auto whole = crc32c(bytes);
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    bytes[bit / 8] ^= static_cast<std::byte>(1u << bit % 8);
    EXPECT_NE(crc32c(bytes), whole);
    bytes[bit / 8] ^= static_cast<std::byte>(1u << bit % 8);
  }
}

}  // namespace
}  // namespace kernd
