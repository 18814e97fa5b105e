#pragma once

#include "kernd/error.hpp"

#include <cstddef>
#include <cstdint>

// What the daemon and libkernd_cuda.so know of each other. Both are of one build, or the module is
// refused: so these are C++ types without versions of their own.

namespace kernd::gpu {

class context;

/// What the module may ask of the daemon; outlives the module's contexts.
struct host_api {
  void* owner;
  /// Where something went wrong that nobody can be told of, such as in a destructor. Any thread.
  void (*warn)(void* owner, const char* message) noexcept;
};

/// Host memory of one job after the other, on one thread.
struct job_memory {
  void* owner;
  /// Memory as `arena::allocate_bytes` gives it, until the job ends; null when there is no more.
  void* (*allocate)(void* owner, std::size_t bytes) noexcept;
};

/// The CUDA twin of a kernel.
struct module_kernel {
  const char* id;
  std::uint64_t layout_hash;  ///< Of its input and output, as the module's compiler sees them.
  /// Fills `out`, which is value-initialised, with views into the context's job memory, and is done
  /// with the device when it returns. False: `why` says why. On the thread that opened the context.
  bool (*run)(const void* in, void* out, context* on, error* why) noexcept;
};

/// What the module says of itself; lives as long as the process, as the module does.
struct module_info {
  const char* build_id;  ///< Stays the first member: it is read before the rest is believed.
  int minimum_driver;    ///< What `driver_report::version` must be.
  const module_kernel* kernels;
  std::size_t kernel_count;
  /// A stream on `device` for the calling thread, with what kernels need beside it; null: `why`.
  context* (*open)(int device, const job_memory* memory, error* why) noexcept;
  void (*close)(context* opened) noexcept;
};

/// The only symbol that the module exports: `extern "C"`, a `module_entry`.
inline constexpr const char* module_symbol = "kernd_cuda_module";
inline constexpr const char* module_file = "libkernd_cuda.so";
using module_entry = const module_info*(const host_api* host);

}  // namespace kernd::gpu
