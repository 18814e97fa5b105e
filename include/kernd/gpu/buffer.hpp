#pragma once

#include "kernd/gpu/check.hpp"
#include "kernd/gpu/module.hpp"

#include <cuda/stream_ref>
#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <type_traits>

namespace kernd::gpu {

/// The device memory of one job: taken from the pool of the current device in the order of a
/// stream, and asked of the daemon before it is taken. Confined to the thread that runs the job.
class device_heap {
 public:
  /// A job that holds nothing yet; `terms` outlives it.
  explicit device_heap(const job_terms& terms) : terms_{terms} {}
  device_heap(const device_heap&) = delete;
  device_heap& operator=(const device_heap&) = delete;

  /// Throws `cuda_error`, out of memory, also when the job may not have so much.
  void* take(std::size_t bytes, ::cuda::stream_ref stream);
  void give_back(void* taken, std::size_t bytes, ::cuda::stream_ref stream) noexcept;

  /// The most that the job held at a time.
  [[nodiscard]] std::uint64_t most_bytes() const noexcept { return most_bytes_; }

 private:
  const job_terms& terms_;
  std::uint64_t held_bytes_ = 0;
  std::uint64_t most_bytes_ = 0;
};

/// `size()` uninitialised elements of device memory, taken and given back in the order of one
/// stream, which outlives the buffer, as its heap does. Move-only; a moved-from buffer may only be
/// destroyed or assigned.
template <class T>
requires std::is_trivially_copyable_v<T>
class device_buffer {
 public:
  /// `count` is in elements, not bytes. Throws `cuda_error`.
  device_buffer(std::size_t count, device_heap& heap, ::cuda::stream_ref stream)
      : data_{take(count, heap, stream), release{&heap, stream, count * sizeof(T)}}, size_{count} {}

  [[nodiscard]] T* data() const noexcept { return data_.get(); }  ///< Null if empty.
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::size_t size_bytes() const noexcept { return size_ * sizeof(T); }

 private:
  struct release {
    device_heap* heap;
    ::cuda::stream_ref stream;
    std::size_t bytes;
    void operator()(T* p) const noexcept { heap->give_back(p, bytes, stream); }
  };

  static T* take(std::size_t count, device_heap& heap, ::cuda::stream_ref stream) {
    if (count == 0) return nullptr;
    constexpr std::size_t most = std::numeric_limits<std::size_t>::max() / sizeof(T);
    if (count > most) throw cuda_error{"more bytes than can be counted", true};
    return static_cast<T*>(heap.take(count * sizeof(T), stream));
  }

  std::unique_ptr<T, release> data_;
  std::size_t size_;
};

}  // namespace kernd::gpu
