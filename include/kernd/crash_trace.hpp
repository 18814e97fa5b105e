#pragma once

#include <signal.h>

namespace kernd {

/// From now on a crash, an exception that nobody catches included, writes the thread's name and its
/// stack to standard error and then ends the process as it would have: by the same signal, with the
/// same core dump. Early, before other threads begin.
void trace_crashes() noexcept;

/// Room to trace a crash of the calling thread even when it has used up its stack: without it that
/// ends the process in silence. Lives on its thread.
class crash_stack {
 public:
  /// Goes without when there is no memory.
  crash_stack() noexcept;
  ~crash_stack();
  crash_stack(const crash_stack&) = delete;
  crash_stack& operator=(const crash_stack&) = delete;

 private:
  void* memory_;
  stack_t before_{};
};

}  // namespace kernd
