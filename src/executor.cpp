#include "kernd/executor.hpp"

#include "kernd/execute_body.hpp"
#include "src/executor_job.hpp"
#include "src/job_queue.hpp"
#include "src/job_runner.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>
#include <pthread.h>

#include <algorithm>
#include <condition_variable>
#include <limits>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace kernd {

namespace {

namespace asio = boost::asio;
using clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

std::size_t worker_count(const executor_config& options) {
  return options.workers != 0 ? options.workers : std::max(1u, std::thread::hardware_concurrency());
}

job_queue_limits queue_limits(const executor_config& options) {
  return {options.max_queue_depth, options.kernel_queue_depth, options.ageing};
}

error timeout_error(clock::duration allowed) {
  const auto ms = std::chrono::duration_cast<milliseconds>(allowed).count();
  return {errc::execution_timeout, "no result within " + std::to_string(ms) + " ms"};
}

error cancelled_error() {
  return {errc::cancelled, "the client went away"};
}

/// The system cuts thread names at 15 bytes.
void name_worker(std::size_t index) {
  auto name = "kernd-worker-" + std::to_string(index);
  if (name.size() > 15) name = "kernd-work-" + std::to_string(index);
  pthread_setname_np(pthread_self(), name.c_str());
}

}  // namespace

struct executor::implementation {
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

  // on the caller's loop
  result<std::shared_ptr<executor_job>> admit(const kernel_entry& entry, job_request request,
                                              const execution_context& context,
                                              asio::io_context& io);
  std::optional<refusal> enqueue(const std::shared_ptr<executor_job>& job, int priority);
  error refuse(const kernel_entry& entry, refusal why);
  void give_up(const std::shared_ptr<executor_job>& job, job_verdict why);

  // on a worker
  void work(worker& me);
  std::shared_ptr<executor_job> next(std::unique_lock<std::mutex>& lock);
  void process(const std::shared_ptr<executor_job>& job, worker& me, const job_limits& limits);
  result<job_output> execute(const std::shared_ptr<executor_job>& job, worker& me,
                             const job_limits& limits);
  void settle(const std::shared_ptr<executor_job>& job, worker& me, result<job_output> output);
  void finish(executor_job& job);

  void release_body(executor_job& job);
  void count_timeout(clock::duration allowed);
  void tell_if_idle();

  kernel_metrics metrics;
  outcome_window outcomes;
  /// Bodies of jobs that wait or decode, with the parser's index.
  std::atomic<std::size_t> body_bytes{0};
  std::atomic<milliseconds> default_timeout;

  mutable std::mutex mutex;  // guards what follows, and the place of every job
  std::condition_variable wake;
  std::condition_variable idle;
  job_queue queue;
  job_limits limits_of_job;
  std::size_t body_bytes_limit;
  std::size_t running = 0;
  std::size_t abandoned = 0;
  std::size_t parked = 0;  // workers that wait and were not woken yet
  std::size_t woken = 0;   // workers that were woken and have not looked yet
  bool draining = false;
  bool stopping = false;

  std::vector<std::unique_ptr<worker>> workers;
};

executor::implementation::implementation(const kernel_registry& registry,
                                         const executor_config& options,
                                         const limits_config& limits)
    : metrics{registry, worker_count(options)},
      default_timeout{options.default_timeout},
      queue{registry.size(), queue_limits(options)},
      limits_of_job{options, limits},
      body_bytes_limit{limits.body_memory_bytes} {
  for (std::size_t i = 0; i < worker_count(options); ++i) {
    workers.push_back(std::make_unique<worker>(i, limits_of_job));
  }
  for (auto& w : workers) {
    w->thread = std::thread{[this, me = w.get()] { work(*me); }};
  }
}

executor::implementation::~implementation() {
  {
    const std::lock_guard lock{mutex};
    draining = true;
    stopping = true;
  }
  wake.notify_all();
  for (auto& w : workers) w->thread.join();
}

error executor::implementation::refuse(const kernel_entry& entry, refusal why) {
  metrics.count_rejected(entry.index, why.why);
  const auto limit = std::to_string(why.limit);
  switch (why.why) {
    case rejection::queue_full_kernel:
      return {errc::queue_full, "the queue of " + std::string{entry.kernel.info.id} +
                                    " is full: limit " + limit + " jobs"};
    case rejection::queue_full_total:
      return {errc::queue_full, "the queue of all kernels is full: limit " + limit + " jobs"};
    case rejection::memory:
      return {errc::memory_exhausted,
              "the memory for waiting bodies is full: limit " + limit + " bytes"};
    case rejection::draining:
      break;
  }
  return {errc::service_unavailable, "draining: no new jobs are admitted"};
}

result<std::shared_ptr<executor_job>> executor::implementation::admit(
    const kernel_entry& entry, job_request request, const execution_context& context,
    asio::io_context& io) {
  const auto now = clock::now();
  if (context.cancelled.stop_requested()) {
    metrics.count(entry.index, job_outcome::cancelled);
    return cancelled_error();
  }
  if (now >= context.deadline) {
    const auto allowed = context.deadline - context.received;
    metrics.count(entry.index, job_outcome::timeout);
    count_timeout(allowed);
    return timeout_error(allowed);
  }
  auto job = std::make_shared<executor_job>(entry, std::move(request), context, io);
  job->admitted = now;
  job->held_bytes = body_memory_bytes(job->body.size());
  if (const auto refused = enqueue(job, context.priority)) return refuse(entry, *refused);
  return job;
}

std::optional<executor::implementation::refusal> executor::implementation::enqueue(
    const std::shared_ptr<executor_job>& job, int priority) {
  std::unique_lock lock{mutex};
  if (draining) return refusal{rejection::draining};
  // Alone, a job may always hold what the limit of one body allowed it.
  const auto held = body_bytes.load(std::memory_order_relaxed);
  if (held != 0 && held + job->held_bytes > body_bytes_limit) {
    return refusal{rejection::memory, body_bytes_limit};
  }
  switch (queue.push(*job, priority, job->admitted)) {
    case job_queue::admission::kernel_full:
      return refusal{rejection::queue_full_kernel, queue.limits().per_kernel};
    case job_queue::admission::total_full:
      return refusal{rejection::queue_full_total, queue.limits().total};
    case job_queue::admission::accepted:
      break;
  }
  job->self = job;
  body_bytes.fetch_add(job->held_bytes, std::memory_order_relaxed);
  // A worker on its way takes one job; only what exceeds those needs another.
  const bool wake_one = parked > 0 && queue.size() > woken;
  if (wake_one) --parked, ++woken;
  lock.unlock();
  if (wake_one) wake.notify_one();
  return std::nullopt;
}

void executor::implementation::give_up(const std::shared_ptr<executor_job>& job, job_verdict why) {
  if (!job->settle(why)) return;
  job->stop.store(true, std::memory_order_relaxed);  // a hint, see cpu_context
  std::shared_ptr<executor_job> unlinked;
  {
    const std::lock_guard lock{mutex};
    if (job->where == executor_job::place::queued) {
      queue.remove(*job);
      job->where = executor_job::place::done;
      unlinked = std::move(job->self);
      tell_if_idle();
    } else if (job->where == executor_job::place::running) {
      job->abandoned = true;
      ++abandoned;
      metrics.count_abandoned(job->kernel());
    }
  }
  if (unlinked) release_body(*job);
  if (why == job_verdict::timed_out) {
    metrics.count(job->kernel(), job_outcome::timeout);
    count_timeout(job->allowed);
    job->output = timeout_error(job->allowed);
  } else {
    metrics.count(job->kernel(), job_outcome::cancelled);
    job->output = cancelled_error();
  }
  executor_job::resume_caller(job);
}

void executor::implementation::work(worker& me) {
  name_worker(me.index);
  std::unique_lock lock{mutex};
  while (const auto job = next(lock)) {
    const auto limits = limits_of_job;
    lock.unlock();
    process(job, me, limits);
    lock.lock();
    finish(*job);
  }
}

/// Waits for the next job; null when there is none and never will be.
std::shared_ptr<executor_job> executor::implementation::next(std::unique_lock<std::mutex>& lock) {
  for (;;) {
    if (auto* const entry = queue.pop()) {
      auto& job = static_cast<executor_job&>(*entry);
      job.where = executor_job::place::running;
      ++running;
      return std::move(job.self);
    }
    if (stopping) return nullptr;
    ++parked;
    wake.wait(lock, [this] { return woken > 0 || stopping; });
    if (woken > 0) --woken;
  }
}

void executor::implementation::process(const std::shared_ptr<executor_job>& job, worker& me,
                                       const job_limits& limits) {
  const auto started = clock::now();
  me.deadline_at.store(job->deadline_at, std::memory_order_relaxed);
  const auto waited = started - job->admitted;
  auto output = me.runner.guarded(job->entry, [&]() -> result<job_output> {
    if (started >= job->deadline_at) return timeout_error(job->deadline_at - job->received);
    return execute(job, me, limits);
  });
  release_body(*job);
  if (output) output->queue_wait = waited;
  metrics.at(me.index, job->kernel()).queue_wait.observe(stage_duration_bounds, waited);
  settle(job, me, std::move(output));
  me.runner.reset();
  me.deadline_at.store(clock::time_point::max(), std::memory_order_relaxed);
}

result<job_output> executor::implementation::execute(const std::shared_ptr<executor_job>& job,
                                                     worker& me, const job_limits& limits) {
  auto decoded = me.runner.decode(job->entry, job->body, limits);
  release_body(*job);
  if (!decoded) return std::move(decoded).error();
  if (const auto timeout = me.runner.metadata().timeout) {
    const auto at = job->received + *timeout;
    if (at < job->deadline_at) {
      if (clock::now() >= at) return timeout_error(*timeout);
      me.deadline_at.store(at, std::memory_order_relaxed);
      executor_job::move_deadline(job, at);
    }
  }
  if (job->stop.load(std::memory_order_relaxed)) return cancelled_error();  // nobody reads it
  return me.runner.compute(job->entry, job->stop);
}

/// Counts the job and hands its output to the caller, unless that gave up before.
void executor::implementation::settle(const std::shared_ptr<executor_job>& job, worker& me,
                                      result<job_output> output) {
  auto& slot = metrics.at(me.index, job->kernel());
  const auto& times = me.runner.times();
  if (times.decode) slot.decode.observe(stage_duration_bounds, *times.decode);
  if (times.compute) slot.compute.observe(stage_duration_bounds, *times.compute);
  if (times.encode) slot.encode.observe(stage_duration_bounds, *times.encode);
  if (!job->settle(job_verdict::completed)) return;

  const auto outcome = output ? job_outcome::success : outcome_of(output.error().code);
  slot.count(outcome);
  if (outcome == job_outcome::success) outcomes.add(true);
  if (outcome == job_outcome::failed) outcomes.add(false);
  if (outcome == job_outcome::timeout) {
    const auto asked = me.runner.metadata().timeout;
    count_timeout(asked ? *asked : job->deadline_at - job->received);
  }
  job->output = std::move(output);
  executor_job::resume_caller(job);
}

void executor::implementation::finish(executor_job& job) {
  job.where = executor_job::place::done;
  --running;
  if (job.abandoned) --abandoned;
  tell_if_idle();
}

/// Frees the body as soon as nobody reads it any more; may be called again.
void executor::implementation::release_body(executor_job& job) {
  body_bytes.fetch_sub(std::exchange(job.held_bytes, 0), std::memory_order_relaxed);
  job.body = {};
}

/// A client that allows less than the default may time out without any fault of the server.
void executor::implementation::count_timeout(clock::duration allowed) {
  if (allowed >= default_timeout.load(std::memory_order_relaxed)) outcomes.add(false);
}

void executor::implementation::tell_if_idle() {
  if (running == 0 && queue.size() == 0) idle.notify_all();
}

/// The caller's end of a job, in the caller's frame: gives the job up at its deadline or when it is
/// cancelled. Confined to the loop's thread.
class executor::implementation::caller final : public deadline {
 public:
  caller(implementation& owner, std::shared_ptr<executor_job> job, std::stop_token cancelled)
      : owner_{owner}, job_{std::move(job)}, cancelled_{std::move(cancelled), cancel{*this}} {
    job_->waiting = this;
    deadline_list::of(job_->loop).arm(*this, job_->deadline_at);
  }
  ~caller() { job_->waiting = nullptr; }

 private:
  struct cancel {
    caller& end;
    void operator()() const { end.owner_.give_up(end.job_, job_verdict::cancelled); }
  };

  void expired() override { owner_.give_up(job_, job_verdict::timed_out); }

  implementation& owner_;
  std::shared_ptr<executor_job> job_;
  std::stop_callback<cancel> cancelled_;  // last: it may call at once
};

executor::executor(const kernel_registry& registry, const executor_config& options,
                   const limits_config& limits)
    : implementation_{std::make_unique<implementation>(registry, options, limits)} {}

executor::~executor() = default;

asio::awaitable<result<job_output>> executor::run(const kernel_entry& entry, job_request request,
                                                  execution_context context) {
  const auto here = co_await asio::this_coro::executor;
  auto& io = static_cast<asio::io_context&>(asio::query(here, asio::execution::context));
  auto admitted = implementation_->admit(entry, std::move(request), context, io);
  if (!admitted) co_return std::move(admitted).error();

  const auto job = *std::move(admitted);
  const implementation::caller end{*implementation_, job, context.cancelled};
  auto ended = job->await();
  co_await std::move(ended);
  co_return std::move(job->output);
}

void executor::reconfigure(const executor_config& options, const limits_config& limits) {
  auto& me = *implementation_;
  me.default_timeout.store(options.default_timeout, std::memory_order_relaxed);
  const std::lock_guard lock{me.mutex};
  me.queue.set_limits(queue_limits(options));
  me.limits_of_job = {options, limits};
  me.body_bytes_limit = limits.body_memory_bytes;
}

void executor::drain() {
  const std::lock_guard lock{implementation_->mutex};
  implementation_->draining = true;
}

bool executor::wait_idle(milliseconds timeout) {
  auto& me = *implementation_;
  std::unique_lock lock{me.mutex};
  return me.idle.wait_for(lock, timeout, [&me] { return me.running == 0 && me.queue.size() == 0; });
}

std::size_t executor::queued() const {
  const std::lock_guard lock{implementation_->mutex};
  return implementation_->queue.size();
}

std::size_t executor::running() const {
  const std::lock_guard lock{implementation_->mutex};
  return implementation_->running;
}

std::size_t executor::abandoned() const {
  const std::lock_guard lock{implementation_->mutex};
  return implementation_->abandoned;
}

std::size_t executor::in_flight() const {
  const std::lock_guard lock{implementation_->mutex};
  return implementation_->queue.size() + implementation_->running;
}

std::size_t executor::workers() const noexcept {
  return implementation_->workers.size();
}

std::size_t executor::overdue(std::chrono::nanoseconds by) const noexcept {
  const auto latest = clock::now() - by;
  std::size_t count = 0;
  for (const auto& w : implementation_->workers) {
    if (w->deadline_at.load(std::memory_order_relaxed) < latest) ++count;
  }
  return count;
}

const kernel_metrics& executor::metrics() const noexcept {
  return implementation_->metrics;
}

const outcome_window& executor::outcomes() const noexcept {
  return implementation_->outcomes;
}

void executor::collect(metric_families& out) const {
  const auto& me = *implementation_;
  std::unique_lock lock{me.mutex};
  const auto depth = me.queue.size();
  const auto capacity = me.queue.limits().total;
  const auto running_now = me.running;
  lock.unlock();

  const auto gauge = [&out](const char* name, const char* help, std::size_t value) {
    metric_family{out, metric_family::kind::gauge, name, help}.add({}, static_cast<double>(value));
  };
  gauge("kernd_executor_queue_depth", "Jobs that wait.", depth);
  gauge("kernd_executor_queue_capacity", "How many jobs may wait.", capacity);
  gauge("kernd_executor_running", "Jobs on a worker, abandoned ones included.", running_now);
  gauge("kernd_executor_workers", "Threads that run kernels.", me.workers.size());
  me.metrics.collect(out);
}

}  // namespace kernd
