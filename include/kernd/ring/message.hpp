#pragma once

#include "kernd/host_device.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace kernd {

/// What stands before the payload of every message, in memory and on the wire (little-endian). Host
/// and device read the same bytes. There is no padding, so equal headers are equal bytes.
struct alignas(64) message_header {
  /// Of the ring that the message is in: twice its position there, plus one. Set last, by the
  /// commit; whoever fills a header in a slot leaves it alone.
  std::uint64_t sequence;
  std::uint64_t message_id;   ///< A nonce of the process, 24 bits, then a counter of 40.
  std::uint64_t correlation;  ///< What a reply is matched by; 0: nobody waits for one.
  std::uint64_t timestamp;    ///< `hybrid_stamp::bits` of the send.
  std::uint64_t deadline;     ///< Likewise; 0: none.
  std::uint32_t type;         ///< `type_id` of the message's struct.
  std::uint32_t payload_bytes;
  std::uint32_t source;       ///< Actor; 0: none.
  std::uint32_t destination;  ///< Actor; 0: none.
  std::uint16_t flags;
  std::uint8_t priority;
  std::uint8_t hops;     ///< How often it was forwarded.
  std::uint32_t crc32c;  ///< Of the payload; 0 unless checksums are on.
};

static_assert(sizeof(message_header) == 64 && alignof(message_header) == 64);
static_assert(offsetof(message_header, sequence) == 0);
static_assert(offsetof(message_header, message_id) == 8);
static_assert(offsetof(message_header, correlation) == 16);
static_assert(offsetof(message_header, timestamp) == 24);
static_assert(offsetof(message_header, deadline) == 32);
static_assert(offsetof(message_header, type) == 40);
static_assert(offsetof(message_header, payload_bytes) == 44);
static_assert(offsetof(message_header, source) == 48);
static_assert(offsetof(message_header, destination) == 52);
static_assert(offsetof(message_header, flags) == 56);
static_assert(offsetof(message_header, priority) == 58);
static_assert(offsetof(message_header, hops) == 59);
static_assert(offsetof(message_header, crc32c) == 60);
static_assert(std::is_trivially_copyable_v<message_header>);
static_assert(std::is_standard_layout_v<message_header>);
static_assert(std::has_unique_object_representations_v<message_header>, "padding");

/// Slots, and the fields of a ring that different threads write, are kept this far apart: two cache
/// lines, which the prefetcher fetches together and which a device reads in one go.
inline constexpr std::size_t line_bytes = 128;

/// The least slot that holds a header and `payload_bytes`: a multiple of `line_bytes`.
KERND_HOST_DEVICE constexpr std::size_t slot_bytes_for(std::size_t payload_bytes) {
  return (sizeof(message_header) + payload_bytes + line_bytes - 1) / line_bytes * line_bytes;
}

/// All but the sequence number, which may be looked at meanwhile.
KERND_HOST_DEVICE inline void copy_fields(const message_header& from, message_header& to) {
  constexpr std::size_t skipped = sizeof from.sequence;
  std::memcpy(reinterpret_cast<std::byte*>(&to) + skipped,
              reinterpret_cast<const std::byte*>(&from) + skipped, sizeof from - skipped);
}

/// The payload behind a header that is in a slot.
KERND_HOST_DEVICE inline std::byte* payload_of(message_header* message) {
  return reinterpret_cast<std::byte*>(message + 1);
}
KERND_HOST_DEVICE inline const std::byte* payload_of(const message_header* message) {
  return reinterpret_cast<const std::byte*>(message + 1);
}

}  // namespace kernd
