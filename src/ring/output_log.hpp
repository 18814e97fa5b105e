#pragma once

#include "kernd/ring/actor.hpp"
#include "kernd/ring/event_count.hpp"
#include "kernd/ring/ring.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

namespace kernd {

/// What an actor says to whoever listens, kept until a reader gives it back. The actor's turn
/// writes; any thread reads.
class output_log {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  using reader = std::function<void(std::uint64_t position, const message_view&)>;

  output_log(std::size_t capacity, std::size_t payload_bytes);

  // The actor's.
  /// False: there is no room.
  bool try_put(const message_header& header, std::span<const std::byte> payload) noexcept;
  /// Tells those who wait that something was put.
  void announce() noexcept;
  /// The actor waits for room: true once, to the first reader that makes some.
  void want_room() noexcept { is_wanted_.exchange(true, std::memory_order_acq_rel); }
  /// The actor waits for room, and there is none. Any thread.
  bool holds_back() const noexcept {
    return is_wanted_.load(std::memory_order_acquire) && depth() == ring_.capacity();
  }
  /// Nothing will be put any more.
  void end() noexcept;

  // Any thread. `took`: room was made that the actor waits for.
  std::size_t read(std::uint64_t acknowledged, std::uint64_t after, std::size_t max,
                   const reader& read, bool& took);
  /// False: there was nothing until then, or will be nothing.
  bool receive(const std::function<void(const message_view&)>& fill, time_point until, bool& took);
  bool try_receive(const std::function<void(const message_view&)>& fill, bool& took);
  std::pair<std::uint64_t, std::uint64_t> range() const noexcept;
  std::uint64_t notify(std::uint64_t after, std::function<void()> ready);
  void cancel_notify(std::uint64_t id);
  /// False when it has not ended by then.
  bool wait_for_end(time_point until);
  bool has_ended() const noexcept { return has_ended_.load(std::memory_order_acquire); }

  std::size_t depth() const noexcept { return ring_.size(); }
  std::uint64_t put() const noexcept { return ring_.pushed(); }
  [[nodiscard]] std::size_t ring_bytes() const noexcept {
    return ring_.capacity() * (ring_.payload_capacity() + sizeof(message_header));
  }

 private:
  struct watcher {
    std::uint64_t id;
    std::uint64_t after;
    std::function<void()> ready;
  };

  void give_back(std::size_t count, bool& took) noexcept;
  bool is_ready(std::uint64_t after) const noexcept;

  spsc_ring ring_;
  event_count<> changed_;  // something was put, or the end has come
  std::atomic<bool> is_wanted_{false};
  std::atomic<bool> has_ended_{false};
  std::atomic<bool> has_watchers_{false};
  std::mutex read_mutex_;  // the consumer's side of the ring
  std::mutex watchers_mutex_;
  std::vector<watcher> watchers_;  // guarded by it, as is the next
  std::uint64_t next_watcher_ = 1;
};

}  // namespace kernd
