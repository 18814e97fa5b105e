#pragma once

#include "kernd/error.hpp"
#include "kernd/gpu/module.hpp"

#include <cuda_runtime_api.h>

#include <stdexcept>

namespace kernd::gpu {

/// A call of CUDA's that failed. Stops in the module: `error_of_current_exception`.
class cuda_error : public std::runtime_error {
 public:
  cuda_error(cudaError_t status, const char* call);
  [[nodiscard]] cudaError_t status() const noexcept { return status_; }

 private:
  cudaError_t status_;
};

/// Throws `cuda_error` unless `status` is success. `call` is the function's name.
inline void check(cudaError_t status, const char* call) {
  if (status != cudaSuccess) throw cuda_error{status, call};
}

/// For destructors: tells the daemon's log and goes on.
void log_if_failed(cudaError_t status, const char* call) noexcept;

/// Whom `log_if_failed` tells, from now on; null: nobody.
void tell(const host_api* host) noexcept;

/// What the daemon is told of the exception that is being handled. For the functions of
/// `module_info`, which none may leave.
error error_of_current_exception() noexcept;

}  // namespace kernd::gpu
