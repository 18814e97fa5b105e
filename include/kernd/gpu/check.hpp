#pragma once

#include "kernd/error.hpp"
#include "kernd/gpu/module.hpp"

#include <cuda_runtime_api.h>

#include <stdexcept>
#include <string>

namespace kernd::gpu {

/// A call of CUDA's, or of a library on top of it, that failed. Stops in the module:
/// `failure_of_current_exception`.
class cuda_error : public std::runtime_error {
 public:
  cuda_error(cudaError_t status, const char* call);
  /// `name` is static: of the library's status, or null for what is no status of theirs.
  cuda_error(const std::string& what, bool is_out_of_memory, const char* name = nullptr)
      : std::runtime_error{what}, name_{name}, is_out_of_memory_{is_out_of_memory} {}

  /// The device has no more, or the job may not have it.
  [[nodiscard]] bool is_out_of_memory() const noexcept { return is_out_of_memory_; }
  /// As `job_report::cuda_error`.
  [[nodiscard]] const char* name() const noexcept { return name_; }

 private:
  const char* name_;
  bool is_out_of_memory_;
};

/// Throws `cuda_error` unless `status` is success. `call` is the function's name.
inline void check(cudaError_t status, const char* call) {
  if (status != cudaSuccess) throw cuda_error{status, call};
}

/// Tells the daemon's log what nobody can be handed.
void warn(const char* message) noexcept;

/// For destructors: tells the log and goes on.
void log_if_failed(cudaError_t status, const char* call) noexcept;

/// Whom `warn` tells, from now on; null: nobody.
void tell(const host_api* host) noexcept;

struct failure {
  run_status status;  ///< `failed` or `out_of_memory`: what became of the device is not asked here.
  error what;
  const char* cuda_error = nullptr;  ///< As `job_report::cuda_error`.
};

/// What the daemon is told of the exception that is being handled. For the functions of
/// `module_info`, which none may leave.
failure failure_of_current_exception() noexcept;

}  // namespace kernd::gpu
