#pragma once

#include "kernd/ring/event_count.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace kernd {

/// What has turns on a pool. It is in the queue once at most, and sees to that itself.
class turn_taker {
 public:
  virtual ~turn_taker() = default;
  /// Does a little and returns. On one thread of the pool at a time.
  virtual void take_turn() = 0;
  /// The time that it asked for has come. May be called though it no longer matters.
  virtual void time_is_up() = 0;

 private:
  friend class turn_pool;
  std::shared_ptr<turn_taker> behind_;  // in the queue; guarded by the pool
};

/// Threads that give actors their turns, in the order in which they asked.
class turn_pool {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// 0: one thread per core. None is started before `start`.
  explicit turn_pool(std::size_t threads) : size_{threads} {}
  ~turn_pool() { stop(); }

  void start();
  /// Waits for the turns that are being taken; who is in the queue has none any more.
  void stop();

  // Any thread.
  void run(std::shared_ptr<turn_taker> taker) noexcept;
  void call_at(time_point when, std::shared_ptr<turn_taker> taker);

 private:
  struct alarm {
    time_point when;
    std::shared_ptr<turn_taker> taker;
    bool operator<(const alarm& other) const noexcept { return when > other.when; }
  };
  /// What a thread is to do next.
  struct task {
    std::shared_ptr<turn_taker> turn;
    std::vector<std::shared_ptr<turn_taker>> alarms;
    time_point next_alarm = time_point::max();
    bool is_over = false;
  };

  void work(std::size_t index);
  /// False when there is nothing to do before `t.next_alarm`, which is as it was.
  bool look(task& t);

  const std::size_t size_;
  event_count<> changed_;
  std::atomic<bool> may_have_work_{false};  // spares those who spin the lock
  std::mutex mutex_;                        // guards the rest
  std::shared_ptr<turn_taker> first_;
  turn_taker* last_ = nullptr;
  std::vector<alarm> alarms_;  // a heap, the earliest first
  bool is_stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace kernd
