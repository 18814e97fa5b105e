#pragma once

#include "kernd/metrics.hpp"
#include "kernd/ring/outbox.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace kernd {

/// How long the calls to the actors of one kernel took. Any thread; each actor counts in one of a
/// few lanes, so that those on different threads seldom meet in a cache line.
class call_latency {
 public:
  using snapshot_type = histogram_snapshot<call_duration_bounds.size()>;

  /// `by`: the actor that was to answer in the end.
  void observe(actor_number by, std::chrono::nanoseconds took) noexcept {
    const auto ns = static_cast<std::uint64_t>(std::max<std::int64_t>(took.count(), 0));
    std::size_t bucket = 0;  // most calls are short
    while (bucket < bounds_ns.size() && ns > bounds_ns[bucket]) ++bucket;
    lane& own = lanes_[by % lanes_.size()];
    own.counts[bucket].add();
    own.sum_ns.add(ns);
  }

  [[nodiscard]] snapshot_type snapshot() const noexcept {
    snapshot_type sum;
    for (const lane& l : lanes_) {
      for (std::size_t i = 0; i < l.counts.size(); ++i) sum.counts[i] += l.counts[i].value();
      sum.sum += static_cast<double>(l.sum_ns.value()) * 1e-9;
    }
    return sum;
  }

 private:
  struct alignas(64) lane {
    std::array<shared_counter, call_duration_bounds.size() + 1> counts;
    shared_counter sum_ns;
  };

  static constexpr auto bounds_ns = [] {
    std::array<std::uint64_t, call_duration_bounds.size()> ns{};
    for (std::size_t i = 0; i < ns.size(); ++i) {
      ns[i] = static_cast<std::uint64_t>(call_duration_bounds[i] * 1e9 + 0.5);
    }
    return ns;
  }();

  std::array<lane, 16> lanes_{};
};

}  // namespace kernd
