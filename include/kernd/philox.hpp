#pragma once

#include <array>
#include <cstdint>

namespace kernd {

/// Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3",
/// SC 2011): four random words for each of 2¹²⁸ counters, in any order and on any machine.
struct philox {
  using words = std::array<std::uint32_t, 4>;

  std::array<std::uint32_t, 2> key;

  constexpr explicit philox(std::uint64_t seed)
      : key{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)} {}

  constexpr words operator()(words counter) const {
    std::uint32_t key0 = key[0], key1 = key[1];
    for (int round = 0; round < 10; ++round) {
      const std::uint64_t a = std::uint64_t{0xD2511F53} * counter[0];
      const std::uint64_t b = std::uint64_t{0xCD9E8D57} * counter[2];
      counter = {
          static_cast<std::uint32_t>(b >> 32) ^ counter[1] ^ key0, static_cast<std::uint32_t>(b),
          static_cast<std::uint32_t>(a >> 32) ^ counter[3] ^ key1, static_cast<std::uint32_t>(a)};
      key0 += 0x9E3779B9;  // the golden ratio and √3 − 1
      key1 += 0xBB67AE85;
    }
    return counter;
  }

  /// From [0, 1), in steps of 2⁻⁵³.
  static constexpr double uniform(std::uint32_t high, std::uint32_t low) {
    return static_cast<double>((std::uint64_t{high} << 32 | low) >> 11) * 0x1p-53;
  }
};

}  // namespace kernd
