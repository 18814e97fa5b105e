#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace kernd {

/// How rings reach the memory that threads share: the machine's atomics and the kernel's futex.
/// Rings take it as a template parameter, so that a test can put a machine in its place that
/// decides which thread runs next and how old a value a load finds.
struct shared_memory {
  using clock = std::chrono::steady_clock;

  template <class T>
  static T load(const T& word, std::memory_order order) noexcept {
    return std::atomic_ref{const_cast<T&>(word)}.load(order);
  }
  template <class T>
  static void store(T& word, T value, std::memory_order order) noexcept {
    std::atomic_ref{word}.store(value, order);
  }
  template <class T>
  static T fetch_add(T& word, T value, std::memory_order order) noexcept {
    return std::atomic_ref{word}.fetch_add(value, order);
  }
  template <class T>
  static T fetch_or(T& word, T value, std::memory_order order) noexcept {
    return std::atomic_ref{word}.fetch_or(value, order);
  }
  /// May fail for no reason; then `expected` is what it found, read relaxed.
  template <class T>
  static bool compare_exchange(T& word, T& expected, T value, std::memory_order order) noexcept {
    return std::atomic_ref{word}.compare_exchange_weak(expected, value, order,
                                                       std::memory_order_relaxed);
  }

  /// Tells the core that this thread spins.
  static void pause() noexcept {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
  }

  /// Sleeps until `wake_all`, unless `word` is no longer `expected`; wakes for no reason at times.
  /// False once `deadline` has passed. Orders nothing.
  static bool wait(std::uint32_t& word, std::uint32_t expected,
                   clock::time_point deadline) noexcept;
  static void wake_all(std::uint32_t& word) noexcept;

  static clock::time_point now() noexcept {
    return clock::now();
  }
};

}  // namespace kernd
