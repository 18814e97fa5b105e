#pragma once

#include "kernd/error.hpp"
#include "kernd/registry.hpp"

namespace kernd::kernels {

/// Registers every kernel that the daemon ships. Errors: what `kernel_registry::add` refuses.
result<void> add_all(kernel_registry& registry);

}  // namespace kernd::kernels
