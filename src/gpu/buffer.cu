#include "kernd/gpu/buffer.hpp"

#include "src/gpu/device.hpp"

#include <string>

namespace kernd::gpu {

void* device_heap::take(std::size_t bytes, ::cuda::stream_ref stream) {
  // The comparison does not overflow: what is held is real memory.
  if (bytes > most_bytes_ - held_bytes_) {
    const std::size_t growth = bytes - (most_bytes_ - held_bytes_);
    if (!terms_.reserve(terms_.owner, growth)) {
      throw cuda_error{"the job may not have " + std::to_string(growth) + " more bytes of the " +
                           "device beside the " + std::to_string(most_bytes_) + " it has had",
                       true};
    }
    most_bytes_ += growth;
  }
  void* taken = nullptr;
  check(cudaMallocAsync(&taken, bytes, stream.get()), "cudaMallocAsync");
  held_bytes_ += bytes;
  return taken;
}

void device_heap::give_back(void* taken, std::size_t bytes, ::cuda::stream_ref stream) noexcept {
  const cudaError_t freed = cudaFreeAsync(taken, stream.get());
  log_if_failed(freed, "cudaFreeAsync");
  if (freed != cudaSuccess) leave_behind(taken);
  held_bytes_ -= bytes;
}

}  // namespace kernd::gpu
