#pragma once

#include "kernd/host_device.hpp"

#include <chrono>
#include <cstdint>

namespace kernd {

/// Nanoseconds of a clock that never goes back: on the host since it started, on a device since
/// that did. Only the difference of two on the same one says something.
KERND_HOST_DEVICE inline std::uint64_t monotonic_ns() noexcept {
#ifdef __CUDA_ARCH__
  std::uint64_t now;
  asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(now));
  return now;
#else
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
#endif
}

}  // namespace kernd
