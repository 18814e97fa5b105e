#pragma once

#include "kernd/describe.hpp"
#include "kernd/gpu/check.hpp"
#include "kernd/gpu/context.hpp"
#include "kernd/gpu/layout_hash.hpp"
#include "kernd/gpu/module.hpp"

#include <span>
#include <utility>

namespace kernd::gpu {

namespace detail {

/// The backend boundary of the module: nothing is thrown past it, and the device is done.
template <class Kernel>
bool run_twin(const void* in, void* out, context* on, error* why) noexcept {
  try {
    auto output = Kernel::run(*static_cast<const typename Kernel::input*>(in), *on);
    on->finish();
    if (output) {
      *static_cast<typename Kernel::output*>(out) = *output;
      return true;
    }
    *why = std::move(output).error();
  } catch (...) {
    *why = error_of_current_exception();
    try {
      on->finish();                // it may still read or write the job's memory
    } catch (const cuda_error&) {  // said already, or worth less than what was said
    }
  }
  return false;
}

}  // namespace detail

/// The module's entry for `Kernel`, whose `run(input, gpu::context&)` a `.cu` file defines. Its
/// `info()` is not part of the module, hence `id`.
template <class Kernel>
module_kernel twin(const char* id) {
  return {id, layout_hash(describe<typename Kernel::input>(), describe<typename Kernel::output>()),
          &detail::run_twin<Kernel>};
}

/// The twins that the daemon ships: `kernels/twins.cu`.
std::span<const module_kernel> twins();

}  // namespace kernd::gpu
