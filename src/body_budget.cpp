#include "kernd/body_budget.hpp"

namespace kernd {

bool body_budget::raise(lease& held, std::size_t bytes) noexcept {
  if (bytes <= held.bytes_) return true;
  const std::size_t more = bytes - held.bytes_;
  const std::size_t limit = this->limit();
  std::size_t used = used_.load(std::memory_order_relaxed);
  do {
    if (more > limit || used > limit - more) return false;
  } while (!used_.compare_exchange_weak(used, used + more, std::memory_order_relaxed));
  held.budget_ = this;
  held.bytes_ = bytes;
  return true;
}

}  // namespace kernd
