#pragma once

#include <nvtx3/nvtx3.hpp>

namespace kernd::gpu {

struct profile_domain {
  static constexpr const char* name = "kernd";
};

/// A named range on this thread for whoever profiles; nothing otherwise.
using stage = nvtx3::scoped_range_in<profile_domain>;

}  // namespace kernd::gpu
