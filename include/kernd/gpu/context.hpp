#pragma once

#include "kernd/array.hpp"
#include "kernd/gpu/buffer.hpp"
#include "kernd/gpu/check.hpp"
#include "kernd/gpu/module.hpp"
#include "kernd/gpu/stream.hpp"

#include <cuda/stream_ref>
#include <cuda_runtime_api.h>

#include <cstddef>
#include <limits>
#include <new>

namespace kernd::gpu {

/// What a kernel's CUDA code may use while it runs: a stream, memory of its device, and the job's
/// memory on the host. Confined to the thread that made it.
class context {
 public:
  /// Freed memory that the device's pool keeps for the next job instead of giving it back.
  static constexpr std::size_t kept_bytes = std::size_t{512} << 20;

  /// Makes `device` the thread's current one. `memory` outlives it. Throws `cuda_error`.
  context(int device, const job_memory& memory);

  /// All work of the job goes there.
  [[nodiscard]] ::cuda::stream_ref stream() const noexcept { return stream_.ref(); }

  /// `count` uninitialised elements on the host that live until the job ends.
  template <class T>
  array<T> allocate(std::size_t count) {
    if (count > std::numeric_limits<std::size_t>::max() / sizeof(T)) throw std::bad_alloc{};
    void* const place = memory_.allocate(memory_.owner, count * sizeof(T));
    if (place == nullptr) throw std::bad_alloc{};
    return {static_cast<T*>(place), count};
  }

  /// A copy on the device, once the stream comes to it.
  template <class T>
  device_buffer<T> upload(array<T> from) {
    device_buffer<T> copy{from.size, stream()};
    transfer(copy.data(), from.data, copy.size_bytes(), cudaMemcpyHostToDevice);
    return copy;
  }

  /// A copy on the host, once the stream is synchronised: when the kernel has returned.
  template <class T>
  array<T> download(const device_buffer<T>& from) {
    const array<T> copy = allocate<T>(from.size());
    transfer(copy.data, from.data(), from.size_bytes(), cudaMemcpyDeviceToHost);
    return copy;
  }

  /// Blocks until the device is done with the job, whose memory is free afterwards.
  void finish() const { stream_.synchronize(); }

 private:
  void transfer(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind);

  class stream stream_;
  const job_memory& memory_;
};

}  // namespace kernd::gpu
