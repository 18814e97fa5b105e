#pragma once

#include "kernd/ring/event_count.hpp"
#include "kernd/ring/outbox.hpp"
#include "kernd/ring/ring.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace kernd {

/// An actor that waits for room in another's mailbox.
class room_waiter {
 public:
  virtual ~room_waiter() = default;
  /// There may be room. Any thread, which holds no lock.
  virtual void wake() noexcept = 0;
};

/// The messages to one actor, in one ring, taken by priority and, among equals, in order.
///
/// While all have the usual priority they are handled as they lie. Once one differs, the consumer
/// looks at all that have arrived and takes the highest first; slots still come back in order, so a
/// low one at the head holds the slots behind it. It is taken at the latest when it holds half of
/// them: none starves, and the mailbox never fills behind one message.
class mailbox {
 public:
  using time_point = shared_memory::clock::time_point;

  /// `may_wait`: whether `reserve` is ever told to wait.
  mailbox(std::size_t capacity, std::size_t payload_bytes, message_priority usual,
          bool may_wait = false);
  ~mailbox();

  // Any thread.
  [[nodiscard]] reservation reserve() noexcept { return ring_.reserve(); }
  /// `full` when there was no room until `until`.
  [[nodiscard]] reservation reserve(time_point until) noexcept;
  void commit(const reservation& r) noexcept;
  void close() noexcept;
  /// Has `waiter` woken once, when there may be room. Who calls it looks for room afterwards.
  void call_when_room(std::shared_ptr<room_waiter> waiter);

  // The consumer's.
  /// The message to handle now, or null when there is none. It stays until `done`.
  [[nodiscard]] const message_header* next() noexcept;
  /// What is likely to be next after that, when it is there already.
  [[nodiscard]] const message_header* peek_next() const noexcept {
    return by_priority_ ? nullptr : ring_.peek(handled_ + 1);
  }
  /// The one that `next` gave has been handled.
  void done() noexcept;
  /// Gives back the slots of what has been handled, which otherwise happens every few messages.
  void flush() noexcept;
  /// Closed, and nothing that was pushed or reserved is left.
  [[nodiscard]] bool drained() noexcept {
    flush();
    return ring_.drained();
  }

  // Statistics; any thread.
  [[nodiscard]] std::uint64_t pushed() const noexcept { return ring_.pushed(); }
  [[nodiscard]] std::size_t depth() const noexcept;
  [[nodiscard]] std::size_t capacity() const noexcept { return ring_.capacity(); }
  [[nodiscard]] std::size_t ring_bytes() const noexcept {
    return capacity() * (ring_.payload_capacity() + sizeof(message_header));
  }

 private:
  struct lanes;

  const message_header* next_by_priority() noexcept;
  void done_by_priority() noexcept;
  void begin_priorities();
  void release(std::size_t count) noexcept;

  mpsc_ring ring_;
  const std::unique_ptr<event_count<>> room_;  // when senders may wait
  const std::uint8_t usual_;
  std::atomic<bool> is_mixed_{false};  // another priority than the usual has come
  std::atomic<bool> has_waiters_{false};
  std::mutex waiters_mutex_;
  std::vector<std::shared_ptr<room_waiter>> waiters_;  // guarded by it
  // the consumer's
  alignas(line_bytes) std::size_t handled_ = 0;  // at the head, not released
  const std::size_t batch_;
  bool by_priority_ = false;
  std::atomic<std::uint64_t> taken_{0};  // ever
  std::unique_ptr<lanes> lanes_;         // made when it is first needed
};

}  // namespace kernd
