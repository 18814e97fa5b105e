#pragma once

#include "kernd/gpu/check.hpp"

#include <cuda/stream_ref>
#include <cuda_runtime_api.h>

#include <cstddef>
#include <limits>
#include <memory>
#include <new>
#include <type_traits>

namespace kernd::gpu {

/// `size()` uninitialised elements of device memory, allocated and freed in the order of one
/// stream, which outlives the buffer. Move-only; a moved-from buffer may only be destroyed or
/// assigned.
template <class T>
requires std::is_trivially_copyable_v<T>
class device_buffer {
 public:
  /// `count` is in elements, not bytes. From the pool of the current device. Throws `cuda_error`.
  device_buffer(std::size_t count, ::cuda::stream_ref stream)
      : data_{allocate(count, stream), release{stream}}, size_{count} {}

  [[nodiscard]] T* data() const noexcept {
    return data_.get();
  }  ///< Device pointer; null if empty.
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::size_t size_bytes() const noexcept { return size_ * sizeof(T); }

 private:
  struct release {
    ::cuda::stream_ref stream;
    void operator()(T* p) const noexcept {
      log_if_failed(cudaFreeAsync(p, stream.get()), "cudaFreeAsync");
    }
  };

  static T* allocate(std::size_t count, ::cuda::stream_ref stream) {
    if (count == 0) return nullptr;
    if (count > std::numeric_limits<std::size_t>::max() / sizeof(T)) throw std::bad_alloc{};
    void* made = nullptr;
    check(cudaMallocAsync(&made, count * sizeof(T), stream.get()), "cudaMallocAsync");
    return static_cast<T*>(made);
  }

  std::unique_ptr<T, release> data_;
  std::size_t size_;
};

}  // namespace kernd::gpu
