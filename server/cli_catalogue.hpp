#pragma once

#include "kernd/registry.hpp"

#include <iosfwd>
#include <string_view>

namespace kernd::cli {

/// Every kernel that the daemon ships. Throws `std::runtime_error` when one cannot be registered.
kernel_registry catalogue();

/// Null, after saying so and what may have been meant, when `registry` has no such kernel.
const kernel_entry* find_kernel(const kernel_registry& registry, std::string_view id,
                                std::ostream& err);

}  // namespace kernd::cli
