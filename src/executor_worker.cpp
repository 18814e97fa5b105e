#include "kernd/crash_trace.hpp"
#include "src/executor_implementation.hpp"

#include <pthread.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <span>
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
  while (next(me, lock)) {
    const auto limits = limits_of_job;
    lock.unlock();
    const auto took = process(me, limits);
    lock.lock();
    queue.charge(me.batch.front()->kernel(), took);
    finish(me);
  }
}

/// Waits for the next batch; false when there is none and never will be.
bool executor::implementation::next(worker& me, std::unique_lock<std::mutex>& lock) {
  for (;;) {
    if (!is_held(lock)) {
      if (auto* const entry = queue.pop()) {
        take(me, *entry);
        take_those_that_join(me);
        return true;
      }
      if (stopping) return false;
    }
    ++parked;
    wake.wait(lock, [this] { return woken > 0 || stopping; });
    if (woken > 0) --woken;
  }
}

void executor::implementation::take(worker& me, job_queue_entry& entry) noexcept {
  auto& job = static_cast<executor_job&>(entry);
  job.where = executor_job::place::running;
  ++running;
  me.batch.push_back(std::move(job.self));
}

/// Returns how long it kept the worker.
executor::implementation::clock::duration executor::implementation::process(
    worker& me, const job_limits& limits) {
  const auto started = clock::now();
  std::size_t count = 0;
  for (const auto& job : me.batch) {
    member& one = me.members[count];
    one.job = &job;
    one.deadline_at = job->deadline_at;
    const bool is_first = &job == &me.batch.front();
    if (prepare(me, one, is_first ? started : clock::now(), limits)) ++count;
  }
  compute(me, count);
  me.deadline_at.store(clock::time_point::max(), std::memory_order_relaxed);
  return clock::now() - started;
}

/// Takes a job to where its kernel can run. When it does not get there, it ends here: false.
bool executor::implementation::prepare(worker& me, member& one, clock::time_point now,
                                       const job_limits& limits) {
  const auto& job = *one.job;
  me.deadline_at.store(one.deadline_at, std::memory_order_relaxed);
  one.waited = now - job->admitted;
  auto failure = one.runner.guarded(job->entry, [&]() -> result<void> {
    if (now >= one.deadline_at) return timeout_error(one.deadline_at - job->received);
    return decode(me, one, limits);
  });
  if (!failure) return true;
  const bool is_refused = failure->code != errc::execution_timeout;
  if (is_refused && job->metadata != nullptr && !job->undecoded.body.empty()) {
    tell_metadata(me, one, limits);
  }
  conclude(me, one, *std::move(failure));
  return false;
}

/// Of a body that could not be decoded, for the log: its ids may stand behind what is wrong.
void executor::implementation::tell_metadata(worker& me, member& one, const job_limits& limits) {
  const auto& job = *one.job;
  static_cast<void>(one.runner.guarded(job->entry, [&]() -> result<void> {
    executor_job::tell(job, peek_metadata(me.reader, job->undecoded.body, limits.max_timeout));
    return {};
  }));
}

result<void> executor::implementation::decode(worker& me, member& one, const job_limits& limits) {
  const auto& job = *one.job;
  auto decoded = one.runner.decode(me.reader, job->entry, job->undecoded.body, limits,
                                   job->priority(), job->stop);
  if (!decoded) return decoded;
  job->undecoded = {};  // room for others while the kernel runs
  if (job->metadata != nullptr) executor_job::tell(job, one.runner.metadata());
  if (const auto timeout = one.runner.metadata().timeout) {
    const auto at = job->received + *timeout;
    if (at < one.deadline_at) {
      if (clock::now() >= at) return timeout_error(*timeout);
      one.deadline_at = at;
      me.deadline_at.store(at, std::memory_order_relaxed);
      executor_job::move_deadline(job, at);
    }
  }
  return {};
}

/// The rest of the way for the first `count` members.
void executor::implementation::compute(worker& me, std::size_t count) noexcept {
  if (me.batch.size() > 1) {
    auto earliest = clock::time_point::max();
    for (std::size_t i = 0; i < count; ++i)
      earliest = std::min(earliest, me.members[i].deadline_at);
    me.deadline_at.store(earliest, std::memory_order_relaxed);
  }
  const auto& entry = me.batch.front()->entry;
  const auto size = job_runner::compute(entry, std::span{me.runners}.first(count));
  if (size > 0) metrics.at(me.index, entry.index).batch_size.observe(batch_size_bounds, size);
  for (std::size_t i = 0; i < count; ++i) {
    member& one = me.members[i];
    auto end = one.runner.encode(entry);
    if (auto* const output = std::get_if<job_output>(&end)) output->batch_size = size;
    conclude(me, one, std::move(end));
  }
}

void executor::implementation::conclude(worker& me, member& one, job_end end) noexcept {
  const auto& job = *one.job;
  job->undecoded = {};
  if (auto* const output = std::get_if<job_output>(&end)) output->queue_wait = one.waited;
  metrics.at(me.index, job->kernel()).queue_wait.observe(stage_duration_bounds, one.waited);
  settle(me, one, std::move(end));
  one.runner.reset();
}

/// Counts the job and hands its end to the caller, unless that gave up before.
void executor::implementation::settle(worker& me, member& one, job_end end) noexcept {
  const auto& job = *one.job;
  auto& slot = metrics.at(me.index, job->kernel());
  const auto& times = one.runner.times();
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
    const auto asked = one.runner.metadata().timeout;
    count_timeout(asked ? *asked : job->deadline_at - job->received);
  }
  job->end = std::move(end);
  executor_job::resume_caller(job);
}

void executor::implementation::finish(worker& me) noexcept {
  for (const auto& job : me.batch) {
    job->where = executor_job::place::done;
    --running;
    if (job->abandoned) --abandoned;
  }
  me.batch.clear();
  tell_if_idle();
}

}  // namespace kernd
