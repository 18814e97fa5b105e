#include "src/ring/turn_pool.hpp"

#include "src/ring/ring_thread.hpp"

#include <algorithm>
#include <string>

namespace kernd {

void turn_pool::start() {
  std::lock_guard lock{mutex_};
  if (!threads_.empty() || is_stopping_) return;
  const auto count = size_ > 0 ? size_ : std::max(1u, std::thread::hardware_concurrency());
  for (std::size_t i = 0; i < count; ++i) threads_.emplace_back([this, i] { work(i); });
}

void turn_pool::stop() {
  std::vector<std::thread> threads;
  {
    std::lock_guard lock{mutex_};
    is_stopping_ = true;
    may_have_work_ = true;
    threads.swap(threads_);
  }
  changed_.notify();
  for (auto& thread : threads) thread.join();
  std::lock_guard lock{mutex_};
  alarms_.clear();
  while (first_) first_ = std::move(first_->behind_);
  last_ = nullptr;
}

void turn_pool::run(std::shared_ptr<turn_taker> taker) noexcept {
  {
    std::lock_guard lock{mutex_};
    if (is_stopping_) return;
    turn_taker* const added = taker.get();
    (first_ ? last_->behind_ : first_) = std::move(taker);
    last_ = added;
    may_have_work_.store(true, std::memory_order_relaxed);
  }
  changed_.notify();
}

void turn_pool::call_at(time_point when, std::shared_ptr<turn_taker> taker) {
  {
    std::lock_guard lock{mutex_};
    if (is_stopping_) return;
    alarms_.push_back({when, std::move(taker)});
    std::push_heap(alarms_.begin(), alarms_.end());
    may_have_work_.store(true, std::memory_order_relaxed);
  }
  changed_.notify();
}

bool turn_pool::look(task& t) {
  std::lock_guard lock{mutex_};
  const auto expected = t.next_alarm;
  const auto now = alarms_.empty() ? time_point{} : std::chrono::steady_clock::now();
  while (!alarms_.empty() && alarms_.front().when <= now) {
    std::pop_heap(alarms_.begin(), alarms_.end());
    t.alarms.push_back(std::move(alarms_.back().taker));
    alarms_.pop_back();
  }
  t.next_alarm = alarms_.empty() ? time_point::max() : alarms_.front().when;
  t.is_over = is_stopping_;
  if (first_) {
    t.turn = std::move(first_);
    first_ = std::move(t.turn->behind_);
  }
  if (!first_ && !is_stopping_) may_have_work_.store(false, std::memory_order_relaxed);
  return t.is_over || t.turn || !t.alarms.empty() || t.next_alarm != expected;
}

void turn_pool::work(std::size_t index) {
  become_ring_thread("kernd-ring-" + std::to_string(index));
  task t;
  for (;;) {
    const auto until = t.next_alarm;
    const auto has_task = [&] {
      // Cleared under the lock when the queue is empty, set before the announcement.
      const bool is_due = until != time_point::max() && std::chrono::steady_clock::now() >= until;
      return (may_have_work_.load(std::memory_order_relaxed) || is_due) && look(t);
    };
    if (!changed_.await(has_task, until)) continue;
    if (t.is_over) return;
    for (const auto& taker : t.alarms) taker->time_is_up();
    t.alarms.clear();
    if (t.turn) std::exchange(t.turn, nullptr)->take_turn();
  }
}

}  // namespace kernd
