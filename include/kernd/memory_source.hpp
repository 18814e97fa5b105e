#pragma once

#include <cstddef>

namespace kernd {

/// Where arenas look for blocks before they ask the system, such as memory that a device reads
/// without detour. Any thread.
class memory_source {
 public:
  /// Uninitialised memory, aligned as `arena` hands it out; null when there is not enough left.
  virtual std::byte* take(std::size_t bytes) noexcept = 0;
  /// What `take` returned for so many bytes.
  virtual void give_back(std::byte* block, std::size_t bytes) noexcept = 0;

 protected:
  ~memory_source() = default;
};

}  // namespace kernd
