#pragma once

#include "kernd/config.hpp"
#include "kernd/error.hpp"
#include "kernd/registry.hpp"

#include <atomic>

namespace kernd {

namespace gpu {
class cuda_backend;
}

/// Runs the example of `entry` on the calling thread and compares the output with what the kernel
/// says it is, numbers within the kernel's tolerance, but for members that vary. The error names
/// the first difference. The kernel is asked to stop once `stop` is set; the result says nothing
/// then. With `devices` the job must run on one of them, or that is the error.
result<void> self_test(const kernel_entry& entry, const config& configuration,
                       const std::atomic<bool>& stop, gpu::cuda_backend* devices = nullptr);

}  // namespace kernd
