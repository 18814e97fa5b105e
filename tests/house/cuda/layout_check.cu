// Fails to compile when nvcc lays out a kernel type differently from the host compiler.

#include "kernd/describe.hpp"
#include "kernd/ring/ring_kernel.hpp"
#include "layout_kernels.inc"

#include <boost/mp11/algorithm.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>

// clang-format off: it needs all of the above
#include "layout_facts.inc"
