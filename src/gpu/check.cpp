#include "kernd/gpu/check.hpp"

#include <atomic>
#include <cstdio>
#include <exception>
#include <new>
#include <string>

namespace kernd::gpu {

namespace {

// Destructors have nobody to hand them the daemon's log.
std::atomic<const host_api*> told{nullptr};

}  // namespace

cuda_error::cuda_error(cudaError_t status, const char* call)
    : std::runtime_error{std::string{call} + ": " + cudaGetErrorName(status) + " (" +
                         cudaGetErrorString(status) + ")"},
      name_{cudaGetErrorName(status)},
      is_out_of_memory_{status == cudaErrorMemoryAllocation} {}

void tell(const host_api* host) noexcept {
  told.store(host, std::memory_order_release);  // with what it points to
}

void warn(const char* message) noexcept {
  const host_api* const host = told.load(std::memory_order_acquire);
  if (host != nullptr) host->warn(host->owner, message);
}

void log_if_failed(cudaError_t status, const char* call) noexcept {
  if (status == cudaSuccess) return;
  char line[256];
  std::snprintf(line, sizeof line, "%s: %s", call, cudaGetErrorString(status));
  warn(line);
}

failure failure_of_current_exception() noexcept {
  try {
    try {
      throw;
    } catch (const cuda_error& failed) {
      if (failed.is_out_of_memory()) {
        return {run_status::out_of_memory,
                {.code = errc::memory_exhausted,
                 .message = "the device has no memory left for this job",
                 .internal = failed.what()},
                failed.name()};
      }
      // What CUDA or its libraries refuse is not the input's fault: the CPU may do it.
      return {run_status::failed,
              {.code = errc::device_error,
               .message = "the CUDA device could not run the kernel",
               .internal = failed.what()},
              failed.name()};
    } catch (const std::bad_alloc&) {
      throw;
    } catch (const std::exception& failed) {
      return {run_status::failed,
              {.code = errc::execution_failed,
               .message = "the kernel failed on the CUDA device",
               .internal = failed.what()}};
    }
  } catch (...) {
    return {run_status::failed,  // the message is short enough to need no memory
            {.code = errc::memory_exhausted, .message = "out of memory"}};
  }
}

}  // namespace kernd::gpu
