#pragma once

#include "kernd/registry.hpp"

#include <iosfwd>

namespace kernd::cli {

/// Prints one kernel for people: its fields with types, ranges, units and defaults, what it
/// declares, its example.
void print_kernel_page(const kernel_entry& entry, std::ostream& out);

}  // namespace kernd::cli
