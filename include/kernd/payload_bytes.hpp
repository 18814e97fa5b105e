#pragma once

#include "kernd/describe.hpp"

#include <cstddef>

namespace kernd {

/// What a value of a described type takes in memory: the struct and all elements its views show.
std::size_t payload_bytes(const type_info& type, const void* value);

}  // namespace kernd
