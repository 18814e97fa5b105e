#pragma once

#include "kernd/gpu/module.hpp"

#include <cstddef>

// What the module does with a device as a whole: the functions of `module_info` without their
// error handling. All throw `cuda_error`.

namespace kernd::gpu {

void start_device(int device, std::size_t pool_bytes);
device_memory memory_of(int device);
void probe_device(int device);
void reset_device(int device);
void lock_memory(int device, void* memory, std::size_t bytes);
void unlock_memory(int device, void* memory) noexcept;

}  // namespace kernd::gpu
