#include "src/job_queue.hpp"

#include <algorithm>

namespace kernd {

job_queue::job_queue(std::size_t kernels, const job_queue_limits& limits)
    : limits_{limits}, kernels_(kernels) {}

job_queue::admission job_queue::push(job_queue_entry& entry, int priority,
                                     job_queue_entry::clock::time_point now) {
  line& own = kernels_[entry.kernel_];
  if (own.waiting.size() >= limits_.per_kernel) return admission::kernel_full;
  if (size_ >= limits_.total) return admission::total_full;
  if (own.waiting.empty()) {
    own.had = std::max(own.had, had_);
    own.held_until = entry.held_until_;
  }
  own.held_until = std::min(own.held_until, entry.held_until_);
  // Two jobs age alike, so their order never changes while they wait: a fixed rank is enough.
  entry.priority_ = priority;
  entry.rank_ = now - priority * limits_.ageing;
  own.waiting.insert(entry);  // after its equals
  ++size_;
  return admission::accepted;
}

/// The kernel whose turn it is; null when none has a job.
job_queue::line* job_queue::next_line() noexcept {
  line* best = nullptr;
  std::chrono::nanoseconds least{};
  for (line& each : kernels_) {
    if (each.waiting.empty()) continue;
    const auto& first = *each.waiting.begin();
    const auto key = each.had - first.priority_ * limits_.ageing;
    const bool is_less = best == nullptr || key < least ||
                         (key == least && first.rank_ < best->waiting.begin()->rank_);
    if (!is_less) continue;
    best = &each;
    least = key;
  }
  return best;
}

/// What the kernel had that had least of those with jobs, of which there is one.
std::chrono::nanoseconds job_queue::least_had() const noexcept {
  auto least = std::chrono::nanoseconds::max();
  for (const line& each : kernels_) {
    if (!each.waiting.empty()) least = std::min(least, each.had);
  }
  return least;
}

job_queue_entry* job_queue::pop() noexcept {
  line* const turn = next_line();
  if (turn == nullptr) return nullptr;
  had_ = std::max(had_, least_had());
  auto& first = *turn->waiting.begin();
  remove(first);
  return &first;
}

job_queue_entry* job_queue::pop_to_join(std::size_t kernel) noexcept {
  auto& waiting = kernels_[kernel].waiting;
  if (waiting.empty() || !waiting.begin()->joins_batches_) return nullptr;
  auto& next = *waiting.begin();
  remove(next);
  return &next;
}

std::optional<job_queue::held_jobs> job_queue::held() const noexcept {
  const auto only =
      std::ranges::find_if(kernels_, [](const line& l) { return !l.waiting.empty(); });
  if (only == kernels_.end() || only->waiting.size() != size_) return std::nullopt;
  if (only->held_until == job_queue_entry::clock::time_point::min()) return std::nullopt;
  return held_jobs{static_cast<std::size_t>(only - kernels_.begin()), size_, only->held_until};
}

void job_queue::remove(job_queue_entry& entry) noexcept {
  auto& waiting = kernels_[entry.kernel_].waiting;
  waiting.erase(waiting.iterator_to(entry));
  --size_;
}

}  // namespace kernd
