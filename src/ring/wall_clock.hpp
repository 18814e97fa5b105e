#pragma once

#include "kernd/ring/clock.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <limits>

namespace kernd {

/// The wall clock's time at a time of the steady clock that the caller has read anyway: a reading
/// of either costs as much as the rest of a stamp. Follows a step of the wall clock within
/// `most_stale`. Safe to call from any thread; never blocks.
template <class Steady = std::chrono::steady_clock, class WallClock = system_wall_clock>
class derived_wall_clock {
 public:
  static constexpr std::chrono::milliseconds most_stale{1};

  explicit derived_wall_clock(WallClock wall = {}) : wall_{wall} {}

  /// `now` is at most a little ago.
  std::chrono::sys_time<std::chrono::microseconds> at(typename Steady::time_point now) noexcept {
    const std::chrono::nanoseconds since = now.time_since_epoch();
    // relaxed: who meets the one number of another reading is off by what the clocks drift apart
    if (since.count() > good_until_.load(std::memory_order_relaxed)) read();
    const std::chrono::nanoseconds ahead{ahead_.load(std::memory_order_relaxed)};
    using wall_time = std::chrono::sys_time<std::chrono::nanoseconds>;
    return std::chrono::floor<std::chrono::microseconds>(wall_time{since + ahead});
  }

 private:
  void read() noexcept {
    const std::chrono::nanoseconds now = Steady::now().time_since_epoch();
    const std::chrono::nanoseconds wall = wall_().time_since_epoch();
    ahead_.store((wall - now).count(), std::memory_order_relaxed);
    good_until_.store((now + most_stale).count(), std::memory_order_relaxed);
  }

  std::atomic<std::int64_t> good_until_{std::numeric_limits<std::int64_t>::min()};  // steady, ns
  std::atomic<std::int64_t> ahead_{0};  // the wall clock, of the steady one, ns
  WallClock wall_;
};

}  // namespace kernd
