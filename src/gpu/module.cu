#include "kernd/gpu/module.hpp"

#include "kernd/gpu/context.hpp"
#include "kernd/gpu/twin.hpp"

#include <cuda_runtime_api.h>

// The way into libkernd_cuda.so: its one exported symbol.

namespace kernd::gpu {

namespace {

context* open(int device, const job_memory* memory, error* why) noexcept {
  try {
    return new context{device, *memory};
  } catch (...) {
    *why = error_of_current_exception();
    return nullptr;
  }
}

void close(context* opened) noexcept {
  delete opened;
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
                                .open = open,
                                .close = close};
  return &info;
}
