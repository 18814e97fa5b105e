#include "kernd/gpu/module.hpp"

#include "kernd/gpu/context.hpp"
#include "kernd/gpu/twin.hpp"
#include "src/gpu/device.hpp"

#include <cuda_runtime_api.h>

#include <new>

// The way into libkernd_cuda.so: its one exported symbol.

namespace kernd::gpu {

namespace {

/// Calls `f`, and says in `why` what it threw.
template <class F>
bool succeeds(error* why, const F& f) noexcept {
  try {
    f();
    return true;
  } catch (...) {
    static_cast<void>(cudaGetLastError());  // told here: it is not the next job's
    *why = failure_of_current_exception().what;
    return false;
  }
}

bool start(int device, std::size_t pool_bytes, error* why) noexcept {
  return succeeds(why, [&] { start_device(device, pool_bytes); });
}

context* open(int device, error* why) noexcept {
  context* opened = nullptr;
  return succeeds(why, [&] { opened = new context{device}; }) ? opened : nullptr;
}

void close(context* opened) noexcept {
  // What a lost device had goes with its reset; giving it back piece by piece may hang in a
  // library.
  if (opened->is_lost()) return;
  delete opened;
}

bool lock(int device, void* memory, std::size_t bytes, error* why) noexcept {
  return succeeds(why, [&] { lock_memory(device, memory, bytes); });
}

bool memory(int device, device_memory* into, error* why) noexcept {
  return succeeds(why, [&] { *into = memory_of(device); });
}

bool probe(int device, error* why) noexcept {
  return succeeds(why, [&] { probe_device(device); });
}

bool reset(int device, error* why) noexcept {
  return succeeds(why, [&] { reset_device(device); });
}

}  // namespace

const char* module_build_id() noexcept;  // apart: it changes with each commit

}  // namespace kernd::gpu

extern "C" [[gnu::visibility("default")]] const kernd::gpu::module_info* kernd_cuda_module(
    const kernd::gpu::host_api* host) {
  using namespace kernd::gpu;
  tell(host);
  // Drivers run what was built with any minor version of their major one.
  constexpr int minimum_driver = CUDART_VERSION / 1000 * 1000;
  static const module_info info{.build_id = module_build_id(),
                                .minimum_driver = minimum_driver,
                                .kernels = twins().data(),
                                .kernel_count = twins().size(),
                                .start = start,
                                .open = open,
                                .close = close,
                                .lock = lock,
                                .unlock = unlock_memory,
                                .memory = memory,
                                .probe = probe,
                                .reset = reset};
  return &info;
}
