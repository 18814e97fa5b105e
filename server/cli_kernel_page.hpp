#pragma once

#include "kernd/gpu/backend.hpp"
#include "kernd/registry.hpp"

#include <iosfwd>
#include <optional>

namespace kernd::cli {

/// Prints one kernel for people: its fields with types, ranges, units and defaults, what it
/// declares, its example, and where it runs: on the CPU alone without `place`.
void print_kernel_page(const kernel_entry& entry, const std::optional<gpu::kernel_placement>& place,
                       std::ostream& out);

}  // namespace kernd::cli
