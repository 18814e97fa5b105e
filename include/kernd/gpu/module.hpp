#pragma once

#include "kernd/error.hpp"

#include <cstddef>
#include <cstdint>

// What the daemon and libkernd_cuda.so know of each other. Both are of one build, or the module is
// refused: so these are C++ types without versions of their own. Whatever decides anything is the
// daemon's side, which the tests run against a module of their own; the module's side carries it
// out.

namespace kernd::gpu {

class context;

/// What the module may ask of the daemon; outlives the module's contexts.
struct host_api {
  void* owner;
  /// Where something went wrong that nobody can be told of, such as in a destructor. Any thread.
  void (*warn)(void* owner, const char* message) noexcept;
};

/// Drops what it is told.
inline constexpr host_api silent_host{nullptr, [](void*, const char*) noexcept {}};

/// What one call of `module_kernel::run` may use, on the thread that calls it.
struct job_terms {
  void* owner;
  /// Host memory as `arena::allocate_bytes` gives it, until the job ends; null: there is no more.
  void* (*allocate)(void* owner, std::size_t bytes) noexcept;
  /// Asks for so much more device memory, before it is taken; false: the job may not have it.
  bool (*reserve)(void* owner, std::size_t bytes) noexcept;
  /// Whether nobody waits for any of the outputs any more; may be asked often.
  bool (*is_stopped)(void* owner) noexcept;
  int priority;  ///< 0–10, higher first.
};

/// What a run did on the device, measured by its own clock; 0 for what it did not come to. The time
/// from its begin to its end is copying and `compute_us`, which holds what the device waited for
/// the host between launches, too.
struct job_report {
  double h2d_us;
  double compute_us;
  double d2h_us;
  std::uint64_t h2d_bytes;
  std::uint64_t d2h_bytes;
  std::uint64_t device_bytes;  ///< The most that it held at a time.
  /// What CUDA or a library of its failed with, by its name: `cudaErrorIllegalAddress`. Static;
  /// null: nothing of theirs failed.
  const char* cuda_error;
};

/// How a run ended.
enum class run_status : std::uint8_t {
  done,
  failed,         ///< The kernel refused or failed; the device is sound.
  out_of_memory,  ///< Of the device, or `reserve` refused; the device is sound.
  device_failed,  ///< Nothing runs on the device any more until it is reset.
};

/// The CUDA twin of a kernel.
struct module_kernel {
  const char* id;
  std::uint64_t layout_hash;  ///< Of its input and output, as the module's compiler sees them.
  std::size_t max_batch;      ///< The most inputs of one run; at least 1.
  /// `count` inputs and their outputs, which are value-initialised: fills them with views into the
  /// job's host memory, and is done with the device when it returns, unless that has failed. `why`
  /// is set unless `done`. One thread at a time per context.
  run_status (*run)(const void* const* in, void* const* out, std::size_t count, context* on,
                    const job_terms* terms, job_report* report, error* why) noexcept;
};

/// Of one device, in bytes.
struct device_memory {
  std::uint64_t total;
  std::uint64_t free;      ///< As the driver sees it: other processes take some, too.
  std::uint64_t used;      ///< By kernels, of what the pool holds.
  std::uint64_t reserved;  ///< By the pool.
  std::uint64_t peak;      ///< The most that was `used`.
};

/// What the module says of itself; lives as long as the process, as the module does. All functions
/// may be called from any thread; where one returns false or null, `why` says why.
struct module_info {
  const char* build_id;  ///< Stays the first member: it is read before the rest is believed.
  int minimum_driver;    ///< What `driver_report::version` must be.
  const module_kernel* kernels;
  std::size_t kernel_count;

  /// Once per device, before the others and after each `reset`: loads all code, has waiting threads
  /// sleep, and lets the pool take `pool_bytes`, which it keeps.
  bool (*start)(int device, std::size_t pool_bytes, error* why) noexcept;
  /// Streams on `device` with what kernels need beside them.
  context* (*open)(int device, error* why) noexcept;
  void (*close)(context* opened) noexcept;
  /// Page-locks memory of the daemon's for all devices, by what the process has on `device`, and
  /// lets it go again.
  bool (*lock)(int device, void* memory, std::size_t bytes, error* why) noexcept;
  void (*unlock)(int device, void* memory) noexcept;
  bool (*memory)(int device, device_memory* into, error* why) noexcept;
  /// Runs a small kernel, and cuBLAS and cuFFT, whose state a reset may have cost, on small inputs,
  /// and checks what they wrote.
  bool (*probe)(int device, error* why) noexcept;
  /// Throws away all that the process has on `device`; memory that was locked by it is no more.
  /// Contexts opened there are closed before; `close` does not mind that the device has failed.
  bool (*reset)(int device, error* why) noexcept;
};

/// The only symbol that the module exports: `extern "C"`, a `module_entry`.
inline constexpr const char* module_symbol = "kernd_cuda_module";
inline constexpr const char* module_file = "libkernd_cuda.so";
using module_entry = const module_info*(const host_api* host);

}  // namespace kernd::gpu
