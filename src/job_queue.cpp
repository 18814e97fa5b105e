#include "src/job_queue.hpp"

namespace kernd {

job_queue::job_queue(std::size_t kernels, const job_queue_limits& limits)
    : limits_{limits}, per_kernel_(kernels) {}

job_queue::admission job_queue::push(job_queue_entry& entry, int priority,
                                     job_queue_entry::clock::time_point now) {
  auto& of_kernel = per_kernel_[entry.kernel_];
  if (of_kernel >= limits_.per_kernel) return admission::kernel_full;
  if (waiting_.size() >= limits_.total) return admission::total_full;
  // Two jobs age alike, so their order never changes while they wait: a fixed rank is enough.
  entry.rank_ = now - priority * limits_.ageing;
  waiting_.insert(entry);  // after its equals
  ++of_kernel;
  return admission::accepted;
}

job_queue_entry* job_queue::pop() noexcept {
  if (waiting_.empty()) return nullptr;
  auto& first = *waiting_.begin();
  remove(first);
  return &first;
}

void job_queue::remove(job_queue_entry& entry) noexcept {
  waiting_.erase(waiting_.iterator_to(entry));
  --per_kernel_[entry.kernel_];
}

}  // namespace kernd
