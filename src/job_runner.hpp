#pragma once

#include "kernd/arena.hpp"
#include "kernd/config.hpp"
#include "kernd/error.hpp"
#include "kernd/execute_body.hpp"
#include "kernd/job.hpp"
#include "kernd/registry.hpp"
#include "kernd/text_buffer.hpp"
#include "src/job_end.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <optional>
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
/// `reset`. Confined to one thread; keeps what memory is worth keeping from job to job.
class job_runner {
 public:
  explicit job_runner(const job_limits& limits)
      : memory_{limits.memory_bytes}, reader_{limits.max_json_depth} {}

  /// The backend boundary: calls `f`, which returns a `result<job_output>`; whatever it throws
  /// becomes the error of the job. What follows it needs no memory.
  template <class F>
  job_end guarded(const kernel_entry& entry, F f) noexcept {
    try {
      result<job_output> output = f();
      if (output) return *std::move(output);
      return output.error();
    } catch (...) {
      return error_of_current_exception(entry);
    }
  }

  /// Decodes `body`, checks its metadata and the kernel's rules across fields. The body is not
  /// needed afterwards. Throws when memory is out or the kernel throws.
  result<void> decode(const kernel_entry& entry, const text_buffer& body, const job_limits& limits);

  /// The metadata of a body that could not be decoded, as far as it is sound. Throws as `decode`.
  job_metadata peek(const text_buffer& body, const job_limits& limits) {
    return peek_metadata(reader_, body, limits.max_timeout);
  }

  /// Of the body that was decoded.
  [[nodiscard]] const job_metadata& metadata() const noexcept { return body_.metadata; }

  /// Runs the kernel on what `decode` accepted and encodes the output. `stop` tells the kernel that
  /// nobody waits any more. Leaves the output's `queue_wait` to the caller. Throws as `decode`.
  result<job_output> compute(const kernel_entry& entry, const std::atomic<bool>& stop);

  /// Of the job since the last `reset`.
  [[nodiscard]] const stage_times& times() const noexcept { return times_; }

  /// Gives the job's memory back and forgets the job.
  void reset() noexcept;

 private:
  error error_of_current_exception(const kernel_entry& entry) noexcept;
  void free_memory() noexcept;

  arena memory_;
  json_reader reader_;
  execute_body body_{};
  stage_times times_;
};

}  // namespace kernd
