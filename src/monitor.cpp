#include "kernd/monitor.hpp"

#include <cmath>
#include <cstring>
#include <thread>
#include <utility>

namespace kernd {

namespace {

using std::chrono::nanoseconds;

/// An owner that was interrupted in the middle of an update needs the processor.
constexpr int tries_before_yielding = 64;

nanoseconds duration_of(std::uint64_t ns) {
  return nanoseconds{static_cast<nanoseconds::rep>(ns)};
}

/// Merges the slots of one task.
class timing_sum {
 public:
  void add(const execution_slot::contents& slot) {
    if (slot.executions == 0) return;
    const auto ended = slot.start_ns + slot.last_ns;
    if (count_ == 0 || ended > newest_end_) {
      newest_end_ = ended;
      last_ns_ = slot.last_ns;
    }
    min_ns_ = count_ == 0 ? slot.min_ns : std::min(min_ns_, slot.min_ns);
    max_ns_ = std::max(max_ns_, slot.max_ns);
    weighted_ns_ += static_cast<double>(slot.ewma_ns) * static_cast<double>(slot.executions);
    count_ += slot.executions;
    // The two newest starts of all are among the two newest of each worker.
    add_start(slot.start_ns);
    add_start(slot.previous_start_ns);
  }

  [[nodiscard]] task_timing total() const {
    if (count_ == 0) return {};
    const auto mean = static_cast<std::uint64_t>(weighted_ns_ / static_cast<double>(count_) + 0.5);
    return {.executions = count_,
            .last = duration_of(last_ns_),
            .ewma = duration_of(std::clamp(mean, min_ns_, max_ns_)),  // rounding must not leave
            .min = duration_of(min_ns_),
            .max = duration_of(max_ns_),
            .period = duration_of(second_start_ == 0 ? 0 : newest_start_ - second_start_)};
  }

 private:
  void add_start(std::uint64_t ns) {
    if (ns > newest_start_) {
      second_start_ = std::exchange(newest_start_, ns);
    } else {
      second_start_ = std::max(second_start_, ns);
    }
  }

  std::uint64_t count_ = 0;
  std::uint64_t last_ns_ = 0;
  std::uint64_t newest_end_ = 0;
  std::uint64_t min_ns_ = 0;
  std::uint64_t max_ns_ = 0;
  double weighted_ns_ = 0;
  std::uint64_t newest_start_ = 0;
  std::uint64_t second_start_ = 0;
};

task_failure failure_of(const execution_slot::contents& slot) {
  const auto size = static_cast<std::size_t>(slot.error_code_and_size >> 8);
  std::string message(size, '\0');
  std::memcpy(message.data(), slot.error_text.data(), size);
  const nanoseconds at{static_cast<nanoseconds::rep>(slot.error_at_ns)};
  return {static_cast<errc>(slot.error_code_and_size & 0xff), std::move(message),
          std::chrono::system_clock::time_point{at}};
}

/// Puts the slots of one task together.
class slot_sum {
 public:
  explicit slot_sum(std::uint64_t epoch) : epoch_{epoch} {}

  void add(const execution_slot::contents& slot) {
    timing_.add(slot);
    sum_.errors += slot.errors;
    if (slot.error_epoch < epoch_) return;
    auto failure = failure_of(slot);
    if (!sum_.failure || failure.at < sum_.failure->at) sum_.failure = std::move(failure);
  }

  [[nodiscard]] task_snapshot total() && {
    sum_.timing = timing_.total();
    if (sum_.failure) sum_.state = task_state::error;
    return std::move(sum_);
  }

 private:
  const std::uint64_t epoch_;
  timing_sum timing_;
  task_snapshot sum_;
};

}  // namespace

std::string_view name_of(task_state state) noexcept {
  constexpr std::array<std::string_view, 4> names{"unknown", "running", "stopped", "error"};
  return names[static_cast<std::size_t>(state)];
}

void execution_slot::fail(std::uint64_t epoch, errc code, std::string_view message,
                          std::uint64_t at_ns) noexcept {
  const update in_progress{sequence_};
  set(errors_, errors_.load(std::memory_order_relaxed) + 1);
  if (error_epoch_.load(std::memory_order_relaxed) == epoch) return;
  message = message.substr(0, text_bytes);
  set(error_epoch_, epoch);
  set(error_at_ns_, at_ns);
  set(error_code_and_size_, message.size() << 8 | static_cast<std::uint64_t>(code));
  for (std::size_t i = 0; i * 8 < message.size(); ++i) {
    std::uint64_t word = 0;
    const auto part = message.substr(i * 8, sizeof word);
    std::memcpy(&word, part.data(), part.size());
    set(error_text_[i], word);
  }
}

execution_slot::contents execution_slot::read() const noexcept {
  const auto get = [](const field& f) { return f.load(std::memory_order_acquire); };
  for (int tries = 1;; ++tries) {
    const auto before = sequence_.load(std::memory_order_acquire);
    if (before % 2 == 0) {
      contents seen{get(executions_),
                    get(last_ns_),
                    get(ewma_ns_),
                    get(min_ns_),
                    get(max_ns_),
                    get(start_ns_),
                    get(previous_start_ns_),
                    get(errors_),
                    get(error_epoch_),
                    get(error_at_ns_),
                    get(error_code_and_size_),
                    {}};
      for (std::size_t i = 0; i < error_text_.size(); ++i) seen.error_text[i] = get(error_text_[i]);
      // relaxed: the acquire loads keep it behind them
      if (sequence_.load(std::memory_order_relaxed) == before) return seen;
    }
    if (tries % tries_before_yielding == 0) std::this_thread::yield();
  }
}

task_snapshot snapshot_of(const execution_slot& slot, std::uint64_t epoch) {
  slot_sum sum{epoch};
  sum.add(slot.read());
  return std::move(sum).total();
}

execution_monitor::execution_monitor(std::vector<std::string_view> tasks, std::size_t workers)
    : tasks_{std::move(tasks)},
      workers_{workers},
      slots_{std::make_unique<execution_slot[]>(workers_ * tasks_.size())},
      lives_{std::make_unique<life[]>(tasks_.size())} {}

void execution_monitor::fail(std::size_t worker, std::size_t task, errc code,
                             std::string_view message, wall_clock::time_point at) noexcept {
  assert(worker < workers_);
  if (task >= tasks_.size()) return unknown_tasks_.add();
  // relaxed: a clear that comes at the same time may count as earlier or later
  const auto epoch = lives_[task].epoch.load(std::memory_order_relaxed);
  const auto ns = std::chrono::duration_cast<nanoseconds>(at.time_since_epoch()).count();
  slots_[worker * tasks_.size() + task].fail(epoch, code, message, static_cast<std::uint64_t>(ns));
}

void execution_monitor::overrun(std::size_t task, nanoseconds allowed, wall_clock::time_point at) {
  if (task >= tasks_.size()) return unknown_tasks_.add();
  const std::lock_guard lock{mutex_};
  ++overruns_;
  if (!fault_) fault_ = {task, allowed, at};
}

void execution_monitor::follow(const lifecycle_event& event) {
  switch (event.kind) {
    case lifecycle_event_kind::kernel_registered:
      return start(event.kernel);
    case lifecycle_event_kind::kernel_unregistered:
      return stop(event.kernel);
    case lifecycle_event_kind::started:
      return up_.store(true, std::memory_order_relaxed);
    case lifecycle_event_kind::stopped:
    case lifecycle_event_kind::failed:
      return up_.store(false, std::memory_order_relaxed);
    default:
      return;
  }
}

void execution_monitor::start(std::string_view task) noexcept {
  auto* const found = find(task);
  if (found == nullptr) return unknown_tasks_.add();
  found->starts.add();
  found->state.store(task_state::running, std::memory_order_relaxed);
  found->epoch.fetch_add(1, std::memory_order_relaxed);
}

void execution_monitor::stop(std::string_view task) noexcept {
  auto* const found = find(task);
  if (found == nullptr) return unknown_tasks_.add();
  found->stops.add();
  found->state.store(task_state::stopped, std::memory_order_relaxed);
}

execution_monitor::life* execution_monitor::find(std::string_view task) noexcept {
  const auto found = std::find(tasks_.begin(), tasks_.end(), task);
  return found == tasks_.end() ? nullptr
                               : &lives_[static_cast<std::size_t>(found - tasks_.begin())];
}

void execution_monitor::clear(std::size_t task) noexcept {
  assert(task < tasks_.size());
  lives_[task].epoch.fetch_add(1, std::memory_order_relaxed);
}

void execution_monitor::clear_executor() {
  const std::lock_guard lock{mutex_};
  fault_.reset();
}

task_snapshot execution_monitor::snapshot(std::size_t task) const {
  assert(task < tasks_.size());
  const auto& known = lives_[task];
  const auto epoch = known.epoch.load(std::memory_order_relaxed);
  const auto state = known.state.load(std::memory_order_relaxed);
  slot_sum sum{epoch};
  for (std::size_t w = 0; w < workers_; ++w) sum.add(slots_[w * tasks_.size() + task].read());
  task_snapshot result = std::move(sum).total();
  if (!result.failure) result.state = state;
  result.starts = known.starts.value();
  result.stops = known.stops.value();
  return result;
}

executor_snapshot execution_monitor::executor() const {
  const std::lock_guard lock{mutex_};
  return {up_.load(std::memory_order_relaxed), overruns_, fault_, unknown_tasks_.value()};
}

}  // namespace kernd
