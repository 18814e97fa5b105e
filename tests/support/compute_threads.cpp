#include "tests/support/compute_threads.hpp"

#include <tbb/global_control.h>
#include <tbb/task_arena.h>

#include <cstddef>

namespace kernd::test {

void with_compute_threads(int count, const std::function<void()>& body) {
  // The arena has the places; without the control it finds no more workers than there are cores.
  const tbb::global_control allowed{tbb::global_control::max_allowed_parallelism,
                                    static_cast<std::size_t>(count)};
  tbb::task_arena places{count};
  places.execute(body);
}

}  // namespace kernd::test
