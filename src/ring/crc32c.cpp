#include "src/ring/crc32c.hpp"

#include <array>
#include <cstring>

namespace kernd {
namespace {

constexpr std::uint32_t polynomial = 0x82F63B78;  // reflected

constexpr std::uint32_t shifted(std::uint32_t crc) {
  for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? polynomial : 0);
  return crc;
}

/// `tables[k][b]`: what byte `b` leaves behind when `k` more bytes have passed.
using slices = std::array<std::array<std::uint32_t, 256>, 8>;

constexpr slices make_tables() {
  slices made{};
  for (std::uint32_t b = 0; b < 256; ++b) made[0][b] = shifted(b);
  for (std::size_t k = 1; k < made.size(); ++k) {
    for (std::uint32_t b = 0; b < 256; ++b) {
      const auto before = made[k - 1][b];
      made[k][b] = before >> 8 ^ made[0][before & 0xFF];
    }
  }
  return made;
}
constexpr slices tables = make_tables();

}  // namespace

// Eight bytes a step ("slicing-by-8", Kounavis and Berry, ISCC 2005): no instruction set is asked
// for, and it is off unless checksums are on.
std::uint32_t crc32c(std::span<const std::byte> bytes) noexcept {
  std::uint32_t crc = ~0u;
  while (bytes.size() >= 8) {
    std::uint64_t word;
    std::memcpy(&word, bytes.data(), sizeof word);
    word ^= crc;
    crc = 0;
    for (std::size_t k = 0; k < 8; ++k) crc ^= tables[7 - k][word >> 8 * k & 0xFF];
    bytes = bytes.subspan(8);
  }
  for (const std::byte b : bytes) {
    crc = crc >> 8 ^ tables[0][(crc ^ std::to_integer<std::uint32_t>(b)) & 0xFF];
  }
  return ~crc;
}

}  // namespace kernd
