#pragma once

#ifdef __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>
#endif

#include <cstddef>

namespace kernd {

namespace detail {

using range_body = void (*)(const void* body, std::size_t first, std::size_t last);
void run_ranges(std::size_t count, std::size_t grain, range_body call, const void* body);

/// What comes before a pass of one place happens before what comes after a later one. The pool sees
/// to that; this tells the thread sanitizer, which cannot look into the pool.
inline void pass([[maybe_unused]] const void* place) noexcept {
#ifdef __SANITIZE_THREAD__
  __tsan_acquire(const_cast<void*>(place));
  __tsan_release(const_cast<void*>(place));
#endif
}

struct fence {
  const void* place;

  explicit fence(const void* at) noexcept : place{at} { pass(place); }
  fence(const fence&) = delete;
  fence& operator=(const fence&) = delete;
  ~fence() { pass(place); }
};

}  // namespace detail

/// Calls `body(first, last)` for [0, grain), [grain, 2 · grain) … up to `count`, on this thread and
/// on those of a pool that has one per core and that all callers share; returns when all are done.
/// The ranges do not depend on the number of threads, so neither does a result made of theirs; the
/// order in which they run does. What one of them throws stops those not yet begun and is thrown
/// here. `grain` is not 0; a range should take tens of microseconds or more. The only range is run
/// right here.
template <class F>
void parallel_for(std::size_t count, std::size_t grain, const F& body) {
  const detail::fence outer{&body};
  detail::run_ranges(
      count, grain,
      [](const void* shared, std::size_t first, std::size_t last) {
        const detail::fence inner{shared};
        (*static_cast<const F*>(shared))(first, last);
      },
      &body);
}

}  // namespace kernd
