#pragma once

#include "kernd/gpu/check.hpp"

#include <cuda/stream_ref>
#include <cuda_runtime_api.h>

#include <memory>

namespace kernd::gpu {

/// Owns one CUDA event, which remembers when a stream came to it. Move-only.
class event {
 public:
  /// On the current device. Throws `cuda_error`.
  event() {
    cudaEvent_t made = nullptr;
    check(cudaEventCreate(&made), "cudaEventCreate");
    handle_.reset(made);
  }

  /// Forgets when it was recorded last.
  void record(::cuda::stream_ref on) {
    check(cudaEventRecord(handle_.get(), on.get()), "cudaEventRecord");
  }

  /// Microseconds from `earlier` to this one; both have happened. 0 when their device is lost.
  [[nodiscard]] double us_since(const event& earlier) const noexcept {
    float ms = 0;
    const auto status = cudaEventElapsedTime(&ms, earlier.handle_.get(), handle_.get());
    return status == cudaSuccess ? double{ms} * 1000 : 0;
  }

 private:
  struct destroy {
    using pointer = cudaEvent_t;
    void operator()(cudaEvent_t e) const noexcept {
      log_if_failed(cudaEventDestroy(e), "cudaEventDestroy");
    }
  };
  std::unique_ptr<cudaEvent_t, destroy> handle_;
};

}  // namespace kernd::gpu
