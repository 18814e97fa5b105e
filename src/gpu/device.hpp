#pragma once

#include "kernd/gpu/module.hpp"

#include <cstddef>

// What the module does with a device as a whole: the functions of `module_info` without their
// error handling. All throw `cuda_error`.

namespace kernd::gpu {

void start_device(int device, std::size_t pool_bytes);
device_memory memory_of(int device);
void probe_device(int device);
/// The probe's `__global__` function.
const void* probe_code() noexcept;
void reset_device(int device);
/// Memory of the pool that the failed current device has not taken back. It is freed when that
/// starts again: a reset leaves it (cudaDeviceReset in CUDA's reference).
void leave_behind(void* memory) noexcept;
void lock_memory(int device, void* memory, std::size_t bytes);
void unlock_memory(int device, void* memory) noexcept;

}  // namespace kernd::gpu
