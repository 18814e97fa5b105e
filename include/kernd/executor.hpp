#pragma once

#include "kernd/config.hpp"
#include "kernd/error.hpp"
#include "kernd/job.hpp"
#include "kernd/kernel_metrics.hpp"
#include "kernd/registry.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <memory>
#include <vector>

namespace kernd {

/// Runs batch kernels off the I/O threads, with bounded admission.
///
/// Safe to call from any thread. `registry` and every caller's event loop outlive the executor.
/// The destructor waits for admitted jobs.
class executor {
 public:
  executor(const kernel_registry& registry, const executor_config& options,
           const limits_config& limits);
  ~executor();

  /// Decodes `request`, runs `entry`'s kernel and encodes its output on a worker; resumes on the
  /// caller's event loop. The job ends for the caller at `context.deadline` or when
  /// `context.cancelled` is requested; if it still runs then, it is asked to stop and its output
  /// is dropped. Queued work that nobody waits for never runs.
  ///
  /// Errors: `queue_full`, `service_unavailable` (draining), `execution_timeout`, `cancelled`,
  /// `invalid_json`, `invalid_request`, `invalid_input`, `memory_limit_exceeded`,
  /// `memory_exhausted`, `execution_failed`, `non_finite_output`, or what the kernel returned.
  boost::asio::awaitable<result<job_output>> run(const kernel_entry& entry, job_request request,
                                                 execution_context context);

  /// Takes new limits and timeouts; `workers` cannot change.
  void reconfigure(const executor_config& options, const limits_config& limits);

  /// Refuses new jobs from now on; queued and running ones go on.
  void drain();
  /// Blocks until no job is queued or running, abandoned ones included, or `timeout` has passed.
  /// True when all ended.
  bool wait_idle(std::chrono::milliseconds timeout);

  std::size_t queued() const noexcept;
  std::size_t running() const noexcept;    ///< On a worker, abandoned ones included.
  std::size_t abandoned() const noexcept;  ///< Running though nobody waits any more.
  std::size_t workers() const noexcept;
  std::size_t in_flight() const noexcept { return queued() + running(); }

  const kernel_metrics& metrics() const noexcept;

 private:
  struct implementation;
  std::unique_ptr<implementation> implementation_;
};

}  // namespace kernd
