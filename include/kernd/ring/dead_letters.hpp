#pragma once

#include "kernd/error.hpp"
#include "kernd/ring/message.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kernd {

/// Why a message could not be delivered.
enum class dead_letter_reason : std::uint8_t {
  expired,
  queue_full,
  actor_terminated,
  actor_not_found,
  unknown_message_type,
  max_hops_exceeded,
  handler_failed,
};
std::string_view name_of(dead_letter_reason r) noexcept;

struct dead_letter {
  std::uint64_t id = 0;  ///< Counts from 1.
  dead_letter_reason reason = dead_letter_reason::expired;
  std::string actor_id;  ///< To whom it was to go; empty when that is not known.
  message_header header{};
  std::vector<std::byte> payload;
  std::chrono::system_clock::time_point when;
};

/// Bounded: the oldest makes room, and is counted. Any thread.
class dead_letter_queue {
 public:
  explicit dead_letter_queue(std::size_t capacity) : capacity_{capacity} {}

  void add(dead_letter letter);
  /// Up to `max` with an id greater than `after`, oldest first.
  std::vector<dead_letter> list(std::uint64_t after, std::size_t max) const;
  /// Takes it out; nothing when there is none.
  std::optional<dead_letter> take(std::uint64_t id);
  /// As it was, under its id; for one that could not be delivered again.
  void put_back(dead_letter letter);

  std::size_t size() const;
  std::uint64_t added() const;    ///< Ever.
  std::uint64_t dropped() const;  ///< For want of room.

 private:
  mutable std::mutex mutex_;
  std::deque<dead_letter> letters_;  // by id
  std::uint64_t next_id_ = 1;
  std::uint64_t dropped_ = 0;
  const std::size_t capacity_;
};

}  // namespace kernd
