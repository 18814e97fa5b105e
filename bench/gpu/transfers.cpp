#include "bench/gpu/bare.hpp"
#include "bench/gpu/sections.hpp"
#include "kernels/core/axpy.hpp"

#include <cstddef>
#include <string>

namespace kernd::bench {

namespace {

void compare_way(const bench_world& world, device_job& job, bool up, host_memory memory) {
  const std::size_t bytes = world.sizes.copy_bytes;
  const measured ours = reported(job, up ? &gpu::job_report::h2d_us : &gpu::job_report::d2h_us);
  const measured bare = up ? bare_upload(bytes, memory) : bare_download(bytes, memory);
  const auto us = medians_us({ours.get(), bare.get()}, world.sizes.rounds);
  const auto size = static_cast<double>(bytes);
  const double rate = (up ? 2 : 1) * size / us[0] / 1e3;  // axpy has two inputs and one output
  const double bare_rate = size / us[1] / 1e3;
  constexpr double least = 0.9;
  const bool is_pinned = memory == host_memory::pinned;
  row line{.what = std::string{up ? "to the device, " : "from the device, "} +
                   (is_pinned ? "page-locked" : "pageable"),
           .unit = "GB/s",
           .ours = rate,
           .bare = bare_rate,
           .note = "cudaMemcpyAsync of " + std::to_string(bytes >> 20) + " MiB"};
  if (is_pinned) {
    line.target = "at least 0.9 × bare";
    line.reached = rate >= least * bare_rate;
  }
  line.print();
}

bool lends(memory_source* source) {
  std::byte* const piece = source == nullptr ? nullptr : source->take(1);
  if (piece != nullptr) source->give_back(piece, 1);
  return piece != nullptr;
}

}  // namespace

void measure_transfers(const bench_world& world) {
  for (const host_memory memory : {host_memory::pinned, host_memory::pageable}) {
    memory_source* const source =
        memory == host_memory::pinned ? world.backend.host_memory() : nullptr;
    if (memory == host_memory::pinned && !lends(source)) {
      row{.what = "page-locked transfers", .unit = "GB/s", .note = "the pinned pool was refused"}
          .print();
      continue;
    }
    arena inputs{memory_bytes, source}, outputs{memory_bytes, source};
    const std::size_t count = world.sizes.copy_bytes / sizeof(float);
    const kernels::axpy::input in{
        .alpha = 2, .x = random_reals(inputs, count, 6), .y = random_reals(inputs, count, 7)};
    device_job job{world.backend, world.side.entry("core/axpy"), &in, outputs};
    for (const bool up : {true, false}) compare_way(world, job, up, memory);
  }
}

void measure_memory(const bench_world& world) {
  constexpr std::size_t bytes = std::size_t{64} << 20;
  const measured pooled = pooled_malloc(bytes), plain = bare_malloc(bytes);
  const auto us = medians_us({pooled.get(), plain.get()}, world.sizes.launch_rounds);
  row{.what = "64 MiB of device memory taken and given back",
      .unit = "µs",
      .ours = us[0],
      .bare = us[1],
      .note = "the pool that jobs take from, beside cudaMalloc and cudaFree"}
      .print();
}

}  // namespace kernd::bench
