#pragma once

#include "kernd/arena.hpp"
#include "kernd/array.hpp"

#include <atomic>
#include <cstddef>

namespace kernd {

/// What a kernel's CPU code may use while it runs. Confined to the worker that runs the job,
/// except `stop_requested`, which any thread that helps may call.
class cpu_context {
 public:
  /// Both outlive the context.
  cpu_context(arena& memory, const std::atomic<bool>& stop) : memory_{memory}, stop_{stop} {}

  /// `count` uninitialised elements that live until the job ends. Throws when the job's memory
  /// limit is reached; let it pass, the executor answers the client.
  template <class T>
  array<T> allocate(std::size_t count) {
    return memory_.allocate<T>(count);
  }

  /// True once nobody waits for the output any more. Long loops ask every few milliseconds and
  /// return whatever they have; it is dropped.
  [[nodiscard]] bool stop_requested() const noexcept {
    return stop_.load(std::memory_order_relaxed);  // a hint: nothing else is read because of it
  }

 private:
  arena& memory_;
  const std::atomic<bool>& stop_;
};

}  // namespace kernd
