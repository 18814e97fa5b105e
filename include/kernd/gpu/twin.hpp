#pragma once

#include "kernd/describe.hpp"
#include "kernd/gpu/context.hpp"
#include "kernd/gpu/layout_hash.hpp"
#include "kernd/gpu/module.hpp"

#include <concepts>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace kernd::gpu {

/// A kernel whose CUDA code takes several inputs at once: one upload, one launch and one download,
/// and for each the bits that a run of its own gives.
template <class K>
concept batched_twin = requires(std::span<const typename K::input* const> in,
                                std::span<typename K::output* const> out, context& on) {
  { K::run_batch(in, out, on) } -> std::same_as<result<void>>;
};

/// The most inputs that `batched_twin` gets: one row of a launch's blocks each, of which CUDA has
/// at most 65535, and few enough that nobody waits long for the others.
inline constexpr std::size_t most_in_a_batch = 1024;

namespace detail {

using twin_call = result<void>(const void* const* in, void* const* out, std::size_t count,
                               context& on);

/// The backend boundary of the module: nothing is thrown past it, and the device is done.
run_status run_job(twin_call* call, const void* const* in, void* const* out, std::size_t count,
                   context& on, const job_terms& terms, job_report& report, error& why) noexcept;

template <class Kernel>
result<void> call_twin(const void* const* in, void* const* out, std::size_t count, context& on) {
  using input = typename Kernel::input;
  using output = typename Kernel::output;
  if constexpr (batched_twin<Kernel>) {
    if (count > 1) {
      std::vector<const input*> inputs(count);
      std::vector<output*> outputs(count);
      for (std::size_t i = 0; i < count; ++i) {
        inputs[i] = static_cast<const input*>(in[i]);
        outputs[i] = static_cast<output*>(out[i]);
      }
      return Kernel::run_batch(inputs, outputs, on);
    }
  }
  auto made = Kernel::run(*static_cast<const input*>(in[0]), on);
  if (!made) return std::move(made).error();
  *static_cast<output*>(out[0]) = *made;
  return {};
}

template <class Kernel>
run_status run_twin(const void* const* in, void* const* out, std::size_t count, context* on,
                    const job_terms* terms, job_report* report, error* why) noexcept {
  return run_job(&call_twin<Kernel>, in, out, count, *on, *terms, *report, *why);
}

}  // namespace detail

/// The module's entry for `Kernel`, whose `run(input, gpu::context&)` a `.cu` file defines. Its
/// `info()` is not part of the module, hence `id`.
template <class Kernel>
module_kernel twin(const char* id) {
  return {id, layout_hash(describe<typename Kernel::input>(), describe<typename Kernel::output>()),
          batched_twin<Kernel> ? most_in_a_batch : 1, &detail::run_twin<Kernel>};
}

/// The twins that the daemon ships: `kernels/twins.cu`.
std::span<const module_kernel> twins();

/// One `__global__` function of each `.cu` file that has some, by which the others are found.
std::span<const void* const> twin_code();

}  // namespace kernd::gpu
