#include "src/executor_implementation.hpp"

#include <algorithm>
#include <chrono>

// Which jobs are computed together, and which wait for others.

namespace kernd {

/// A small job is computed together with others where its kernel does that; it waits for them for
/// at most half of the time that it has.
void executor::implementation::offer_to_batches(executor_job& job) noexcept {
  if (job.entry.kernel.info.max_batch_size == 1) return;
  if (job.undecoded.body.size() > small_body_bytes) return;
  const clock::duration most = limits_of_batch.max_delay;
  const bool is_held = most > clock::duration::zero();
  job.join_batches(is_held ? job.admitted + std::min(most, (job.deadline_at - job.admitted) / 2)
                           : clock::time_point::min());
}

/// Whether a worker minds the jobs that wait, and need not hear of this one, which joins them.
bool executor::implementation::joins_held(const executor_job& job) const noexcept {
  if (!minded || !job.joins_batches()) return false;
  const auto held = queue.held();
  return held && held->kernel == job.kernel() && held->until <= job.held_until() &&
         held->count + 1 < largest_batch(held->kernel);
}

/// Whether what is queued had better wait for more of its kind. The first worker to find so minds
/// it and returns when that is over; the others have nothing to do.
bool executor::implementation::is_held(std::unique_lock<std::mutex>& lock) {
  for (;;) {
    const auto until = held_until();
    if (until == clock::time_point::min() || until <= clock::now()) return false;
    if (minded) return true;
    minded = true;
    company.wait_until(lock, until);
    minded = false;
  }
}

/// `min` when a batch may start now.
executor::implementation::clock::time_point executor::implementation::held_until() const noexcept {
  constexpr auto now = clock::time_point::min();
  if (draining || limits_of_batch.max_delay == std::chrono::microseconds::zero()) return now;
  const auto held = queue.held();
  if (!held || held->count >= largest_batch(held->kernel)) return now;
  return held->until;
}

/// Of the jobs that may be computed with the first one, this worker's share: where others are on
/// their way, they decode and encode theirs at the same time.
void executor::implementation::take_those_that_join(worker& me) noexcept {
  const auto& first = *me.batch.front();
  if (!first.joins_batches()) return;
  const std::size_t workers_coming = woken + (planned_on != nullptr ? parked : 0);
  const std::size_t jobs = 1 + queue.size_of(first.kernel());
  const std::size_t share = (jobs + workers_coming) / (1 + workers_coming);  // rounded up
  const std::size_t most = std::min(share, largest_batch(first.kernel()));
  while (me.batch.size() < most) {
    auto* const entry = queue.pop_to_join(first.kernel());
    if (entry == nullptr) break;
    take(me, *entry);
  }
}

std::size_t executor::implementation::largest_batch(std::size_t kernel) const noexcept {
  const auto& info = registry.by_index()[kernel]->kernel.info;
  return std::min(info.max_batch_size, limits_of_batch.max_size);
}

}  // namespace kernd
