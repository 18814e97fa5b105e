// Times one kernel's own code on one input, or what the machine can do at most.
//
// Usage: kernd_kernel_bench run ID BODY_FILE SECONDS     a body as POSTed to …/execute
//        kernd_kernel_bench blas N SECONDS              an N × N product by the BLAS alone
//        kernd_kernel_bench limits SECONDS
// Prints one JSON object. Neither decoding nor encoding is timed; the output gets its memory as in
// a daemon whose last job was alike.

#include "kernd/execute_body.hpp"
#include "kernd/parallel.hpp"
#include "kernd/registry.hpp"
#include "kernels/catalogue.hpp"

#include <cblas.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace kernd;
using clock_type = std::chrono::steady_clock;

constexpr std::size_t memory_bytes = std::size_t{8} << 30;

/// How long `work` took each time, in ascending order; repeated for `seconds` and at least three
/// times.
template <class F>
std::vector<double> sorted_seconds(double seconds, F&& work) {
  std::vector<double> times;
  const auto end = clock_type::now() + std::chrono::duration<double>(seconds);
  while (times.size() < 3 || clock_type::now() < end) {
    const auto start = clock_type::now();
    work();
    times.push_back(std::chrono::duration<double>(clock_type::now() - start).count());
  }
  std::ranges::sort(times);
  return times;
}

template <class F>
double median_seconds(double seconds, F&& work) {
  const auto times = sorted_seconds(seconds, work);
  return times[times.size() / 2];
}

/// For limits: what else ran in the meantime is not the machine's.
template <class F>
double least_seconds(double seconds, F&& work) {
  return sorted_seconds(seconds, work).front();
}

int fail(std::string_view what) {
  std::fprintf(stderr, "%.*s\n", static_cast<int>(what.size()), what.data());
  return 1;
}

int run_kernel(std::string_view id, const char* file, double seconds) {
  kernel_registry registry;
  kernels::add_all(registry).value();
  const kernel_entry* const entry = registry.find(id);
  if (entry == nullptr) return fail("no such kernel");
  std::ifstream stream{file, std::ios::binary};
  const std::string text{std::istreambuf_iterator<char>{stream}, {}};
  json_reader reader{64};
  arena inputs{memory_bytes}, outputs{memory_bytes};
  auto body = decode_execute_body(reader, text_buffer{text}, entry->input, inputs,
                                  std::chrono::milliseconds{1});
  if (!body) return fail(std::string{body.error().message});
  if (auto valid = entry->kernel.validate(body->input); !valid) {
    return fail(std::string{valid.error().message});
  }
  const std::atomic<bool> never{false};
  bool failed = false;
  const double median = median_seconds(seconds, [&] {
    outputs.reset(memory_bytes);
    void* const output = outputs.allocate_bytes(entry->kernel.output->size_bytes);
    entry->kernel.output->construct(output);
    cpu_context context{outputs, never};
    failed = failed || !entry->kernel.run_on_cpu(body->input, output, context);
  });
  if (failed) return fail("the kernel failed");
  std::printf("{\"seconds\":%.9g}\n", median);
  return 0;
}

/// On one thread: the BLAS that gemm is made of has no more.
int run_blas(int n, double seconds) {
  const auto count = static_cast<std::size_t>(n) * static_cast<std::size_t>(n);
  std::vector<float> a(count), b(count), c(count);
  for (std::size_t i = 0; i < count; ++i) {
    a[i] = static_cast<float>(i % 1009) / 1009;
    b[i] = static_cast<float>(i % 1013) / 1013;
  }
  const double median = median_seconds(seconds, [&] {
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, n, n, 1, a.data(), n, b.data(), n, 0,
                c.data(), n);
  });
  std::printf("{\"seconds\":%.9g}\n", median);
  return 0;
}

/// The triad of the STREAM benchmark (McCalpin 1995) on all cores, in bytes per second, writes not
/// counted twice.
double stream_bandwidth(double seconds) {
  constexpr std::size_t count = std::size_t{1} << 25, grain = std::size_t{1} << 18;
  std::vector<float> a(count), b(count, 1), c(count, 2);
  const double least = least_seconds(seconds, [&] {
    parallel_for(count, grain, [&](std::size_t first, std::size_t last) {
      for (std::size_t i = first; i < last; ++i) a[i] = b[i] + 3 * c[i];
    });
  });
  return 3.0 * count * sizeof(float) / least;
}

constexpr std::size_t vector_bytes = 64;
constexpr std::size_t chains =
    10;  // independent: more than the pipeline holds, fewer than registers

/// Multiply-adds in registers: one variable per chain, because an array would stay in memory.
template <class T>
[[gnu::always_inline]] inline T fused(T seed, std::size_t rounds) {
  using vector [[gnu::vector_size(vector_bytes)]] = T;
  const vector x = vector{} + T{0.999}, y = vector{} + T{0.001}, start = vector{} + seed;
  // Each from another start, or the compiler would see that they are one.
  vector a = start, b = start + 1, c = start + 2, d = start + 3, e = start + 4;
  vector f = start + 5, g = start + 6, h = start + 7, i = start + 8, j = start + 9;
  for (std::size_t r = 0; r < rounds; ++r) {
    a = a * x + y, b = b * x + y, c = c * x + y, d = d * x + y, e = e * x + y;
    f = f * x + y, g = g * x + y, h = h * x + y, i = i * x + y, j = j * x + y;
  }
  return (a + b + c + d + e + f + g + h + i + j)[0];
}

// As wide as the processor has them; a template would not be cloned.
[[gnu::target_clones("avx512f", "fma", "default")]] float fused_widest(
    float seed, std::size_t rounds) {
  return fused(seed, rounds);
}
[[gnu::target_clones("avx512f", "fma", "default")]] double fused_widest(
    double seed, std::size_t rounds) {
  return fused(seed, rounds);
}

template <class T>
double peak_flops(double seconds) {
  constexpr std::size_t rounds = 20'000, ranges = 16;
  constexpr std::size_t lanes = chains * vector_bytes / sizeof(T);
  std::atomic<bool> is_finite{true};
  const double least = least_seconds(seconds, [&] {
    parallel_for(ranges, 1, [&](std::size_t first, std::size_t) {
      if (!(fused_widest(static_cast<T>(first), rounds) < 1e9))
        is_finite = false;  // used: not dropped
    });
  });
  return is_finite ? 2.0 * lanes * rounds * ranges / least : 0;
}

int print_limits(double seconds) {
  std::printf("{\"bytes_per_second\":%.6g,\"f32_flops\":%.6g,\"f64_flops\":%.6g}\n",
              stream_bandwidth(seconds), peak_flops<float>(seconds), peak_flops<double>(seconds));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view what = argc > 1 ? argv[1] : "";
  if (what == "run" && argc == 5) return run_kernel(argv[2], argv[3], std::atof(argv[4]));
  if (what == "blas" && argc == 4) return run_blas(std::atoi(argv[2]), std::atof(argv[3]));
  if (what == "limits" && argc == 3) return print_limits(std::atof(argv[2]));
  return fail("kernd_kernel_bench run ID BODY_FILE SECONDS | blas N SECONDS | limits SECONDS");
}
