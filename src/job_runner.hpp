#pragma once

#include "kernd/arena.hpp"
#include "kernd/config.hpp"
#include "kernd/error.hpp"
#include "kernd/execute_body.hpp"
#include "kernd/gpu/backend.hpp"
#include "kernd/job.hpp"
#include "kernd/registry.hpp"
#include "kernd/text_buffer.hpp"
#include "src/job_end.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <utility>

namespace kernd {

/// What one job may use.
struct job_limits {
  std::size_t memory_bytes;
  std::size_t max_json_depth;
  std::chrono::milliseconds max_timeout;

  job_limits(const executor_config& options, const limits_config& limits)
      : memory_bytes{limits.job_memory_bytes},
        max_json_depth{limits.max_json_depth},
        max_timeout{options.max_timeout} {}
};

/// How long the stages of a job took; empty when it did not get there.
struct stage_times {
  std::optional<std::chrono::nanoseconds> decode;
  std::optional<std::chrono::nanoseconds> compute;
  std::optional<std::chrono::nanoseconds> encode;
  std::chrono::steady_clock::time_point compute_start{};  ///< When `compute` is not empty.
};

/// Takes one job after the other from body to output, on the calling thread: `decode`, `compute`,
/// `encode`, `reset`. Several take as many jobs of one kernel through `compute` together. Confined
/// to one thread; keeps what memory is worth keeping from job to job.
class job_runner {
 public:
  /// `devices` outlives the runner; null: all jobs run on the CPU.
  explicit job_runner(const job_limits& limits, gpu::cuda_backend* devices = nullptr)
      : devices_{devices},
        memory_{limits.memory_bytes, devices == nullptr ? nullptr : devices->host_memory()} {}

  /// The backend boundary: calls `f`, which returns a `result<void>`; whatever it throws becomes
  /// the error of the job. What follows it needs no memory. Empty when `f` succeeded.
  template <class F>
  std::optional<error> guarded(const kernel_entry& entry, F f) noexcept {
    try {
      result<void> done = f();
      if (done) return std::nullopt;
      return std::move(done).error();
    } catch (...) {
      return error_of_current_exception(entry);
    }
  }

  /// Decodes `body`, checks its metadata and the kernel's rules across fields. The body is not
  /// needed afterwards; `priority` is for a device; `stop` is needed until `compute` returns: it
  /// tells that nobody waits any more. Throws when memory is out or the kernel throws.
  result<void> decode(json_reader& reader, const kernel_entry& entry, const text_buffer& body,
                      const job_limits& limits, int priority, const std::atomic<bool>& stop);

  /// Of the body that was decoded.
  [[nodiscard]] const job_metadata& metadata() const noexcept { return body_.metadata; }

  /// One batch: runs the kernel on what each of `jobs` has decoded, together on a device where the
  /// kernel's placement says so and the device can, else one by one on the CPU. One that fails does
  /// so alone, and one that nobody waits for does not run. What they have computed is there until
  /// the last of them is reset. Returns how many ran.
  static std::size_t compute(const kernel_entry& entry, std::span<job_runner* const> jobs) noexcept;

  /// How the job ends after `compute`. Leaves the output's `queue_wait` and `batch_size` to the
  /// caller.
  job_end encode(const kernel_entry& entry) noexcept;

  /// Of the job since the last `reset`.
  [[nodiscard]] const stage_times& times() const noexcept { return times_; }

  /// Gives the job's memory back and forgets the job.
  void reset() noexcept;

 private:
  using clock = std::chrono::steady_clock;

  static void run_on_devices(const kernel_entry& entry, std::span<job_runner* const> jobs) noexcept;
  static bool run_together(const kernel_entry& entry, std::span<job_runner* const> jobs) noexcept;
  void computed_on(const gpu::device_run& run, clock::time_point end) noexcept;
  result<void> run_on_cpu(const kernel_entry& entry);
  result<void> write_output(const kernel_entry& entry, job_output& output);
  error error_of_current_exception(const kernel_entry& entry) noexcept;
  void free_memory() noexcept;

  gpu::cuda_backend* devices_;
  arena memory_;
  execute_body body_{};
  const std::atomic<bool>* stop_ = nullptr;
  int priority_ = 0;
  void* computed_ = nullptr;  // the kernel's output, in the arena of one of the batch
  bool is_computed_ = false;  // on a device
  std::optional<device_use> device_;
  std::optional<error> failure_;  // of `compute`
  stage_times times_;
};

}  // namespace kernd
