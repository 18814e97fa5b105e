#pragma once

#include "kernd/array.hpp"
#include "kernd/gpu/buffer.hpp"
#include "kernd/gpu/check.hpp"
#include "kernd/gpu/event.hpp"
#include "kernd/gpu/module.hpp"
#include "kernd/gpu/stream.hpp"

#include <cuda/stream_ref>
#include <cuda_runtime_api.h>

#include <array>
#include <cstddef>
#include <limits>
#include <memory>
#include <new>
#include <optional>
#include <type_traits>
#include <vector>

namespace kernd::gpu {

class blas;
class transforms;

/// What a kernel's CUDA code may use while it runs: a stream, memory of its device, the job's
/// memory on the host, and CUDA's libraries. Serves one job after the other, each on one thread.
class context {
 public:
  /// Makes `device` the thread's current one. Throws `cuda_error`.
  explicit context(int device);
  context(const context&) = delete;
  context& operator=(const context&) = delete;
  ~context();

  /// All work of the job goes there.
  [[nodiscard]] ::cuda::stream_ref stream() const noexcept { return job_stream().ref(); }

  /// `count` uninitialised elements on the host that live until the job ends.
  template <class T>
  array<T> allocate(std::size_t count) {
    if (count > std::numeric_limits<std::size_t>::max() / sizeof(T)) throw std::bad_alloc{};
    return {static_cast<T*>(allocate_bytes(count * sizeof(T))), count};
  }

  /// `count` uninitialised elements on the device, until the buffer is destroyed, and before the
  /// kernel returns. Throws `cuda_error`, also when the job may not have so much.
  template <class T>
  device_buffer<T> device(std::size_t count) {
    return {count, *heap_, stream()};
  }

  /// Copies to a buffer of the same size, once the stream comes to it.
  template <class T>
  void upload(array<T> from, device_buffer<std::remove_const_t<T>>& to) {
    upload_bytes(to.data(), from.data, to.size_bytes());
  }

  /// A copy on the device, once the stream comes to it.
  template <class T>
  device_buffer<std::remove_const_t<T>> upload(array<T> from) {
    auto copy = device<std::remove_const_t<T>>(from.size);
    upload(from, copy);
    return copy;
  }

  /// A copy on the host, once the stream is synchronised: when the kernel has returned.
  template <class T>
  array<T> download(const device_buffer<T>& from) {
    const array<T> copy = allocate<T>(from.size());
    download_bytes(copy.data, from.data(), from.size_bytes());
    return copy;
  }

  /// A copy into host memory of the same size, once the stream is synchronised: for what a kernel
  /// looks at again and again.
  template <class T>
  void download(const device_buffer<T>& from, array<T> to) {
    download_bytes(to.data, from.data(), from.size_bytes());
  }

  /// True once nobody waits for the outputs any more. Loops of launches ask each time round and
  /// return whatever they have; it is dropped.
  [[nodiscard]] bool stop_requested() const noexcept { return terms_->is_stopped(terms_->owner); }

  /// cuBLAS and cuFFT on the job's stream, made when they are first asked for.
  gpu::blas& blas();
  gpu::transforms& transforms();

  /// Blocks until the device is done with what the job has queued, for a kernel that looks at what
  /// it downloaded. Throws `cuda_error` when something in it failed.
  void synchronize();

  /// Starts a job on this thread, which may be another than that of the last one. `terms` outlives
  /// the job. Throws `cuda_error`.
  void begin(const job_terms& terms);
  /// Blocks until the device is done with the job. Throws `cuda_error` when something in it failed.
  void finish();
  /// Ends the job, whose device work is done or has failed, and says what it took.
  job_report end() noexcept;
  /// Waits for the device, and says whether nothing will run there any more.
  [[nodiscard]] bool is_lost() const noexcept;

 private:
  static constexpr std::size_t levels = 3;  // of priority: below 4, from 4 on, from 7 on

  /// A copy that is under way, between two events.
  struct copy {
    event began, ended;
    std::size_t bytes = 0;
    bool is_upload = false;
  };

  [[nodiscard]] const class stream& job_stream() const noexcept { return streams_[level_]; }
  void* allocate_bytes(std::size_t bytes);
  void copy_bytes(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind);
  void upload_bytes(void* to, const void* from, std::size_t bytes);
  void download_bytes(void* to, const void* from, std::size_t bytes);

  int device_;
  std::array<class stream, levels> streams_;
  std::size_t level_ = 0;
  event began_, ended_;               // the job
  std::vector<copy> copies_;          // kept for later ones
  std::size_t copying_ = 0;           // of them, since the last wait
  const job_terms* terms_ = nullptr;  // while there is a job
  std::optional<device_heap> heap_;   // likewise
  job_report report_{};
  std::unique_ptr<gpu::blas> blas_;
  std::unique_ptr<gpu::transforms> transforms_;
};

}  // namespace kernd::gpu
