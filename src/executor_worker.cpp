#include "kernd/crash_trace.hpp"
#include "src/executor_implementation.hpp"

#include <pthread.h>

#include <array>
#include <cstdio>
#include <utility>
#include <variant>

// The side of the executor that runs on its workers.

namespace kernd {

namespace {

/// The system refuses names of more than 15 bytes.
void name_worker(std::size_t index) {
  std::array<char, 16> name{};
  const char* const format = index < 100 ? "kernd-worker-%zu" : "kernd-work-%zu";
  std::snprintf(name.data(), name.size(), format, index);
  pthread_setname_np(pthread_self(), name.data());
}

}  // namespace

void executor::implementation::work(worker& me) {
  name_worker(me.index);
  const crash_stack room;
  std::unique_lock lock{mutex};
  while (const auto job = next(lock)) {
    const auto limits = limits_of_job;
    me.job = job.get();
    lock.unlock();
    const auto took = process(job, me, limits);
    lock.lock();
    queue.charge(job->kernel(), took);
    me.job = nullptr;
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

/// Returns how long it kept the worker.
executor::implementation::clock::duration executor::implementation::process(
    const std::shared_ptr<executor_job>& job, worker& me, const job_limits& limits) {
  const auto started = clock::now();
  me.deadline_at.store(job->deadline_at, std::memory_order_relaxed);
  const auto waited = started - job->admitted;
  auto end = me.runner.guarded(job->entry, [&]() -> result<job_output> {
    if (started >= job->deadline_at) return timeout_error(job->deadline_at - job->received);
    return execute(job, me, limits);
  });
  const auto* const failure = std::get_if<error>(&end);
  const bool is_refused = failure != nullptr && failure->code != errc::execution_timeout;
  if (is_refused && job->metadata != nullptr && !job->undecoded.body.empty()) {
    tell_metadata(job, me, limits);
  }
  job->undecoded = {};
  if (auto* const output = std::get_if<job_output>(&end)) output->queue_wait = waited;
  metrics.at(me.index, job->kernel()).queue_wait.observe(stage_duration_bounds, waited);
  settle(job, me, std::move(end));
  me.runner.reset();
  me.deadline_at.store(clock::time_point::max(), std::memory_order_relaxed);
  return clock::now() - started;
}

/// Of a body that could not be decoded, for the log: its ids may stand behind what is wrong.
void executor::implementation::tell_metadata(const std::shared_ptr<executor_job>& job, worker& me,
                                             const job_limits& limits) {
  static_cast<void>(me.runner.guarded(job->entry, [&]() -> result<job_output> {
    executor_job::tell(job, me.runner.peek(job->undecoded.body, limits));
    return job_output{};
  }));
}

result<job_output> executor::implementation::execute(const std::shared_ptr<executor_job>& job,
                                                     worker& me, const job_limits& limits) {
  auto decoded = me.runner.decode(job->entry, job->undecoded.body, limits);
  if (!decoded) return std::move(decoded).error();
  job->undecoded = {};  // room for others while the kernel runs
  if (job->metadata != nullptr) executor_job::tell(job, me.runner.metadata());
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

/// Counts the job and hands its end to the caller, unless that gave up before.
void executor::implementation::settle(const std::shared_ptr<executor_job>& job, worker& me,
                                      job_end end) noexcept {
  auto& slot = metrics.at(me.index, job->kernel());
  const auto& times = me.runner.times();
  if (times.decode) slot.decode.observe(stage_duration_bounds, *times.decode);
  if (times.compute) {
    slot.compute.observe(stage_duration_bounds, *times.compute);
    monitor.record(me.index, job->kernel(), times.compute_start, *times.compute);
  }
  if (times.encode) slot.encode.observe(stage_duration_bounds, *times.encode);
  if (!job->settle(job_verdict::completed)) return;

  const auto* const failure = std::get_if<error>(&end);
  const auto outcome = failure == nullptr ? job_outcome::success : outcome_of(failure->code);
  slot.count(outcome);
  if (outcome == job_outcome::success) outcomes.add(true);
  // An input that overflows says nothing about the server's health.
  if (outcome == job_outcome::failed && failure->code != errc::non_finite_output) {
    outcomes.add(false);
    monitor.fail(me.index, job->kernel(), failure->code, failure->message);
  }
  if (outcome == job_outcome::timeout) {
    const auto asked = me.runner.metadata().timeout;
    count_timeout(asked ? *asked : job->deadline_at - job->received);
  }
  job->end = std::move(end);
  executor_job::resume_caller(job);
}

void executor::implementation::finish(executor_job& job) {
  job.where = executor_job::place::done;
  --running;
  if (job.abandoned) --abandoned;
  tell_if_idle();
}

}  // namespace kernd
