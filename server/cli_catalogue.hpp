#pragma once

#include "kernd/registry.hpp"
#include "server/cli_refusal.hpp"

#include <string_view>

namespace kernd::cli {

/// Every kernel that the daemon ships. Throws `std::runtime_error` when one cannot be registered.
kernel_registry catalogue();

/// Wrong usage, with what may have been meant, when `registry` has no such kernel.
expected<const kernel_entry*> find_kernel(const kernel_registry& registry, std::string_view id);

}  // namespace kernd::cli
