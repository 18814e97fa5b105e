#include "src/ring/ring_thread.hpp"

#include <pthread.h>
#include <sched.h>

#include <cstddef>

namespace kernd {

void become_ring_thread(const std::string& name) noexcept {
  constexpr std::size_t longest_name = 15;
  pthread_setname_np(pthread_self(), name.substr(0, longest_name).c_str());
  const sched_param priority{};  // 0: the policy has no other
  // Where a sandbox forbids it, messages are handled as they come.
  (void)sched_setscheduler(0, SCHED_BATCH, &priority);
}

}  // namespace kernd
