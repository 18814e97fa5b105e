#include "kernd/cores.hpp"

#include <sched.h>

#include <algorithm>
#include <thread>

namespace kernd {

unsigned usable_cores() noexcept {
  cpu_set_t mask;
  if (sched_getaffinity(0, sizeof mask, &mask) == 0) {
    return std::max(1u, static_cast<unsigned>(CPU_COUNT(&mask)));
  }
  return std::max(1u, std::thread::hardware_concurrency());  // more cores than the mask can hold
}

}  // namespace kernd
