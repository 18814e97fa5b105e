// Times what a device does for kernd beside the bare calls of CUDA and its libraries.
//
// Usage: kernd_gpu_bench [--small] [--rounds N] [--only SECTION]
//        kernd_gpu_bench --list
// Prints a JSON object per line: row::print. Exits with 2 where there is no device that can be
// used, with 1 when a section fails; the others still run. --list prints the sections.

#include "bench/gpu/bare.hpp"
#include "bench/gpu/sections.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string_view>

namespace kernd::bench {

extent small_extent() {
  return {.gemm_n = 256,
          .fft_size = 1 << 12,
          .sort_size = 100'000,
          .reduce_size = 1'000'000,
          .copy_bytes = 1 << 20,
          .medium_gemm_n = 256,
          .rounds = 3,
          .launch_rounds = 20,
          .jobs_per_stream = 5,
          .device_pool_bytes = std::size_t{256} << 20,
          .pinned_bytes = std::size_t{128} << 20};
}

void row::print() const {
  nlohmann::ordered_json line{{"what", what}, {"unit", unit}};
  if (ours) line["ours"] = *ours;
  if (bare) line["bare"] = *bare;
  if (reached) line.update({{"target", target}, {"reached", *reached}});
  if (!note.empty()) line["note"] = note;
  std::puts(line.dump().c_str());
  std::fflush(stdout);
}

namespace {

struct section {
  std::string_view name;
  void (*measure)(const bench_world&);
};

constexpr section sections[] = {
    {"gemm", measure_gemm},           {"fft", measure_fft},
    {"sort", measure_sort},           {"reduce", measure_reduce},
    {"transfers", measure_transfers}, {"launches", measure_launches},
    {"streams", measure_streams},     {"memory", measure_memory},
};

int usage() {
  std::fputs("kernd_gpu_bench [--small] [--rounds N] [--only SECTION] | --list\n", stderr);
  return 1;
}

int list() {
  for (const section& each : sections) std::puts(each.name.data());
  return 0;
}

bool is_section(std::string_view name) {
  for (const section& each : sections) {
    if (each.name == name) return true;
  }
  return false;
}

/// True when all went well.
bool measure(const bench_world& world, std::string_view only) {
  bool all_well = true;
  for (const section& each : sections) {
    if (!only.empty() && each.name != only) continue;
    try {
      each.measure(world);
    } catch (const std::exception& e) {
      std::fprintf(stderr, "kernd_gpu_bench: %s: %s\n", each.name.data(), e.what());
      all_well = false;
    }
  }
  return all_well;
}

int run(const extent& sizes, std::string_view only) {
  daemon_side side;
  if (side.cuda.state != gpu::cuda_state::module_loaded) {
    std::fprintf(stderr, "kernd_gpu_bench: no device: %s%s%s\n", side.cuda.found.c_str(),
                 side.cuda.advice.empty() ? "" : "; ", side.cuda.advice.c_str());
    return 2;
  }
  gpu_config options;
  options.devices = {"0"};
  options.cuda_kernels = {"core/axpy"};  // whatever its size, through the executor, too
  options.pool_initial_bytes = sizes.device_pool_bytes;
  options.pinned_pool_bytes = sizes.pinned_bytes;
  options.streams = sizes.streams;
  gpu::cuda_backend backend{side.kernels, side.cuda, options, nullptr};
  for (const auto& device : backend.devices()) {
    if (device.state == gpu::device_state::usable) continue;
    std::fprintf(stderr, "kernd_gpu_bench: no device: %s\n", device.failure.c_str());
    return 2;
  }
  use_device();
  return measure({side, backend, sizes}, only) ? 0 : 1;
}

}  // namespace

}  // namespace kernd::bench

int main(int argc, char** argv) {
  using namespace kernd::bench;
  extent sizes;
  int rounds = 0;
  std::string_view only;
  for (int i = 1; i < argc; ++i) {
    const std::string_view flag = argv[i];
    const char* const value = i + 1 < argc ? argv[i + 1] : "";
    if (flag == "--small") {
      sizes = small_extent();
      continue;
    }
    if (flag == "--list") return list();
    if (flag == "--rounds") rounds = std::atoi(value);
    if (flag == "--only") only = value;
    if ((flag == "--rounds" && rounds > 0) || (flag == "--only" && is_section(only))) {
      ++i;
      continue;
    }
    return usage();
  }
  if (rounds > 0) sizes.rounds = std::min(rounds, most_rounds);
  try {
    return run(sizes, only);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "kernd_gpu_bench: %s\n", e.what());
    return 1;
  }
}
