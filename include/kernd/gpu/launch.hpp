#pragma once

#include <algorithm>
#include <cstddef>

namespace kernd::gpu {

/// Threads of a block, for kernels whose threads have little to do with each other.
inline constexpr unsigned block_size = 256;

/// Blocks for `count` elements, one per thread, or several where they are more than fill a device:
/// then a thread takes every element that is a grid's width from its last.
inline unsigned blocks_for(std::size_t count) {
  constexpr std::size_t most = 8192;  // some for each multiprocessor of any device
  return static_cast<unsigned>(std::min((count + block_size - 1) / block_size, most));
}

}  // namespace kernd::gpu
