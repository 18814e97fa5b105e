#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <thread>

namespace kernd {

/// Holds SIGTERM, SIGINT and SIGHUP back from this thread and those that it starts, so that they
/// wait for a `stop_signals`; ignores SIGPIPE. The first thing that the process does.
class held_signals {
 public:
  held_signals();
  held_signals(const held_signals&) = delete;
  held_signals& operator=(const held_signals&) = delete;

  /// Lets them do what they do by default: for commands that need no orderly end.
  void release();

 private:
  sigset_t before_;
};

/// Receives the signals that `held_signals` holds back, on a thread of its own, at any time of the
/// process's life. The first SIGTERM or SIGINT asks for an orderly end; a second one exits at once
/// with 128 + its number. At most one object at a time.
class stop_signals {
 public:
  enum class request { none, call, reload, stop };

  /// Throws `std::system_error`.
  explicit stop_signals(const held_signals& held);
  ~stop_signals();

  /// True from the first SIGTERM or SIGINT on.
  [[nodiscard]] const std::atomic<bool>& stop_requested() const noexcept { return stop_; }

  /// From any thread: has `wait_until` return `call`, once.
  void call();

  /// Blocks until somebody asks for something, or until `end`; `reload` is SIGHUP, told once.
  request wait_until(std::chrono::steady_clock::time_point end);

 private:
  void receive();

  std::mutex mutex_;  // guards what follows, for those that wait
  std::condition_variable changed_;
  std::atomic<bool> stop_{false};  // relaxed: nothing else is read because of it
  bool reload_ = false;
  bool call_ = false;
  std::atomic<bool> ending_{false};  // relaxed: the signal that follows orders it
  std::thread thread_;
};

}  // namespace kernd
