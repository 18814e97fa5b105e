#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>

namespace kernd::fuzz {

/// Asks a kernel to stop when it takes too long: inputs of a few bytes can ask for a lot of work.
/// Used by one thread.
class stop_after {
 public:
  /// The flag for a run that begins now.
  const std::atomic<bool>& start(std::chrono::milliseconds longest) {
    const std::lock_guard lock{mutex_};
    stopped_.store(false, std::memory_order_relaxed);
    until_ = std::chrono::steady_clock::now() + longest;
    running_ = true;
    changed_.notify_one();
    return stopped_;
  }

  /// Whether the run that ends now was asked to stop.
  bool end() {
    const std::lock_guard lock{mutex_};
    running_ = false;
    return stopped_.load(std::memory_order_relaxed);
  }

 private:
  void watch(const std::stop_token& ended) {
    std::unique_lock lock{mutex_};
    while (!ended.stop_requested()) {
      if (!running_) {
        changed_.wait(lock, ended, [this] { return running_; });
      } else if (std::chrono::steady_clock::now() < until_) {
        const auto until = until_;  // looked at without the lock
        changed_.wait_until(lock, ended, until, [] { return false; });
      } else {
        stopped_.store(true, std::memory_order_relaxed);  // a hint: orders nothing
        running_ = false;
      }
    }
  }

  std::mutex mutex_;  // until_, running_
  std::condition_variable_any changed_;
  std::chrono::steady_clock::time_point until_;
  bool running_ = false;
  std::atomic<bool> stopped_{false};
  std::jthread thread_{[this](const std::stop_token& ended) { watch(ended); }};
};

}  // namespace kernd::fuzz
