#include "bench/gpu/sections.hpp"
#include "kernels/core/gemm.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <future>
#include <latch>
#include <list>
#include <string>
#include <utility>
#include <vector>

namespace kernd::bench {

namespace {

using clock = std::chrono::steady_clock;

/// A product of its own, in page-locked memory.
struct stream_job {
  arena inputs, outputs;
  kernels::gemm::input in;
  device_job job;

  stream_job(const bench_world& world, std::uint64_t n, unsigned seed)
      : inputs{memory_bytes, world.backend.host_memory()},
        outputs{memory_bytes, world.backend.host_memory()},
        in{.a = {random_reals(inputs, n * n, seed).data, n, n},
           .b = {random_reals(inputs, n * n, seed + 1).data, n, n},
           .c = {}},
        job{world.backend, world.side.entry("core/gemm"), &in, outputs} {}
};

/// What one job takes of the device when it is alone there.
gpu::job_report alone(device_job& job, int rounds) {
  const measured compute = reported(job, &gpu::job_report::compute_us),
                 up = reported(job, &gpu::job_report::h2d_us),
                 down = reported(job, &gpu::job_report::d2h_us);
  const auto us = medians_us({compute.get(), up.get(), down.get()}, rounds);
  gpu::job_report medians{};
  medians.h2d_us = us[1];
  medians.compute_us = us[0];
  medians.d2h_us = us[2];
  return medians;
}

/// All run their job `count` times, at once: µs until the last is done.
double together_us(std::list<stream_job>& jobs, int count) {
  std::latch start{static_cast<std::ptrdiff_t>(jobs.size()) + 1};
  std::vector<std::future<void>> running;
  for (stream_job& one : jobs) {
    running.push_back(std::async(std::launch::async, [&one, &start, count] {
      start.arrive_and_wait();
      for (int i = 0; i < count; ++i) one.job.run();
    }));
  }
  start.arrive_and_wait();
  const auto from = clock::now();
  for (auto& each : running) each.get();
  return std::chrono::duration<double, std::micro>(clock::now() - from).count();
}

row share(const bench_world& world, std::string of, double busy_us, double wall_us) {
  return {.what = std::to_string(world.sizes.streams) + " streams, gemm with rows of " +
                  std::to_string(world.sizes.medium_gemm_n) + ": " + std::move(of),
          .unit = "%",
          .ours = 100 * busy_us / wall_us};
}

}  // namespace

void measure_streams(const bench_world& world) {
  const auto n = static_cast<std::uint64_t>(world.sizes.medium_gemm_n);
  std::list<stream_job> jobs;
  for (unsigned i = 0; i < world.sizes.streams; ++i) jobs.emplace_back(world, n, 10 + 2 * i);
  const auto one = alone(jobs.front().job, world.sizes.rounds);
  together_us(jobs, 2);
  const double wall_us = together_us(jobs, world.sizes.jobs_per_stream);
  const double count = static_cast<double>(jobs.size()) * world.sizes.jobs_per_stream;
  // By events of single jobs: those of jobs side by side also count how they wait for one another.
  share(world, "uploading", count * one.h2d_us, wall_us).print();
  share(world, "downloading", count * one.d2h_us, wall_us).print();
  row computing = share(world, "computing", count * one.compute_us, wall_us);
  constexpr double least = 90;
  computing.target = "at least 90 % busy";
  computing.reached = *computing.ours >= least;
  computing.note =
      "jobs × what one takes alone, by events, over the time of all; more than 100: "
      "several fit side by side";
  computing.print();
}

}  // namespace kernd::bench
