#pragma once

#include "kernd/ring/message.hpp"
#include "kernd/ring/shared_memory.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>

namespace kernd {

/// Lets threads sleep until a condition that lock-free code makes true; no wake-up is missed, and
/// announcing costs no system call while nobody sleeps (after D. Vyukov's eventcount, on a futex).
///
/// Both sides do a read-modify-write of one word, so one of them comes first: either the announcer
/// finds the sleeper's mark and wakes it, or the sleeper, which looks again after it has set the
/// mark, is after the announcer and finds the condition true. No fence is needed.
template <class Memory = shared_memory>
class alignas(line_bytes) event_count {
 public:
  using deadline = shared_memory::clock::time_point;

  /// About 10 µs of pauses: what a sleep and a wake-up cost together.
  static constexpr std::uint32_t default_spins = 256;

  /// `most_spins`: how often a thread looks again before it sleeps, after a wait that was short.
  explicit event_count(std::uint32_t most_spins = default_spins) noexcept
      : most_spins_{most_spins}, spins_{most_spins} {}
  event_count(const event_count&) = delete;
  event_count& operator=(const event_count&) = delete;

  /// Any thread, after it has made a condition true.
  void notify() noexcept {
    // release: to a sleeper whose mark comes later
    const auto seen = Memory::fetch_add(word_, 0u, std::memory_order_release);
    if (seen & marked) wake(seen);
  }

  /// Any thread: returns true as soon as `ready()` has, false when it has not by `until`. `ready`
  /// is called by this thread alone, at least once, and never after it has returned true.
  template <class Ready>
  bool await(Ready&& ready, deadline until) {
    if (ready()) return true;
    const auto spins = Memory::load(spins_, std::memory_order_relaxed);
    for (std::uint32_t i = 0; i < spins; ++i) {
      Memory::pause();
      if (ready()) return true;
    }
    const auto began = Memory::now();
    const bool is_ready = sleep(ready, until);
    // Waits come in kinds: where the last was short, spinning would have been cheaper.
    const bool was_short = is_ready && Memory::now() - began < short_wait;
    Memory::store(spins_, was_short ? most_spins_ : spins / 2, std::memory_order_relaxed);
    return is_ready;
  }

 private:
  static constexpr std::uint32_t marked = 1;
  static constexpr std::chrono::microseconds short_wait{50};  // most of it the wake-up's own

  template <class Ready>
  bool sleep(Ready& ready, deadline until) {
    for (;;) {
      // acquire: from who announced before, and found no mark
      const auto key = Memory::fetch_or(word_, marked, std::memory_order_acquire) | marked;
      // The mark stays when there is nothing to wait for: it may be another sleeper's too.
      if (ready()) return true;
      if (!Memory::wait(word_, key, until)) return ready();
    }
  }

  /// Adding one to a marked word takes the mark away and makes it a new word to those who are about
  /// to sleep on the old one. Who fails because another has done it leaves the waking to that.
  void wake(std::uint32_t seen) noexcept {
    while (seen & marked) {
      // relaxed: `notify` has released, and who reads this word reads a continuation of that
      if (Memory::compare_exchange(word_, seen, seen + 1, std::memory_order_relaxed)) {
        return Memory::wake_all(word_);
      }
    }
  }

  std::uint32_t word_ = 0;  // how often sleepers were woken, times two; plus the mark
  const std::uint32_t most_spins_;
  std::uint32_t spins_;  // a guess, so any thread's will do
};

}  // namespace kernd
