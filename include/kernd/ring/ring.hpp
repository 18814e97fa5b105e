#pragma once

#include "kernd/ring/message.hpp"
#include "kernd/ring/shared_memory.hpp"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory_resource>
#include <span>
#include <vector>

namespace kernd {

enum class push_status : std::uint8_t {
  pushed,
  full,    ///< The message is still its owner's.
  closed,  ///< Likewise, and so it will be.
};

enum class producers : std::uint8_t { one, many };

struct ring_options {
  std::size_t capacity = 1024;     ///< Messages; rounded up to a power of two.
  std::size_t payload_bytes = 64;  ///< What fits into a slot; rounded up to whole lines.
  std::pmr::memory_resource* memory = std::pmr::new_delete_resource();  ///< Of the slots.
  std::uint64_t start = 0;  ///< Position of the first message, below 2⁶³.
};

/// A slot that a producer fills and commits.
struct reservation {
  push_status status;       ///< `pushed`: `message` is there, to be filled and committed.
  std::uint64_t position;   ///< The ring's.
  message_header* message;  ///< Fill it with `copy_fields` or by field, and the payload behind it.

  explicit operator bool() const noexcept { return message != nullptr; }
};

/// A bounded queue of messages that are written and read where they lie. Never blocks and allocates
/// only at construction.
///
/// A slot's sequence number publishes what is in it, so the consumer looks at one line only
/// (D. Vyukov, bounded MPMC queue, 1024cores.net). Slots come back through the consumer's
/// position, of which producers keep a copy that they renew when the ring looks full to them
/// (Lee, Bu and Chandranmenon, "A lock-free, cache-efficient shared ring buffer", ANCS 2009). So a
/// slot is written by producers alone, and each position by one side.
///
/// Positions go up in twos and wrap around at 2⁶⁴. What they leave free, the lowest bit, is set in
/// a published sequence number, which thus is that of no empty slot, and in the producers' position
/// once the ring is closed, so that claiming a slot and closing exclude each other.
///
/// One thread consumes; with `producers::one`, one thread produces. What any thread may call says
/// so.
template <producers Producers, class Memory = shared_memory>
class ring {
 public:
  explicit ring(const ring_options& options)
      : slot_bytes_{slot_bytes_for(options.payload_bytes)},
        mask_{std::bit_ceil(std::max<std::size_t>(options.capacity, 1)) - 1},
        start_{options.start * step},
        lines_(capacity() * slot_bytes_ / line_bytes, options.memory) {
    tail_ = known_head_ = head_ = start_;
  }
  ring(const ring&) = delete;
  ring& operator=(const ring&) = delete;

  /// A producer's. With several of them, what is behind a reservation waits for its commit, so each
  /// must be committed, and soon. With one, a reservation that is dropped never was.
  [[nodiscard]] reservation reserve() noexcept {
    if constexpr (Producers == producers::one) {
      return reserve_alone();
    } else {
      return reserve_among_many();
    }
  }

  /// A producer's: publishes its reservation. The header says how much of the payload counts.
  void commit(const reservation& r) noexcept {
    assert(r && r.message->payload_bytes <= payload_capacity());
    if constexpr (Producers == producers::one) {
      // relaxed: for statistics, and before the sequence number so that no position passes it
      Memory::store(tail_, r.position + step, std::memory_order_relaxed);
    }
    // release: whoever sees the number sees the message
    Memory::store(r.message->sequence, r.position | 1, std::memory_order_release);
  }

  /// A producer's: copies a message into the ring. `payload` has the header's `payload_bytes`,
  /// which fit into a slot.
  push_status try_push(const message_header& header, std::span<const std::byte> payload) noexcept {
    const reservation r = reserve();
    if (r) {
      copy(header, payload, *r.message);
      commit(r);
    }
    return r.status;
  }

  /// The consumer's: the message `ahead` of the oldest, or null; it stays until released.
  [[nodiscard]] const message_header* peek(std::size_t ahead = 0) const noexcept {
    const auto position = Memory::load(head_, std::memory_order_relaxed) + ahead * step;
    const message_header* const message = slot(position);
    // acquire: pairs with the commit
    const auto sequence = Memory::load(message->sequence, std::memory_order_acquire);
    return sequence == (position | 1) ? message : nullptr;
  }

  /// The consumer's: gives the oldest `count` slots back, all of which it has peeked at.
  void release(std::size_t count = 1) noexcept {
    const auto position = Memory::load(head_, std::memory_order_relaxed) + count * step;
    // release: a producer that sees it may overwrite what this thread has read
    Memory::store(head_, position, std::memory_order_release);
  }

  /// The consumer's: `handle(const message_header&)` for up to `max` messages, whose slots are
  /// given back together. Returns how many there were.
  template <class Handle>
  std::size_t pop(std::size_t max, Handle&& handle) {
    std::size_t count = 0;
    while (count < max) {
      const message_header* const message = peek(count);
      if (!message) break;
      handle(*message);
      ++count;
    }
    if (count > 0) release(count);
    return count;
  }

  /// Any thread: refuses what is not reserved yet; what is in the ring stays. With one producer,
  /// a push that it makes meanwhile may still go in, unless it is the one that closes.
  void close() noexcept {
    if constexpr (Producers == producers::one) {
      // release: who sees it also sees the position of what the producer itself pushed before
      Memory::store(closed_, closed_mark, std::memory_order_release);
    } else {
      Memory::fetch_or(tail_, std::uint64_t{1}, std::memory_order_relaxed);
    }
  }
  /// Any thread.
  [[nodiscard]] bool closed() const noexcept {
    if constexpr (Producers == producers::one) {
      return Memory::load(closed_, std::memory_order_acquire) == closed_mark;
    } else {
      return (Memory::load(tail_, std::memory_order_relaxed) & 1) != 0;
    }
  }
  /// The consumer's: closed, and nothing that was pushed or reserved is left.
  [[nodiscard]] bool drained() const noexcept { return closed() && pushed() == popped(); }

  /// Of the statistics, any thread. What was reserved counts as pushed.
  [[nodiscard]] std::uint64_t pushed() const noexcept {
    return (Memory::load(tail_, std::memory_order_relaxed) - start_) / step;
  }
  [[nodiscard]] std::uint64_t popped() const noexcept {
    // acquire: whoever reads `pushed` next finds at least as many
    return (Memory::load(head_, std::memory_order_acquire) - start_) / step;
  }
  [[nodiscard]] std::size_t size() const noexcept {
    const auto gone = popped();
    return std::min<std::size_t>(pushed() - gone, capacity());
  }
  [[nodiscard]] std::size_t capacity() const noexcept { return mask_ + 1; }
  [[nodiscard]] std::size_t payload_capacity() const noexcept {
    return slot_bytes_ - sizeof(message_header);
  }

 private:
  struct alignas(line_bytes) line {
    std::byte bytes[line_bytes];
  };
  static constexpr std::uint64_t step = 2;
  static constexpr std::uint64_t closed_mark = 1;

  reservation reserve_alone() noexcept {
    const bool is_closed = Memory::load(closed_, std::memory_order_relaxed) == closed_mark;
    if (is_closed) return refused(push_status::closed);
    const auto position = Memory::load(tail_, std::memory_order_relaxed);
    if (is_full(position, known_head_)) {
      // acquire: pairs with the release of the slot that will be overwritten
      known_head_ = Memory::load(head_, std::memory_order_acquire);
      if (is_full(position, known_head_)) return refused(push_status::full);
    }
    return {push_status::pushed, position, slot(position)};
  }

  reservation reserve_among_many() noexcept {
    auto position = Memory::load(tail_, std::memory_order_relaxed);
    do {
      if (position & 1) return refused(push_status::closed);
      // acquire and release: who reads another producer's copy is after the consumer, as that is
      if (is_full(position, Memory::load(known_head_, std::memory_order_acquire))) {
        const auto head = Memory::load(head_, std::memory_order_acquire);
        if (is_full(position, head)) return refused(push_status::full);
        Memory::store(known_head_, head, std::memory_order_release);
      }
      // relaxed: hands over nothing but the number
    } while (
        !Memory::compare_exchange(tail_, position, position + step, std::memory_order_relaxed));
    return {push_status::pushed, position, slot(position)};
  }

  static reservation refused(push_status why) noexcept { return {why, 0, nullptr}; }

  /// Signed, since a producer's `position` may be older than `head`.
  bool is_full(std::uint64_t position, std::uint64_t head) const noexcept {
    return static_cast<std::int64_t>(position - head) >=
           static_cast<std::int64_t>(capacity() * step);
  }

  message_header* slot(std::uint64_t position) const noexcept {
    const std::size_t index = (position / step) & mask_;
    auto* const bytes = reinterpret_cast<const std::byte*>(lines_.data()) + index * slot_bytes_;
    return reinterpret_cast<message_header*>(const_cast<std::byte*>(bytes));
  }

  void copy(const message_header& from, std::span<const std::byte> payload,
            message_header& to) const noexcept {
    assert(payload.size() == from.payload_bytes && payload.size() <= payload_capacity());
    copy_fields(from, to);
    if (!payload.empty()) std::memcpy(payload_of(&to), payload.data(), payload.size());
  }

  // read by all, written at most once
  const std::size_t slot_bytes_;
  const std::size_t mask_;
  const std::uint64_t start_;
  std::pmr::vector<line> lines_;
  std::uint64_t closed_ = 0;  // with one producer
  // the producers' line
  alignas(line_bytes) std::uint64_t tail_;
  std::uint64_t known_head_;
  // the consumer's
  alignas(line_bytes) std::uint64_t head_;
};

/// From one thread to one other.
using spsc_ring = ring<producers::one>;
/// From any threads to one.
using mpsc_ring = ring<producers::many>;

}  // namespace kernd
