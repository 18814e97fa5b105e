#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace kernd {

/// CRC-32C (Castagnoli), as iSCSI and ext4 use it.
std::uint32_t crc32c(std::span<const std::byte> bytes) noexcept;

}  // namespace kernd
