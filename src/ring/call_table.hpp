#pragma once

#include "kernd/ring/actor.hpp"
#include "kernd/ring/shared_memory.hpp"
#include "src/ring/call_latency.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>

namespace kernd {

/// When a call was sent, and where to count how long it took.
struct call_start {
  std::chrono::steady_clock::time_point at;
  call_latency* latency;  ///< Outlives the call.
};

/// Calls that wait for their answer. Each has a place, claimed before its message is sent, and a
/// correlation, which is the place with how often it was taken. Whatever ends a call — a reply, its
/// caller, the end of an actor — takes it from `waiting` by one compare and swap, so exactly one
/// does, and counts how long it took before anybody is told.
///
/// Any thread; never blocks, but for when it grows.
class call_table {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  static constexpr std::size_t max_capacity = std::size_t{1} << 20;

  /// `capacity`, 1 to `max_capacity`, is how many wait at once.
  explicit call_table(std::size_t capacity);

  /// A call that waits for `target`. 0: as many wait as the table holds, or there is no memory.
  std::uint64_t claim(actor_number target, call_receiver receiver,
                      const call_start& start) noexcept;
  /// The call was not sent after all, so that nothing is counted. True: the receiver is not told
  /// any more.
  bool withdraw(std::uint64_t correlation) noexcept;
  /// True: the receiver is not told any more.
  bool cancel(std::uint64_t correlation) noexcept;
  /// Tells the receiver. False: the call was over.
  bool end(std::uint64_t correlation, const call_end& how,
           time_point now = std::chrono::steady_clock::now()) noexcept;
  bool waits(std::uint64_t correlation) const noexcept;
  /// It will be ended soon. `correlation`: 0, or one of this table.
  void prefetch(std::uint64_t correlation) const noexcept {
    if (correlation != 0) __builtin_prefetch(&at(correlation & (max_capacity - 1)), 1);
  }
  /// It is `target` from now on that must answer. False: the call is over.
  bool retarget(std::uint64_t correlation, actor_number target) noexcept;
  /// Ends every call that waits for `target`.
  void end_all(actor_number target, const error& why) noexcept;

  std::size_t waiting() const noexcept;
  std::size_t capacity() const noexcept { return capacity_; }

 private:
  // A place's word: state in bits 0 and 1, generation in 2 to 31, target above.
  enum state : std::uint64_t { free = 0, filling = 1, waiting_state = 2, ending = 3 };
  static constexpr unsigned index_bits = 20;
  static constexpr std::uint64_t low_word = 0xFFFF'FFFF;
  static constexpr std::size_t first_segment = 1024;

  struct alignas(64) place {
    std::atomic<std::uint64_t> word{0};
    call_receiver receiver;
    call_start start;
  };

  place& at(std::size_t index) const noexcept;
  std::uint64_t try_claim(std::size_t index, actor_number target, const call_receiver& r,
                          const call_start& start) noexcept;
  std::uint64_t probe(std::size_t count, std::size_t limit, actor_number target,
                      const call_receiver& r, const call_start& start) noexcept;
  bool grow(std::size_t limit) noexcept;
  /// From waiting to `to`, when the place still holds that call. Its word before; 0: it does not.
  std::uint64_t leave(place& p, std::uint64_t correlation, state to) noexcept;
  /// Of a call that is ending, whose word was `word`.
  static void count(const place& p, std::uint64_t word, time_point now) noexcept;
  static void release(place& p) noexcept;
  static void tell(place& p, const call_end& how) noexcept;

  const std::size_t capacity_;
  std::mutex growth_;
  std::atomic<std::size_t> limit_{0};                         // places that may be claimed
  std::array<std::unique_ptr<place[]>, 11> segments_;         // 1024, 1024, 2048, 4096, …
  alignas(line_bytes) std::atomic<std::uint32_t> cursor_{0};  // the callers'
};

}  // namespace kernd
