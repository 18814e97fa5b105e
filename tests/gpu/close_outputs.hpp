#pragma once

#include "kernd/describe.hpp"

#include <string>

namespace kernd::gpu::test {

/// Where two outputs of the type differ, for people; empty where they do not. Numbers may differ by
/// `tolerance` times the largest of their array; where that is 0, not in a bit.
std::string difference(const type_info& type, const void* found, const void* expected,
                       double tolerance);

}  // namespace kernd::gpu::test
