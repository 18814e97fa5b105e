#include "kernd/parallel.hpp"

#include <pthread.h>
#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <cassert>
#include <thread>

#ifdef KERND_THREAD_SANITIZER
// The pool's library clears memory with calls that the sanitizer sees, after waits that it does
// not.
extern "C" const char* __tsan_default_suppressions() {
  return "called_from_lib:libtbb.so\n";
}
#endif

namespace kernd::detail {

namespace {

/// Names the threads of the pool for people who look at the process; the caller keeps its own.
void name_thread(std::thread::id caller) {
  thread_local bool is_named = false;
  if (is_named || std::this_thread::get_id() == caller) return;
  pthread_setname_np(pthread_self(), "kernd-compute");
  is_named = true;
}

}  // namespace

void run_ranges(std::size_t count, std::size_t grain, range_body call, const void* body) {
  assert(grain != 0);
  if (count == 0) return;
  if (count <= grain) return call(body, 0, count);
  const auto caller = std::this_thread::get_id();
  const tbb::blocked_range<std::size_t> ranges{0, (count - 1) / grain + 1, 1};
  tbb::parallel_for(ranges, [&](const tbb::blocked_range<std::size_t>& some) {
    name_thread(caller);
    for (std::size_t r = some.begin(); r != some.end(); ++r) {
      const std::size_t first = r * grain;
      call(body, first, first + std::min(grain, count - first));
    }
  });
}

}  // namespace kernd::detail
