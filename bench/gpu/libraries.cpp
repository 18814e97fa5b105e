#include "bench/gpu/bare.hpp"
#include "bench/gpu/sections.hpp"
#include "kernels/core/gemm.hpp"
#include "kernels/core/reduce.hpp"
#include "kernels/core/sort.hpp"
#include "kernels/signal/fft.hpp"

#include <cstdint>
#include <string>
#include <utility>

namespace kernd::bench {

namespace {

constexpr double most_over_bare = 1.05;

/// The twin's `compute_us` beside the bare call, as milliseconds.
void compare(const bench_world& world, device_job& job, measurement& bare, std::string what,
             std::string note = {}) {
  const measured ours = reported(job, &gpu::job_report::compute_us);
  const auto us = medians_us({ours.get(), &bare}, world.sizes.rounds);
  row{.what = std::move(what),
      .unit = "ms",
      .ours = us[0] / 1e3,
      .bare = us[1] / 1e3,
      .target = "at most 1.05 × bare",
      .reached = us[0] <= most_over_bare * us[1],
      .note = std::move(note)}
      .print();
}

std::string with_size(const char* what, std::uint64_t size) {
  return what + (" " + std::to_string(size));
}

}  // namespace

void measure_gemm(const bench_world& world) {
  const auto n = static_cast<std::uint64_t>(world.sizes.gemm_n);
  arena inputs{memory_bytes, world.backend.host_memory()};
  arena outputs{memory_bytes, world.backend.host_memory()};
  const auto a = random_reals(inputs, n * n, 1), b = random_reals(inputs, n * n, 2);
  const kernels::gemm::input in{.a = {a.data, n, n}, .b = {b.data, n, n}, .c = {}};
  device_job job{world.backend, world.side.entry("core/gemm"), &in, outputs};
  {
    const measured bare = bare_gemm(a.span(), b.span(), world.sizes.gemm_n, gemm_arithmetic::f32);
    compare(world, job, *bare, with_size("gemm f32, rows of", n), "cublasSgemm");
  }
  const measured tf32 = bare_gemm(a.span(), b.span(), world.sizes.gemm_n, gemm_arithmetic::tf32);
  const double us = medians_us({tf32.get()}, world.sizes.rounds)[0];
  row{.what = with_size("gemm tf32, rows of", n),
      .unit = "ms",
      .bare = us / 1e3,
      .note = "cublasGemmEx; core/gemm multiplies in f32 only, so there is nothing beside it"}
      .print();
}

void measure_fft(const bench_world& world) {
  arena inputs{memory_bytes, world.backend.host_memory()};
  arena outputs{memory_bytes, world.backend.host_memory()};
  const auto x = random_reals(inputs, world.sizes.fft_size, 3);
  const kernels::fft::input in{.real = x, .imag = {}};
  device_job job{world.backend, world.side.entry("signal/fft"), &in, outputs};
  {
    const measured bare = bare_fft_f64(x.span());
    compare(world, job, *bare, with_size("fft", x.size),
            "cufftExecZ2Z; the twin also widens its f32 input and narrows the output");
  }
  const measured f32 = bare_fft_f32(x.span());
  const double us = medians_us({f32.get()}, world.sizes.rounds)[0];
  row{.what = with_size("fft in f32", x.size),
      .unit = "ms",
      .bare = us / 1e3,
      .note = "cufftExecC2C; signal/fft computes in f64, so there is nothing beside it"}
      .print();
}

void measure_sort(const bench_world& world) {
  arena inputs{memory_bytes, world.backend.host_memory()};
  arena outputs{memory_bytes, world.backend.host_memory()};
  const auto keys = random_reals(inputs, world.sizes.sort_size, 4);
  const kernels::sort::input in{.keys = {keys.data, keys.size, dtype::f32}, .values = {}};
  device_job job{world.backend, world.side.entry("core/sort"), &in, outputs};
  const measured bare = bare_sort(keys.span());
  compare(world, job, *bare, with_size("sort f32 with permutation", keys.size),
          "cub::DeviceRadixSort::SortPairs; the twin also numbers the keys");
}

void measure_reduce(const bench_world& world) {
  arena inputs{memory_bytes, world.backend.host_memory()};
  arena outputs{memory_bytes, world.backend.host_memory()};
  const auto x = random_reals(inputs, world.sizes.reduce_size, 5);
  const kernels::reduce::input in{.data = {x.data, x.size, dtype::f32}};
  device_job job{world.backend, world.side.entry("core/reduce"), &in, outputs};
  const auto bytes = static_cast<double>(x.size * sizeof(float));
  const measured ours = reported(job, &gpu::job_report::compute_us);
  const measured sum = bare_sum(x.span());
  const measured copy = bare_device_copy(x.size * sizeof(float));
  const auto us = medians_us({ours.get(), sum.get(), copy.get()}, world.sizes.rounds);
  const double rate = bytes / us[0] / 1e3, copied = 2 * bytes / us[2] / 1e3;
  constexpr double least_of_copy = 0.95;
  row{.what = with_size("reduce f32, beside cub::DeviceReduce:", x.size),
      .unit = "GB/s",
      .ours = rate,
      .bare = bytes / us[1] / 1e3,
      .note = "the twin adds in f64 and in the CPU's order, CUB in f32"}
      .print();
  row{.what = with_size("reduce f32, beside a copy on the device:", x.size),
      .unit = "GB/s",
      .ours = rate,
      .bare = copied,
      .target = "at least 0.95 × copy",
      .reached = rate >= least_of_copy * copied,
      .note = "of the copy, what it reads and what it writes both count"}
      .print();
}

}  // namespace kernd::bench
