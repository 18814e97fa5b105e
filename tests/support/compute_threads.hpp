#pragma once

#include <functional>

namespace kernd::test {

/// Calls `body` on this thread with `parallel_for` spread over up to `count` threads, this one
/// among them, however many cores the machine has.
void with_compute_threads(int count, const std::function<void()>& body);

}  // namespace kernd::test
