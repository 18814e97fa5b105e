// Fails to compile when nvcc lays out a kernel type differently from the host compiler.

#include <cstddef>
#include <cstdint>
#include <optional>

#include "kernd/describe.hpp"
#include "layout_facts.inc"
