#pragma once

#include <algorithm>
#include <atomic>
#include <cassert>
#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>

namespace kernd {

/// A moment of a hybrid logical clock (Kulkarni, Demirbas, Madappa, Avva and Leone, "Logical
/// physical clocks", OPODIS 2014), in one word: from the top, 52 bits of microseconds since 2020, 8
/// bits that count within one, 4 bits of the node. Ordered as the word is.
struct hybrid_stamp {
  static constexpr unsigned node_bits = 4;
  static constexpr unsigned logical_bits = 8;
  static constexpr std::chrono::sys_days epoch{std::chrono::year{2020} / 1 / 1};

  std::uint64_t bits = 0;  ///< 0: none.

  /// The first stamp of any node in the microsecond of `time`, which is from 2020 to 2162; earlier
  /// times count as 2020.
  static constexpr hybrid_stamp at(std::chrono::sys_time<std::chrono::microseconds> time) noexcept {
    const auto since = std::max<std::int64_t>((time - epoch).count(), 0);
    return {static_cast<std::uint64_t>(since) << (logical_bits + node_bits)};
  }

  /// The wall clock's share of it; ahead of the wall clock after more than 2⁸ stamps in a
  /// microsecond.
  constexpr std::chrono::sys_time<std::chrono::microseconds> time() const noexcept {
    return epoch + std::chrono::microseconds{bits >> (logical_bits + node_bits)};
  }
  constexpr unsigned logical() const noexcept { return bits >> node_bits & 0xFF; }
  constexpr unsigned node() const noexcept { return bits & 0xF; }

  constexpr auto operator<=>(const hybrid_stamp&) const noexcept = default;
};

/// The system's time, which may step in either direction.
struct system_wall_clock {
  std::chrono::sys_time<std::chrono::microseconds> operator()() const noexcept {
    return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
  }
};

struct hybrid_clock_options {
  unsigned node = 0;  ///< 0 to 15; of the clocks that exchange stamps, each has its own.
  std::chrono::microseconds max_skew = std::chrono::minutes{1};  ///< Ahead of our wall clock.
};

/// Gives out stamps, all distinct, each greater than any that was given out or received before,
/// whatever the wall clock does. Safe to call from any thread; never blocks.
template <class WallClock = system_wall_clock>
class hybrid_clock {
 public:
  explicit hybrid_clock(const hybrid_clock_options& options = {}, WallClock wall = {})
      : node_{options.node}, max_skew_{options.max_skew}, wall_{wall} {
    assert(options.node <= node_mask);
  }

  /// A new stamp.
  hybrid_stamp now() noexcept { return advance_beyond(0, hybrid_stamp::at(wall_()), 1); }

  /// A new stamp, for one who has read the wall clock.
  hybrid_stamp now(std::chrono::sys_time<std::chrono::microseconds> wall) noexcept {
    return advance_beyond(0, hybrid_stamp::at(wall), 1);
  }

  /// The first of `count` new stamps; each of the others is `next` of the one before. For one who
  /// needs several and does not want to take turns with others for each.
  hybrid_stamp take(unsigned count) noexcept {
    return advance_beyond(0, hybrid_stamp::at(wall_()), count);
  }
  static hybrid_stamp next(hybrid_stamp stamp) noexcept { return {stamp.bits + logical_one}; }

  /// A new stamp for the receipt of what another clock stamped `remote`; greater than that.
  /// Nothing, and the clock stays as it is, when `remote` is further ahead of our wall clock than
  /// `max_skew`: one clock that is wrong must not carry the others away.
  std::optional<hybrid_stamp> update(hybrid_stamp remote) noexcept {
    const auto wall = wall_();
    if (remote.time() - wall > max_skew_) {
      refused_.fetch_add(1, std::memory_order_relaxed);
      return std::nullopt;
    }
    return advance_beyond(remote.bits, hybrid_stamp::at(wall), 1);
  }

  /// Remote stamps that were too far ahead.
  std::uint64_t refused() const noexcept { return refused_.load(std::memory_order_relaxed); }

 private:
  static constexpr std::uint64_t node_mask = (1u << hybrid_stamp::node_bits) - 1;
  static constexpr std::uint64_t logical_one = node_mask + 1;  // its overflow carries into the time

  hybrid_stamp advance_beyond(std::uint64_t floor, hybrid_stamp wall, unsigned count) noexcept {
    // relaxed: one word, whose values only grow; it hands over nothing else
    auto last = last_.load(std::memory_order_relaxed);
    std::uint64_t next;
    do {
      const auto beyond = (std::max(last, floor) & ~node_mask) + logical_one;
      next = std::max(beyond, wall.bits) | node_;
    } while (!last_.compare_exchange_weak(last, next + (count - 1) * logical_one,
                                          std::memory_order_relaxed));
    return {next};
  }

  std::atomic<std::uint64_t> last_{0};
  std::atomic<std::uint64_t> refused_{0};
  const std::uint64_t node_;
  const std::chrono::microseconds max_skew_;
  WallClock wall_;
};

}  // namespace kernd
