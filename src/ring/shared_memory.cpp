#include "kernd/ring/shared_memory.hpp"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <ctime>

namespace kernd {
namespace {

/// The kernel refuses times before its clock's origin.
timespec absolute(shared_memory::clock::time_point time) noexcept {
  using namespace std::chrono;
  const auto since = std::max(duration_cast<nanoseconds>(time.time_since_epoch()), nanoseconds{0});
  const auto whole = duration_cast<seconds>(since);
  return {.tv_sec = static_cast<time_t>(whole.count()),
          .tv_nsec = static_cast<long>((since - whole).count())};
}

}  // namespace

bool shared_memory::wait(std::uint32_t& word, std::uint32_t expected,
                         clock::time_point deadline) noexcept {
  // FUTEX_WAIT_BITSET takes an absolute time of CLOCK_MONOTONIC, which is steady_clock's.
  const timespec until = absolute(deadline);
  const bool is_forever = deadline == clock::time_point::max();
  const long outcome = ::syscall(SYS_futex, &word, FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, expected,
                                 is_forever ? nullptr : &until, nullptr, FUTEX_BITSET_MATCH_ANY);
  return outcome == 0 || errno != ETIMEDOUT;
}

void shared_memory::wake_all(std::uint32_t& word) noexcept {
  ::syscall(SYS_futex, &word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, INT_MAX, nullptr, nullptr, 0);
}

}  // namespace kernd
