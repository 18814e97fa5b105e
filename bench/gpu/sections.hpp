#pragma once

#include "bench/gpu/device_jobs.hpp"

#include <cstddef>
#include <optional>
#include <string>

namespace kernd::bench {

/// How large and how often.
struct extent {
  int gemm_n = 8192;
  std::size_t fft_size = std::size_t{1} << 24;
  std::size_t sort_size = 100'000'000;
  std::size_t reduce_size = 1'000'000'000;
  std::size_t copy_bytes = std::size_t{256} << 20;
  int medium_gemm_n = 4096;
  int rounds = 9;
  int launch_rounds = 2000;
  int jobs_per_stream = 50;
  std::size_t streams = 16;
  std::size_t device_pool_bytes = std::size_t{8} << 30;
  std::size_t pinned_bytes = std::size_t{8} << 30;
};

/// More rounds say nothing more, and what is transformed again and again would grow too large.
inline constexpr int most_rounds = 50;

/// To be tried, not to be believed.
extent small_extent();

/// A line of the table. Prints it as a JSON object of its own, at once.
struct row {
  std::string what;
  std::string unit;
  std::optional<double> ours = {};  ///< Through the daemon's backend.
  std::optional<double> bare = {};
  std::string target = {};           ///< What the issue of kernd's wants; empty: nothing.
  std::optional<bool> reached = {};  ///< Only with a target.
  std::string note = {};

  void print() const;
};

/// The daemon's side and what a section may use of it.
struct bench_world {
  daemon_side& side;
  gpu::cuda_backend& backend;
  const extent& sizes;
};

// Each prints its rows; what goes wrong is thrown.
void measure_gemm(const bench_world& world);
void measure_fft(const bench_world& world);
void measure_sort(const bench_world& world);
void measure_reduce(const bench_world& world);
void measure_transfers(const bench_world& world);
void measure_launches(const bench_world& world);
void measure_streams(const bench_world& world);
void measure_memory(const bench_world& world);

}  // namespace kernd::bench
