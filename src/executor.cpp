#include "kernd/executor.hpp"

#include "kernd/cores.hpp"
#include "src/executor_implementation.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <stop_token>
#include <string>
#include <utility>

namespace kernd {

namespace {

namespace asio = boost::asio;
using clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

std::size_t worker_count(const executor_config& options) {
  return options.workers != 0 ? options.workers : usable_cores();
}

std::vector<std::string_view> ids_of(const kernel_registry& registry) {
  std::vector<std::string_view> ids;
  for (const auto& entry : registry.by_index()) ids.push_back(entry->kernel.info.id);
  return ids;
}

job_queue_limits queue_limits(const executor_config& options) {
  return {options.max_queue_depth, options.kernel_queue_depth, options.ageing};
}

std::size_t largest_batch_of(const kernel_registry& registry) {
  std::size_t largest = 1;
  for (const auto& entry : registry.by_index()) {
    largest = std::max(largest, entry->kernel.info.max_batch_size);
  }
  return largest;
}

}  // namespace

error timeout_error(std::chrono::nanoseconds allowed) {
  const auto ms = std::chrono::duration_cast<milliseconds>(allowed).count();
  return {errc::execution_timeout, "no result within " + std::to_string(ms) + " ms"};
}

error cancelled_error() {
  return {errc::cancelled, "the client went away"};
}

executor::implementation::worker::worker(std::size_t number, std::size_t largest_batch,
                                         const job_limits& limits, gpu::cuda_backend* devices)
    : index{number}, reader{limits.max_json_depth} {
  for (std::size_t i = 0; i < largest_batch; ++i) {
    runners.push_back(&members.emplace_back(limits, devices).runner);
  }
  batch.reserve(largest_batch);
}

executor::implementation::implementation(const kernel_registry& kernels,
                                         const executor_config& options,
                                         const limits_config& limits, gpu::cuda_backend* on_devices)
    : registry{kernels},
      devices{on_devices},
      metrics{registry, worker_count(options)},
      monitor{ids_of(registry), worker_count(options)},
      default_timeout{options.default_timeout},
      queue{registry.size(), queue_limits(options)},
      limits_of_job{options, limits},
      limits_of_batch{batch_limits_of(options)} {
  const std::size_t largest = largest_batch_of(registry);
  for (std::size_t i = 0; i < worker_count(options); ++i) {
    workers.push_back(std::make_unique<worker>(i, largest, limits_of_job, devices));
  }
}

void executor::implementation::start() {
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
  company.notify_one();
  for (auto& w : workers) {
    if (w->thread.joinable()) w->thread.join();  // the system may have refused the last ones
  }
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
    case rejection::draining:
      break;
  }
  return {errc::service_unavailable, "draining: no new jobs are admitted"};
}

/// Of a request that nobody waits for any more.
std::optional<error> executor::implementation::refuse_late(const kernel_entry& entry,
                                                           const execution_context& context) {
  if (context.cancelled.stop_requested()) {
    metrics.count(entry.index, job_outcome::cancelled);
    return cancelled_error();
  }
  if (clock::now() >= context.deadline) {
    const auto allowed = context.deadline - context.received;
    metrics.count(entry.index, job_outcome::timeout);
    count_timeout(allowed);
    return timeout_error(allowed);
  }
  return std::nullopt;
}

std::optional<error> executor::implementation::admit(const std::shared_ptr<executor_job>& job,
                                                     int priority) {
  job->admitted = clock::now();
  if (const auto refused = enqueue(job, priority)) return refuse(job->entry, *refused);
  return std::nullopt;
}

std::optional<executor::implementation::refusal> executor::implementation::enqueue(
    const std::shared_ptr<executor_job>& job, int priority) {
  const std::lock_guard lock{mutex};
  if (draining) return refusal{rejection::draining};
  offer_to_batches(*job);
  const bool may_wait = joins_held(*job);
  if (!may_wait) plan_wake(job->loop);  // first: it may throw
  switch (queue.push(*job, priority, job->admitted)) {
    case job_queue::admission::kernel_full:
      return refusal{rejection::queue_full_kernel, queue.limits().per_kernel};
    case job_queue::admission::total_full:
      return refusal{rejection::queue_full_total, queue.limits().total};
    case job_queue::admission::accepted:
      break;
  }
  job->self = job;
  if (minded && !may_wait) company.notify_one();
  return std::nullopt;
}

/// Wakes workers once `loop` has done what it has at hand. A wake-up costs more than admitting a
/// job, and on a busy core it makes the worker go first, only to park again after one job.
void executor::implementation::plan_wake(asio::io_context& loop) {
  const bool one_is_needed = parked > 0 && queue.size() + 1 > woken;
  if (!one_is_needed || planned_on == &loop) return;
  asio::post(loop, [self = weak_from_this()] {
    if (const auto me = self.lock()) me->wake_workers();
  });
  planned_on = &loop;
}

/// As many as there are jobs for that no woken worker is on its way to.
void executor::implementation::wake_workers() {
  std::unique_lock lock{mutex};
  planned_on = nullptr;
  const std::size_t jobs = queue.size() > woken ? queue.size() - woken : 0;
  const std::size_t count = std::min(parked, jobs);
  parked -= count;
  woken += count;
  lock.unlock();
  for (std::size_t i = 0; i < count; ++i) wake.notify_one();
}

/// Needs no memory: what it is called from could not bear an exception.
void executor::implementation::give_up(const std::shared_ptr<executor_job>& job,
                                       job_verdict why) noexcept {
  if (!job->settle(why)) return;
  job->stop.store(true, std::memory_order_relaxed);  // a hint, see cpu_context
  std::shared_ptr<executor_job> unlinked;
  bool runs_on = false;
  {
    const std::lock_guard lock{mutex};
    if (job->where == executor_job::place::queued) {
      queue.remove(*job);
      job->where = executor_job::place::done;
      unlinked = std::move(job->self);
      tell_if_idle();
    } else if (job->where == executor_job::place::running) {
      job->abandoned = runs_on = true;
      ++abandoned;
      metrics.count_abandoned(job->kernel());
    }
  }
  if (unlinked) job->undecoded = {};
  if (why == job_verdict::timed_out) {
    metrics.count(job->kernel(), job_outcome::timeout);
    const bool is_own_fault = count_timeout(job->allowed);
    if (is_own_fault && runs_on) monitor.overrun(job->kernel(), job->allowed);
  } else {
    metrics.count(job->kernel(), job_outcome::cancelled);
  }
  executor_job::resume_caller(job);
}

/// True when it is the server's fault: a client that allows less than the default may time out
/// without any.
bool executor::implementation::count_timeout(clock::duration allowed) {
  const bool is_own_fault = allowed >= default_timeout.load(std::memory_order_relaxed);
  if (is_own_fault) outcomes.add(false);
  return is_own_fault;
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
    deadline_list::of(job_->loop).arm(*this, job_->deadline_at);
    job_->waiting = this;
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
                   const limits_config& limits, gpu::cuda_backend* devices)
    : implementation_{std::make_shared<implementation>(registry, options, limits, devices)} {
  implementation_->start();
}

executor::~executor() = default;

asio::awaitable<result<job_output>> executor::run(const kernel_entry& entry, job_request request,
                                                  execution_context context) {
  const auto here = co_await asio::this_coro::executor;
  auto& io = static_cast<asio::io_context&>(asio::query(here, asio::execution::context));
  auto late = implementation_->refuse_late(entry, context);
  if (late) co_return *std::move(late);

  // What needs memory comes before the job is admitted: once it is, somebody waits for its end.
  const auto job = std::make_shared<executor_job>(entry, std::move(request), context, io);
  auto ended = job->await();
  const implementation::caller waiting{*implementation_, job, context.cancelled};
  auto refused = implementation_->admit(job, context.priority);
  if (refused) co_return *std::move(refused);
  co_await std::move(ended);
  co_return job->take_result();
}

void executor::reconfigure(const executor_config& options, const limits_config& limits) {
  auto& me = *implementation_;
  me.default_timeout.store(options.default_timeout, std::memory_order_relaxed);
  const std::lock_guard lock{me.mutex};
  me.queue.set_limits(queue_limits(options));
  me.limits_of_job = {options, limits};
  me.limits_of_batch = implementation::batch_limits_of(options);
  me.company.notify_one();
}

void executor::drain() {
  const std::lock_guard lock{implementation_->mutex};
  implementation_->draining = true;
  implementation_->company.notify_one();  // nobody else will come
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

std::size_t executor::abandoned_workers() const {
  const auto is_abandoned = [](const auto& job) { return job->abandoned; };
  const std::lock_guard lock{implementation_->mutex};
  return static_cast<std::size_t>(
      std::ranges::count_if(implementation_->workers, [&](const auto& w) {
        return !w->batch.empty() && std::ranges::all_of(w->batch, is_abandoned);
      }));
}

std::size_t executor::in_flight() const {
  const std::lock_guard lock{implementation_->mutex};
  return implementation_->queue.size() + implementation_->running;
}

std::vector<running_job> executor::running_jobs() const {
  std::vector<running_job> jobs;
  const auto now = clock::now();
  const std::lock_guard lock{implementation_->mutex};
  for (const auto& w : implementation_->workers) {
    for (const auto& job : w->batch) {
      if (job->is_completed()) continue;
      jobs.push_back({job->entry.kernel.info.id, std::string{job->request_id()},
                      now - job->admitted, job->abandoned});
    }
  }
  return jobs;
}

std::size_t executor::workers() const noexcept {
  return implementation_->workers.size();
}

std::size_t executor::overdue(std::chrono::nanoseconds by, clock::time_point now) const noexcept {
  const auto latest = now - by;
  std::size_t count = 0;
  for (const auto& w : implementation_->workers) {
    if (w->deadline_at.load(std::memory_order_relaxed) < latest) ++count;
  }
  return count;
}

const gpu::cuda_backend* executor::devices() const noexcept {
  return implementation_->devices;
}

const kernel_metrics& executor::metrics() const noexcept {
  return implementation_->metrics;
}

execution_monitor& executor::monitor() noexcept {
  return implementation_->monitor;
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
