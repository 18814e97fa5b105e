#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace kernd {

/// A count that one thread raises and any thread reads: a plain store, never a locked instruction.
class counter {
 public:
  void add(std::uint64_t n = 1) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t value() const noexcept {
    return value_.load(std::memory_order_relaxed);
  }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// A count that any thread raises and any thread reads.
class shared_counter {
 public:
  void add(std::uint64_t n = 1) noexcept { value_.fetch_add(n, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t value() const noexcept {
    return value_.load(std::memory_order_relaxed);
  }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// What a histogram held at one moment; addable, so that the slots of several threads merge.
template <std::size_t Buckets>
struct histogram_snapshot {
  std::array<std::uint64_t, Buckets + 1> counts{};  ///< Not cumulative; the last one is +Inf.
  double sum = 0;                                   ///< In seconds, of durations.

  histogram_snapshot& operator+=(const histogram_snapshot& other) {
    for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += other.counts[i];
    sum += other.sum;
    return *this;
  }
};

/// Durations in buckets; one thread observes, any thread reads. `bounds` are upper bounds in
/// seconds, ascending.
template <std::size_t Buckets>
class histogram {
 public:
  using bounds_type = std::array<double, Buckets>;

  void observe(const bounds_type& bounds, std::chrono::nanoseconds duration) noexcept {
    const double seconds = std::chrono::duration<double>(duration).count();
    const auto bucket = std::lower_bound(bounds.begin(), bounds.end(), seconds) - bounds.begin();
    counts_[static_cast<std::size_t>(bucket)].add();
    sum_ns_.add(static_cast<std::uint64_t>(std::max<std::int64_t>(duration.count(), 0)));
  }

  [[nodiscard]] histogram_snapshot<Buckets> snapshot() const noexcept {
    histogram_snapshot<Buckets> result;
    for (std::size_t i = 0; i < counts_.size(); ++i) result.counts[i] = counts_[i].value();
    result.sum = static_cast<double>(sum_ns_.value()) * 1e-9;
    return result;
  }

 private:
  std::array<counter, Buckets + 1> counts_{};
  counter sum_ns_;
};

/// Counts of things in buckets; one thread observes, any thread reads. `bounds` are upper bounds,
/// ascending.
template <std::size_t Buckets>
class size_histogram {
 public:
  void observe(const std::array<double, Buckets>& bounds, std::size_t size) noexcept {
    const auto bucket = std::lower_bound(bounds.begin(), bounds.end(), static_cast<double>(size));
    counts_[static_cast<std::size_t>(bucket - bounds.begin())].add();
    sum_.add(size);
  }

  [[nodiscard]] histogram_snapshot<Buckets> snapshot() const noexcept {
    histogram_snapshot<Buckets> result;
    for (std::size_t i = 0; i < counts_.size(); ++i) result.counts[i] = counts_[i].value();
    result.sum = static_cast<double>(sum_.value());
    return result;
  }

 private:
  std::array<counter, Buckets + 1> counts_{};
  counter sum_;
};

/// OpenTelemetry's advice for `http.server.request.duration`, with sub-millisecond steps below.
inline constexpr std::array<double, 18> http_duration_bounds = {
    0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
    0.05,    0.075,  0.1,     0.25,   0.5,   0.75,   1.0,   2.5,  10.0};
/// For queue wait, decoding, computing and encoding.
inline constexpr std::array<double, 14> stage_duration_bounds = {
    0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005,
    0.01,    0.025,  0.1,     0.25,   1.0,   10.0,   60.0};
/// For the jobs of a batch.
inline constexpr std::array<double, 9> batch_size_bounds = {1, 2, 4, 8, 16, 32, 64, 128, 256};
/// For calls of actors, which take a microsecond when both sides are awake.
inline constexpr std::array<double, 19> call_duration_bounds = {
    0.000001, 0.0000025, 0.000005, 0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001,
    0.0025,   0.005,     0.01,     0.025,   0.1,      0.25,    1.0,    10.0,    60.0};

}  // namespace kernd
