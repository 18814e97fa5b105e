#pragma once

#include <atomic>
#include <cstdint>

namespace kernd {

/// Counts what one thread at a time counts and any may read.
inline void count(std::atomic<std::uint64_t>& counter) noexcept {
  counter.store(counter.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

/// Likewise.
inline void take_back(std::atomic<std::uint64_t>& counter) noexcept {
  counter.store(counter.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
}

}  // namespace kernd
