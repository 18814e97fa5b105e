#include "src/gpu/calibration.hpp"

#include "kernd/cpu_context.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <exception>
#include <limits>
#include <optional>

namespace kernd::gpu {

namespace {

using clock = std::chrono::steady_clock;

constexpr std::array<std::size_t, 5> sizes = {1 << 10, 16 << 10, 256 << 10, 4 << 20, 32 << 20};
constexpr int runs_per_size = 3;
/// Larger inputs would only show once more what this one shows.
constexpr double long_run_us = 20'000;
constexpr std::size_t memory_limit_bytes = std::size_t{1} << 30;
constexpr std::uint64_t seed = 1;

/// One input, and room for one output after the other.
class trial {
 public:
  trial(const kernel_entry& entry, std::size_t bytes, memory_source* source,
        const std::atomic<bool>& stop)
      : entry_{entry}, bytes_{bytes}, stop_{stop}, memory_{memory_limit_bytes, source} {}

  /// The least time of some runs, in µs; nothing when one fails. Two at least: the first may wait
  /// for what libraries make once, such as handles and plans.
  template <class F>
  std::optional<double> best(F run) {
    double least = std::numeric_limits<double>::max();
    for (int i = 0; i < runs_per_size; ++i) {
      const auto took = once(run);
      if (!took) return std::nullopt;
      least = std::min(least, *took);
      if (i > 0 && least > long_run_us) break;
    }
    return least;
  }

  cpu_context& context() noexcept { return context_; }

 private:
  template <class F>
  std::optional<double> once(F& run) {
    memory_.reset(memory_limit_bytes);
    void* const in = memory_.allocate_bytes(entry_.kernel.input->size_bytes);
    entry_.kernel.input->construct(in);
    entry_.kernel.sample(in, bytes_, seed, context_);
    void* const out = memory_.allocate_bytes(entry_.kernel.output->size_bytes);
    entry_.kernel.output->construct(out);
    if (stop_.load(std::memory_order_relaxed)) return std::nullopt;
    const auto start = clock::now();
    if (!run(in, out, memory_)) return std::nullopt;
    return std::chrono::duration<double, std::micro>(clock::now() - start).count();
  }

  const kernel_entry& entry_;
  const std::size_t bytes_;
  const std::atomic<bool>& stop_;
  arena memory_;
  cpu_context context_{memory_, stop_};
};

std::optional<calibration_point> measure(const kernel_entry& entry, std::size_t bytes,
                                         const device_trial& on_device, memory_source* source,
                                         const std::atomic<bool>& stop) {
  trial one{entry, bytes, source, stop};
  const auto cuda_us = one.best(on_device);
  if (!cuda_us) return std::nullopt;
  const auto cpu_us = one.best([&](const void* in, void* out, arena&) {
    return entry.kernel.run_on_cpu(in, out, one.context()).has_value();
  });
  if (!cpu_us) return std::nullopt;
  return calibration_point{bytes, *cpu_us, *cuda_us};
}

}  // namespace

std::vector<calibration_point> calibrate(const kernel_entry& entry, const device_trial& on_device,
                                         memory_source* source, const std::atomic<bool>& stop) {
  std::vector<calibration_point> points;
  try {
    for (const std::size_t bytes : sizes) {
      const auto point = measure(entry, bytes, on_device, source, stop);
      if (!point) break;
      points.push_back(*point);
      if (point->cpu_us > long_run_us) break;
    }
  } catch (const std::exception&) {
    // out of memory, or the kernel's: what was measured until then counts
  }
  return points;
}

}  // namespace kernd::gpu
