#include "tests/support/weak_machine.hpp"

#include <algorithm>
#include <string_view>
#include <thread>

namespace kernd::test {
namespace {

thread_local weak_machine* machine_of_this_thread = nullptr;

bool acquires(std::memory_order o) {
  return o == std::memory_order_acquire || o == std::memory_order_acq_rel;
}
bool releases(std::memory_order o) {
  return o == std::memory_order_release || o == std::memory_order_acq_rel;
}

}  // namespace

void weak_machine::knowledge::join(const knowledge& other) {
  for (std::size_t t = 0; t < clock.size(); ++t) clock[t] = std::max(clock[t], other.clock[t]);
  for (const auto& [word, index] : other.oldest) {
    auto& known = oldest[word];
    known = std::max(known, index);
  }
}

weak_machine::weak_machine(std::uint64_t seed, mutation wrong)
    : random_{seed}, wrong_{std::move(wrong)}, stays_{1u << (1 + 2 * (seed % 3))} {}

weak_machine* weak_machine::current() noexcept {
  return machine_of_this_thread;
}

std::string weak_machine::run(const std::vector<std::function<void()>>& bodies) {
  for (std::size_t t = 0; t < bodies.size(); ++t) {
    threads_.push_back(std::make_unique<thread_state>());
  }
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < bodies.size(); ++t) {
    threads.emplace_back([this, t, &bodies] {
      machine_of_this_thread = this;
      threads_[t]->turn.acquire();
      bodies[t]();
      threads_[t]->has_ended = true;
      pass_turn(true);
    });
  }
  running_ = random_() % bodies.size();
  threads_[running_]->turn.release();
  for (auto& thread : threads) thread.join();
  return failure_;
}

std::vector<std::size_t> weak_machine::runnable() const {
  std::vector<std::size_t> found;
  for (std::size_t t = 0; t < threads_.size(); ++t) {
    if (!threads_[t]->has_ended && !threads_[t]->asleep_on) found.push_back(t);
  }
  return found;
}

/// Lets some thread go on, another one if `must_leave` and there is one.
void weak_machine::pass_turn(bool must_leave) {
  auto next = runnable();
  if (next.empty()) {
    for (auto& thread : threads_) {
      if (thread->asleep_on) report("all threads are asleep: a wake-up was lost");
      thread->asleep_on = nullptr;
    }
    next = runnable();
    if (next.empty()) return;  // all have ended
  }
  if (must_leave && next.size() > 1) std::erase(next, running_);
  const auto me = running_;
  running_ = next[random_() % next.size()];
  if (running_ == me) return;
  threads_[running_]->turn.release();
  if (!threads_[me]->has_ended) threads_[me]->turn.acquire();
}

void weak_machine::step() {
  if (++steps_ == most_steps) report("no end after " + std::to_string(most_steps) + " steps");
  if (chance(stays_)) pass_turn(false);
  ++mine().clock[running_];
}

void weak_machine::yield() {
  pass_turn(true);
  step();
}

bool weak_machine::chance(unsigned one_in) {
  return random_() % one_in == 0;
}

void weak_machine::report(const std::string& failure) {
  if (failure_.empty()) failure_ = failure;
}

std::memory_order weak_machine::order_of(const ordered_access& a) {
  if (a.order != std::memory_order_relaxed) accesses_.insert(a);
  return wrong_.weakened == a ? wrong_.to : a.order;
}

std::vector<weak_machine::written>& weak_machine::history(const void* word, std::uint64_t initial) {
  auto& all = atomics_[word];
  if (all.empty()) all.push_back({initial, {}});
  return all;
}

std::uint64_t weak_machine::load(const void* word, std::uint64_t initial, ordered_access a) {
  step();
  const auto order = order_of(a);
  const auto& all = history(word, initial);
  auto& oldest = mine().oldest[word];
  // What failed shall end soon, and half the loads find the newest.
  const bool is_newest = has_failed() || chance(2);
  oldest = is_newest ? all.size() - 1 : oldest + random_() % (all.size() - oldest);
  const written& found = all[oldest];
  if (acquires(order)) mine().join(found.released);
  return found.value;
}

void weak_machine::append(const void* word, std::uint64_t value, std::memory_order order,
                          knowledge inherited) {
  auto& all = atomics_[word];
  mine().oldest[word] = all.size();
  if (releases(order)) inherited.join(mine());
  all.push_back({value, std::move(inherited)});
}

void weak_machine::store(const void* word, std::uint64_t initial, std::uint64_t value,
                         ordered_access a) {
  step();
  history(word, initial);
  append(word, value, order_of(a), {});
}

std::uint64_t weak_machine::update(
    const void* word, std::uint64_t initial, ordered_access a,
    const std::function<std::optional<std::uint64_t>(std::uint64_t)>& change) {
  step();
  const auto order = order_of(a);
  const written found = history(word, initial).back();
  const auto value = change(found.value);
  mine().oldest[word] = atomics_[word].size() - 1;
  if (!value) return found.value;  // a failed exchange is a relaxed load
  if (acquires(order)) mine().join(found.released);
  append(word, *value, order, found.released);  // goes on with the release it has read
  return found.value;
}

bool weak_machine::wait(const void* word, std::uint64_t initial, std::uint64_t expected) {
  step();
  if (has_failed()) return false;
  const bool is_same = history(word, initial).back().value == expected;
  if (!is_same && !wrong_.sleeps_blindly) return true;
  threads_[running_]->asleep_on = word;
  pass_turn(true);
  return !has_failed();
}

void weak_machine::wake_all(const void* word) {
  step();
  for (auto& thread : threads_) {
    if (thread->asleep_on == word) thread->asleep_on = nullptr;
  }
}

void weak_machine::check_after(const plain_word& w, bool reads_too) {
  const auto& known = mine().clock;
  if (w.write_clock > known[w.writer]) report("race with a write");
  for (std::size_t t = 0; reads_too && t < w.reads.size(); ++t) {
    if (w.reads[t] > known[t]) report("race with a read");
  }
}

void weak_machine::write_plain(std::uint64_t& word, std::uint64_t value) {
  step();
  auto& w = plain_[&word];
  check_after(w, true);
  w.value = word = value;
  w.writer = running_;
  w.write_clock = mine().clock[running_];
}

std::uint64_t weak_machine::read_plain(const std::uint64_t& word) {
  step();
  auto& w = plain_[&word];
  check_after(w, false);
  w.reads[running_] = mine().clock[running_];
  return w.value;
}

ordered_access modelled_memory::at(here where, std::memory_order order) {
  const std::string_view path = where.file_name();
  const auto file = path.substr(path.rfind('/') + 1);
  return {
      std::string{file} + ':' + std::to_string(where.line()) + ':' + std::to_string(where.column()),
      order};
}

}  // namespace kernd::test
