#include "kernd/gpu/check.hpp"

#include <atomic>
#include <cstdio>
#include <exception>
#include <new>
#include <string>

namespace kernd::gpu {

namespace {

// The one variable of the module: destructors have nobody to hand them the daemon's log.
std::atomic<const host_api*> told{nullptr};

}  // namespace

cuda_error::cuda_error(cudaError_t status, const char* call)
    : std::runtime_error{std::string{call} + ": " + cudaGetErrorName(status) + " (" +
                         cudaGetErrorString(status) + ")"},
      status_{status} {}

void tell(const host_api* host) noexcept {
  told.store(host, std::memory_order_release);  // with what it points to
}

void log_if_failed(cudaError_t status, const char* call) noexcept {
  const host_api* const host = told.load(std::memory_order_acquire);
  if (status == cudaSuccess || host == nullptr) return;
  char line[256];
  std::snprintf(line, sizeof line, "%s: %s", call, cudaGetErrorString(status));
  host->warn(host->owner, line);
}

error error_of_current_exception() noexcept {
  try {
    try {
      throw;
    } catch (const cuda_error& failed) {
      if (failed.status() == cudaErrorMemoryAllocation) {
        return {errc::memory_exhausted, "the device is out of memory"};
      }
      return {.code = errc::execution_failed,
              .message = "the CUDA device failed",
              .internal = failed.what()};
    } catch (const std::bad_alloc&) {
      throw;
    } catch (const std::exception& failed) {
      return {.code = errc::execution_failed,
              .message = "the kernel failed on the CUDA device",
              .internal = failed.what()};
    }
  } catch (...) {
    return {errc::memory_exhausted, "out of memory"};  // short enough to need none
  }
}

}  // namespace kernd::gpu
