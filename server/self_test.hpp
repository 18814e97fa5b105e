#pragma once

#include "kernd/config.hpp"
#include "kernd/error.hpp"
#include "kernd/registry.hpp"

namespace kernd {

/// Runs the example of `entry` on the calling thread and compares the output with what the kernel
/// says it is, numbers within the kernel's tolerance. The error names the first difference.
result<void> self_test(const kernel_entry& entry, const config& configuration);

}  // namespace kernd
