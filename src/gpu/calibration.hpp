#pragma once

#include "kernd/arena.hpp"
#include "kernd/gpu/crossover.hpp"
#include "kernd/memory_source.hpp"
#include "kernd/registry.hpp"

#include <atomic>
#include <functional>
#include <vector>

namespace kernd::gpu {

/// Runs a kernel once on a device, into a value-initialised output; false when that fails.
using device_trial = std::function<bool(const void* in, void* out, arena& memory)>;

/// Times a kernel that has `sample` on both backends, with inputs from 1 KiB to 32 MiB: the best of
/// three runs each, or two that are long, without decoding and encoding, which cost the same. Ends
/// early at a size that takes the CPU long, when a run fails, and once `stop` is set. Inputs lie in
/// memory of `source`, which may be null, as those of jobs do. On the calling thread.
std::vector<calibration_point> calibrate(const kernel_entry& entry, const device_trial& on_device,
                                         memory_source* source, const std::atomic<bool>& stop);

}  // namespace kernd::gpu
