#pragma once

#include "kernd/ring/event_count.hpp"
#include "kernd/ring/ring.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace kernd {

/// A ring whose ends can wait for each other: they spin a little, then sleep. Who may call what is
/// as for `ring`.
template <producers Producers, class Memory = shared_memory>
class blocking_ring {
 public:
  using deadline = typename event_count<Memory>::deadline;

  explicit blocking_ring(const ring_options& options,
                         std::uint32_t most_spins = event_count<Memory>::default_spins)
      : ring_{options}, not_empty_{most_spins}, not_full_{most_spins} {}

  /// A producer's: `full` when there is no slot at once.
  [[nodiscard]] reservation reserve() noexcept { return ring_.reserve(); }
  /// A producer's: `full` when there was no slot until `until`.
  [[nodiscard]] reservation reserve(deadline until) noexcept {
    reservation r;
    not_full_.await([&] { return (r = ring_.reserve()).status != push_status::full; }, until);
    return r;
  }
  void commit(const reservation& r) noexcept {
    ring_.commit(r);
    not_empty_.notify();
  }

  push_status try_push(const message_header& header, std::span<const std::byte> payload) noexcept {
    const auto status = ring_.try_push(header, payload);
    if (status == push_status::pushed) not_empty_.notify();
    return status;
  }
  push_status push(const message_header& header, std::span<const std::byte> payload,
                   deadline until) noexcept {
    auto status = push_status::full;
    not_full_.await([&] { return (status = ring_.try_push(header, payload)) != push_status::full; },
                    until);
    if (status == push_status::pushed) not_empty_.notify();
    return status;
  }

  /// The consumer's: the oldest message, or null when there is none at once.
  [[nodiscard]] const message_header* peek() const noexcept { return ring_.peek(); }
  /// The consumer's: null when there was none until `until`, or the ring is closed and empty.
  [[nodiscard]] const message_header* peek(deadline until) noexcept {
    const message_header* message = nullptr;
    not_empty_.await([&] { return (message = ring_.peek()) || ring_.drained(); }, until);
    return message;
  }
  void release(std::size_t count = 1) noexcept {
    ring_.release(count);
    not_full_.notify();
  }
  template <class Handle>
  std::size_t pop(std::size_t max, Handle&& handle) {
    const auto count = ring_.pop(max, handle);
    if (count > 0) not_full_.notify();
    return count;
  }

  /// Any thread: ends every wait that has nothing left to wait for.
  void close() noexcept {
    ring_.close();
    not_empty_.notify();
    not_full_.notify();
  }

  /// Positions and state; the ends are this object's.
  [[nodiscard]] const ring<Producers, Memory>& state() const noexcept { return ring_; }

 private:
  ring<Producers, Memory> ring_;
  event_count<Memory> not_empty_;
  event_count<Memory> not_full_;
};

}  // namespace kernd
