#pragma once

#include "kernd/executor.hpp"
#include "src/executor_job.hpp"
#include "src/job_queue.hpp"
#include "src/job_runner.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace kernd {

/// Shared only with what it posts to the callers' loops, which may run after its end.
struct executor::implementation : std::enable_shared_from_this<implementation> {
  using clock = executor_job::clock;

  /// A job of a batch that can run, on its worker.
  struct member {
    member(const job_limits& limits, gpu::cuda_backend* devices) : runner{limits, devices} {}

    job_runner runner;
    const std::shared_ptr<executor_job>* job = nullptr;
    clock::time_point deadline_at{};
    clock::duration waited{};  // for a worker
  };

  /// One thread and what it keeps from batch to batch. A batch is the jobs of one kernel that are
  /// computed together; most have one.
  struct worker {
    worker(std::size_t number, std::size_t largest_batch, const job_limits& limits,
           gpu::cuda_backend* devices);

    const std::size_t index;
    json_reader reader;
    std::deque<member> members;        // room for the largest batch
    std::vector<job_runner*> runners;  // theirs
    /// The earliest of what runs; `max` when nothing does. Written by this worker, read by any
    /// thread.
    std::atomic<clock::time_point> deadline_at{clock::time_point::max()};
    std::vector<std::shared_ptr<executor_job>> batch;  // guarded by the executor's mutex
    std::thread thread;
  };

  /// Which jobs are computed together.
  struct batch_limits {
    std::size_t max_size;
    std::chrono::microseconds max_delay;
  };

  /// Why a job was not admitted, and the limit that it met.
  struct refusal {
    rejection why;
    std::size_t limit = 0;
  };

  class caller;

  static batch_limits batch_limits_of(const executor_config& options) {
    return {options.max_batch_size, options.max_queue_delay};
  }

  implementation(const kernel_registry& kernels, const executor_config& options,
                 const limits_config& limits, gpu::cuda_backend* on_devices);
  ~implementation();

  /// Starts the workers. Throws `std::system_error`; destruction ends those that were started.
  void start();

  // on the caller's loop
  std::optional<error> refuse_late(const kernel_entry& entry, const execution_context& context);
  std::optional<error> admit(const std::shared_ptr<executor_job>& job, int priority);
  std::optional<refusal> enqueue(const std::shared_ptr<executor_job>& job, int priority);
  void offer_to_batches(executor_job& job) noexcept;
  bool joins_held(const executor_job& job) const noexcept;
  void plan_wake(boost::asio::io_context& loop);
  void wake_workers();
  error refuse(const kernel_entry& entry, refusal why);
  void give_up(const std::shared_ptr<executor_job>& job, job_verdict why) noexcept;

  // on a worker
  void work(worker& me);
  bool next(worker& me, std::unique_lock<std::mutex>& lock);
  bool is_held(std::unique_lock<std::mutex>& lock);
  void take(worker& me, job_queue_entry& entry) noexcept;
  void take_those_that_join(worker& me) noexcept;
  clock::duration process(worker& me, const job_limits& limits);
  bool prepare(worker& me, member& one, clock::time_point now, const job_limits& limits);
  void tell_metadata(worker& me, member& one, const job_limits& limits);
  result<void> decode(worker& me, member& one, const job_limits& limits);
  void compute(worker& me, std::size_t count) noexcept;
  void conclude(worker& me, member& one, job_end end) noexcept;
  void settle(worker& me, member& one, job_end end) noexcept;
  void finish(worker& me) noexcept;

  // on both
  std::size_t largest_batch(std::size_t kernel) const noexcept;
  clock::time_point held_until() const noexcept;

  bool count_timeout(clock::duration allowed);
  void tell_if_idle();

  const kernel_registry& registry;
  gpu::cuda_backend* const devices;
  kernel_metrics metrics;
  execution_monitor monitor;
  outcome_window outcomes;
  std::atomic<std::chrono::milliseconds> default_timeout;

  mutable std::mutex mutex;  // guards what follows, and the place of every job
  std::condition_variable wake;
  std::condition_variable idle;
  std::condition_variable company;  // for the worker that minds held jobs
  job_queue queue;
  job_limits limits_of_job;
  batch_limits limits_of_batch;
  std::size_t running = 0;
  std::size_t abandoned = 0;
  std::size_t parked = 0;  // workers that wait and were not woken yet
  std::size_t woken = 0;   // workers that were woken and have not looked yet
  const boost::asio::io_context* planned_on = nullptr;  // where `wake_workers` was posted last
  bool minded = false;                                  // a worker minds held jobs
  bool draining = false;
  bool stopping = false;

  std::vector<std::unique_ptr<worker>> workers;
};

}  // namespace kernd
