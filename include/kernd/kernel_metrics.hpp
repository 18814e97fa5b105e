#pragma once

#include "kernd/error.hpp"
#include "kernd/exposition.hpp"
#include "kernd/metrics.hpp"
#include "kernd/registry.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace kernd {

/// How a job ended, for its caller. Every job has exactly one.
enum class job_outcome : std::uint8_t {
  success,
  client_error,  ///< The input was refused, or wanted too much memory.
  failed,        ///< The server's fault or the kernel's.
  timeout,
  cancelled,  ///< The client went away.
  rejected,   ///< Never admitted; `rejection` says why.
};
inline constexpr std::size_t job_outcome_count = 6;

job_outcome outcome_of(errc code) noexcept;

enum class rejection : std::uint8_t { queue_full_kernel, queue_full_total, draining };
inline constexpr std::size_t rejection_count = 3;

using stage_histogram = histogram<stage_duration_bounds.size()>;
using stage_snapshot = histogram_snapshot<stage_duration_bounds.size()>;
using batch_histogram = size_histogram<batch_size_bounds.size()>;
using batch_snapshot = histogram_snapshot<batch_size_bounds.size()>;

/// One kernel's figures over all threads, at about one moment.
struct kernel_totals {
  std::array<std::uint64_t, job_outcome_count> outcomes{};  ///< By `job_outcome`.
  std::uint64_t abandoned = 0;
  stage_snapshot queue_wait;
  stage_snapshot decode;
  stage_snapshot compute;
  stage_snapshot encode;
  batch_snapshot batch_size;

  [[nodiscard]] std::uint64_t operator[](job_outcome o) const {
    return outcomes[static_cast<std::size_t>(o)];
  }
};

/// Counts what becomes of jobs and how long their stages take. All memory is allocated at
/// construction; a worker writes its own slots with plain stores, other threads add atomically.
class kernel_metrics {
 public:
  /// What one worker saw of one kernel. Confined to that worker; any thread reads.
  struct alignas(64) slot {
    std::array<counter, job_outcome_count> outcomes;
    stage_histogram queue_wait;
    stage_histogram decode;
    stage_histogram compute;
    stage_histogram encode;
    batch_histogram batch_size;

    void count(job_outcome o) noexcept { outcomes[static_cast<std::size_t>(o)].add(); }
  };

  /// `registry` is complete and outlives this.
  kernel_metrics(const kernel_registry& registry, std::size_t workers);

  /// The slot of worker `worker` for the kernel with index `kernel`.
  slot& at(std::size_t worker, std::size_t kernel) noexcept {
    return slots_[worker * kernels_ + kernel];
  }

  /// For jobs that do not end on a worker. Any thread.
  void count(std::size_t kernel, job_outcome o) noexcept {
    shared_[kernel].outcomes[static_cast<std::size_t>(o)].add();
  }
  void count_rejected(std::size_t kernel, rejection why) noexcept {
    count(kernel, job_outcome::rejected);
    rejections_[static_cast<std::size_t>(why)].add();
  }
  void count_abandoned(std::size_t kernel) noexcept { shared_[kernel].abandoned.add(); }

  [[nodiscard]] kernel_totals totals(std::size_t kernel) const noexcept;
  [[nodiscard]] std::uint64_t rejections(rejection why) const noexcept {
    return rejections_[static_cast<std::size_t>(why)].value();
  }

  /// Everything here, and which kernels there are.
  void collect(metric_families& out) const;

 private:
  struct alignas(64) shared_slot {
    std::array<shared_counter, job_outcome_count> outcomes;
    shared_counter abandoned;
  };

  void collect_registry(metric_families& out) const;

  const kernel_registry& registry_;
  std::size_t workers_;
  std::size_t kernels_;
  std::unique_ptr<slot[]> slots_;  // by worker, then kernel
  std::unique_ptr<shared_slot[]> shared_;
  std::array<shared_counter, rejection_count> rejections_;
};

}  // namespace kernd
