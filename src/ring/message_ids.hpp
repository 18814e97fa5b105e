#pragma once

#include <atomic>
#include <cstdint>
#include <random>

namespace kernd {

/// Message ids: 24 bits that differ from one process to the next, then a counter. Any thread.
class message_ids {
 public:
  message_ids() : nonce_{std::uint64_t{std::random_device{}() & 0xFF'FFFF} << 40} {}

  std::uint64_t next() noexcept { return take(1); }
  /// The first of `count`.
  std::uint64_t take(std::uint64_t count) noexcept {
    return nonce_ | (counter_.fetch_add(count, std::memory_order_relaxed) & 0xFF'FFFF'FFFF);
  }

 private:
  const std::uint64_t nonce_;
  std::atomic<std::uint64_t> counter_{1};
};

}  // namespace kernd
