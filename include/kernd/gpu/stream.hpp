#pragma once

#include "kernd/gpu/check.hpp"

#include <cuda/stream_ref>
#include <cuda_runtime_api.h>

#include <memory>

namespace kernd::gpu {

/// Owns one CUDA stream that does not synchronise with the default stream. Move-only.
class stream {
 public:
  /// On the current device, with a priority as CUDA counts them. Throws `cuda_error`.
  explicit stream(int priority) {
    cudaStream_t made = nullptr;
    check(cudaStreamCreateWithPriority(&made, cudaStreamNonBlocking, priority),
          "cudaStreamCreateWithPriority");
    handle_.reset(made);
  }

  /// A view, valid while this object lives. Pass this on, never the raw handle.
  [[nodiscard]] ::cuda::stream_ref ref() const noexcept { return handle_.get(); }

  /// Blocks until all queued work is done. Throws what failed in it.
  void synchronize() const { check(cudaStreamSynchronize(handle_.get()), "cudaStreamSynchronize"); }

  /// Whether nothing will run on the stream's device any more. Forgets errors that pass, which stay
  /// with the thread until they are asked for; those of a lost device come back.
  [[nodiscard]] bool is_lost() const noexcept {
    static_cast<void>(cudaGetLastError());
    const cudaError_t status = cudaStreamQuery(handle_.get());
    return status != cudaSuccess && status != cudaErrorNotReady;
  }

 private:
  struct destroy {
    using pointer = cudaStream_t;
    void operator()(cudaStream_t s) const noexcept {
      log_if_failed(cudaStreamDestroy(s), "cudaStreamDestroy");
    }
  };
  std::unique_ptr<cudaStream_t, destroy> handle_;
};

}  // namespace kernd::gpu
