#pragma once

#include "kernd/config.hpp"
#include "kernd/error.hpp"
#include "kernd/exposition.hpp"
#include "kernd/health.hpp"
#include "kernd/job.hpp"
#include "kernd/kernel_metrics.hpp"
#include "kernd/monitor.hpp"
#include "kernd/registry.hpp"

#include <boost/asio/awaitable.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace kernd {

namespace gpu {
class cuda_backend;
}

/// A job on a worker.
struct running_job {
  std::string_view kernel;  ///< Id.
  std::string request_id;
  std::chrono::nanoseconds age;  ///< Since it was admitted.
  bool abandoned;                ///< Nobody waits for it any more.
};

/// Runs batch kernels off the I/O threads, with bounded admission.
///
/// Safe to call from any thread. `registry`, which is complete, the budget of the jobs' bodies and
/// every caller's event loop outlive the executor. The destructor waits for admitted jobs.
class executor {
 public:
  /// Starts the workers. `devices` outlives the executor; null: all jobs run on the CPU. Throws
  /// `std::system_error` when the system has no more threads.
  executor(const kernel_registry& registry, const executor_config& options,
           const limits_config& limits, gpu::cuda_backend* devices = nullptr);
  ~executor();

  /// Decodes `request`, runs `entry`'s kernel and encodes its output on a worker; resumes on the
  /// caller's event loop, an `io_context` that one thread runs. The job ends for the caller at
  /// `context.deadline`, or earlier when the body's metadata says so, or when `context.cancelled`
  /// is requested; if it still runs then, it is asked to stop and its output is dropped. Queued
  /// work that nobody waits for never runs.
  ///
  /// Errors: `queue_full`, `service_unavailable` (draining), `execution_timeout`, `cancelled`,
  /// `invalid_json`, `invalid_request`, `invalid_input`, `memory_limit_exceeded`,
  /// `memory_exhausted`, `device_error`, `execution_failed`, `non_finite_output`, or what the
  /// kernel returned.
  boost::asio::awaitable<result<job_output>> run(const kernel_entry& entry, job_request request,
                                                 execution_context context);

  /// Takes new limits and timeouts; `workers` cannot change.
  void reconfigure(const executor_config& options, const limits_config& limits);

  /// Refuses new jobs from now on; queued and running ones go on.
  void drain();
  /// Blocks until no job is queued or running, abandoned ones included, or `timeout` has passed.
  /// True when all ended.
  bool wait_idle(std::chrono::milliseconds timeout);

  std::size_t queued() const;
  std::size_t running() const;    ///< On a worker, abandoned ones included.
  std::size_t abandoned() const;  ///< Running though nobody waits any more.
  /// Workers all of whose jobs nobody waits for any more; a batch is more than one job.
  std::size_t abandoned_workers() const;
  std::size_t in_flight() const;  ///< Queued or running, at one moment.
  std::vector<running_job> running_jobs() const;
  std::size_t workers() const noexcept;
  /// Workers whose job is past its deadline by more than `by` at `now`.
  std::size_t overdue(
      std::chrono::nanoseconds by,
      std::chrono::steady_clock::time_point now = std::chrono::steady_clock::now()) const noexcept;

  /// Where jobs run besides the CPU; may be null.
  const gpu::cuda_backend* devices() const noexcept;

  const kernel_metrics& metrics() const noexcept;
  /// Of the workers and of the registry's kernels, by their index.
  execution_monitor& monitor() noexcept;
  /// Executions that succeeded, and those that failed through the server's or the kernel's fault:
  /// for `health_monitor`. A timeout counts as failure unless the client allowed less than the
  /// default.
  const outcome_window& outcomes() const noexcept;
  /// `metrics` and the state of the queue and the workers.
  void collect(metric_families& out) const;

 private:
  struct implementation;
  std::shared_ptr<implementation> implementation_;
};

/// The same job on the calling thread, with neither queue nor deadline: for the self-test and the
/// command line. `stop` asks the kernel to stop. `devices` as of the executor. Errors: as
/// `executor::run` from `invalid_json` on, and `cancelled` when `stop` was set before the kernel
/// began.
result<job_output> run_now(const kernel_entry& entry, const job_request& request,
                           const executor_config& options, const limits_config& limits,
                           const std::atomic<bool>& stop, gpu::cuda_backend* devices = nullptr);

}  // namespace kernd
