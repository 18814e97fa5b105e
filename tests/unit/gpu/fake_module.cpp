// A module of the build that KERND_FAKE_MODULE_BUILD names, with the kernel core/axpy and the fault
// that KERND_FAKE_MODULE names: none, `silent`, `newer_cuda`, `other_layout` or `unknown_kernel`.

#include "kernd/gpu/layout_hash.hpp"
#include "kernd/gpu/module.hpp"
#include "kernels/core/axpy.hpp"

#include <cstdlib>
#include <string_view>

using kernd::kernels::axpy;

extern "C" const kernd::gpu::module_info* kernd_cuda_module(const kernd::gpu::host_api*);

extern "C" const kernd::gpu::module_info* kernd_cuda_module(const kernd::gpu::host_api*) {
  const char* const chosen = std::getenv("KERND_FAKE_MODULE");
  const std::string_view fault = chosen == nullptr ? "" : chosen;
  if (fault == "silent") return nullptr;
  static kernd::gpu::module_kernel twin;
  twin = {.id = fault == "unknown_kernel" ? "core/not-there" : "core/axpy",
          .layout_hash = kernd::gpu::layout_hash(kernd::describe<axpy::input>(),
                                                 kernd::describe<axpy::output>()),
          .max_batch = 1,
          .run = nullptr};
  if (fault == "other_layout") twin.layout_hash = 0x1234;
  static kernd::gpu::module_info info;
  info = {.build_id = std::getenv("KERND_FAKE_MODULE_BUILD"),
          .minimum_driver = fault == "newer_cuda" ? 14000 : 13000,
          .kernels = &twin,
          .kernel_count = 1,
          .start = nullptr,
          .open = nullptr,
          .close = nullptr,
          .lock = nullptr,
          .unlock = nullptr,
          .memory = nullptr,
          .probe = nullptr,
          .reset = nullptr};
  return &info;
}
