#pragma once

#include "kernd/executor.hpp"
#include "src/executor_job.hpp"
#include "src/job_queue.hpp"
#include "src/job_runner.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace kernd {

/// Shared only with what it posts to the callers' loops, which may run after its end.
struct executor::implementation : std::enable_shared_from_this<implementation> {
  using clock = executor_job::clock;

  /// One thread and what it keeps from job to job.
  struct worker {
    worker(std::size_t number, const job_limits& limits) : index{number}, runner{limits} {}

    const std::size_t index;
    job_runner runner;
    /// Of the running job; `max` when there is none. Written by this worker, read by any thread.
    std::atomic<clock::time_point> deadline_at{clock::time_point::max()};
    std::thread thread;
  };

  /// Why a job was not admitted, and the limit that it met.
  struct refusal {
    rejection why;
    std::size_t limit = 0;
  };

  class caller;

  implementation(const kernel_registry& registry, const executor_config& options,
                 const limits_config& limits);
  ~implementation();

  /// Starts the workers. Throws `std::system_error`; destruction ends those that were started.
  void start();

  // on the caller's loop
  result<std::shared_ptr<executor_job>> admit(const kernel_entry& entry, job_request request,
                                              const execution_context& context,
                                              boost::asio::io_context& io);
  std::optional<refusal> enqueue(const std::shared_ptr<executor_job>& job, int priority);
  void plan_wake(boost::asio::io_context& loop);
  void wake_workers();
  error refuse(const kernel_entry& entry, refusal why);
  void give_up(const std::shared_ptr<executor_job>& job, job_verdict why);

  // on a worker
  void work(worker& me);
  std::shared_ptr<executor_job> next(std::unique_lock<std::mutex>& lock);
  clock::duration process(const std::shared_ptr<executor_job>& job, worker& me,
                          const job_limits& limits);
  void tell_metadata(const std::shared_ptr<executor_job>& job, worker& me,
                     const job_limits& limits);
  result<job_output> execute(const std::shared_ptr<executor_job>& job, worker& me,
                             const job_limits& limits);
  void settle(const std::shared_ptr<executor_job>& job, worker& me, result<job_output> output);
  void finish(executor_job& job);

  bool count_timeout(clock::duration allowed);
  void tell_if_idle();

  kernel_metrics metrics;
  execution_monitor monitor;
  outcome_window outcomes;
  std::atomic<std::chrono::milliseconds> default_timeout;

  mutable std::mutex mutex;  // guards what follows, and the place of every job
  std::condition_variable wake;
  std::condition_variable idle;
  job_queue queue;
  job_limits limits_of_job;
  std::size_t running = 0;
  std::size_t abandoned = 0;
  std::size_t parked = 0;  // workers that wait and were not woken yet
  std::size_t woken = 0;   // workers that were woken and have not looked yet
  const boost::asio::io_context* planned_on = nullptr;  // where `wake_workers` was posted last
  bool draining = false;
  bool stopping = false;

  std::vector<std::unique_ptr<worker>> workers;
};

/// The error of a job that has no result `allowed` after its first byte.
error timeout_error(std::chrono::nanoseconds allowed);
error cancelled_error();

}  // namespace kernd
