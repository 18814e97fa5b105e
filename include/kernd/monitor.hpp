#pragma once

#include "kernd/error.hpp"
#include "kernd/lifecycle.hpp"
#include "kernd/metrics.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cassert>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kernd {

/// What is known of a task's life. An error stays until it is cleared or the task starts again.
enum class task_state : std::uint8_t { unknown, running, stopped, error };

/// `unknown`, `running` and so on.
std::string_view name_of(task_state state) noexcept;

/// How long the executions of a task take; one execution is one run of the kernel's own code.
/// Durations are 0 while there is nothing to tell.
struct task_timing {
  std::uint64_t executions = 0;
  std::chrono::nanoseconds last{};  ///< Of the execution that ended last, on any worker.
  /// Moving average, an eighth of it new with each execution: `ewma − ewma/8 + took/8`, beginning
  /// with the first. Each worker has its own; this is their mean, weighted by executions.
  std::chrono::nanoseconds ewma{};
  std::chrono::nanoseconds min{};  ///< Since the daemon started; so is `max`.
  std::chrono::nanoseconds max{};
  /// From the second newest start to the newest, on whichever workers.
  std::chrono::nanoseconds period{};
};

/// The first failure since the last clear.
struct task_failure {
  errc code;
  std::string message;  ///< Its first 128 bytes.
  std::chrono::system_clock::time_point at;
};

/// One task at about one moment. What each worker adds to it is consistent in itself.
struct task_snapshot {
  task_state state = task_state::unknown;
  std::uint64_t starts = 0;  ///< How often the task began to be served; not its executions.
  std::uint64_t stops = 0;
  std::uint64_t errors = 0;             ///< Failures, those that were cleared included.
  std::optional<task_failure> failure;  ///< There when `state` is `error`.
  task_timing timing;
};

/// A job that went on after its deadline, though the client had allowed at least the default.
struct job_overrun {
  std::size_t task;
  std::chrono::nanoseconds allowed;  ///< From the request's first byte to the deadline.
  std::chrono::system_clock::time_point at;
};

struct executor_snapshot {
  bool up = false;
  std::uint64_t overruns = 0;
  std::optional<job_overrun> fault;  ///< The first overrun since the last clear.
  std::uint64_t unknown_tasks = 0;   ///< Events of tasks that were never registered.
};

/// What one worker records of one task, or an actor of itself. That one writes, any thread reads: a
/// sequence number, odd during an update, tells readers to look again, and the writer never waits.
/// The values are stored with release and read with acquire (plain moves on x86), so that who sees
/// any value of an update also sees its sequence number change.
class alignas(64) execution_slot {
 public:
  static constexpr std::size_t text_bytes = 128;

  struct contents {
    std::uint64_t executions;
    std::uint64_t last_ns;
    std::uint64_t ewma_ns;
    std::uint64_t min_ns;
    std::uint64_t max_ns;
    std::uint64_t start_ns;           ///< 0: none.
    std::uint64_t previous_start_ns;  ///< 0: none.
    std::uint64_t errors;
    std::uint64_t error_epoch;
    std::uint64_t error_at_ns;
    std::uint64_t error_code_and_size;
    std::array<std::uint64_t, text_bytes / 8> error_text;
  };

  /// The owner's.
  void record(std::uint64_t start_ns, std::uint64_t took_ns) noexcept {
    const auto count = executions_.load(std::memory_order_relaxed);
    const bool is_first = count == 0;
    const auto ewma = ewma_ns_.load(std::memory_order_relaxed);
    const auto started_before = start_ns_.load(std::memory_order_relaxed);
    const update in_progress{sequence_};
    set(executions_, count + 1);
    set(last_ns_, took_ns);
    set(ewma_ns_, is_first ? took_ns : ewma - (ewma >> 3) + (took_ns >> 3));
    if (is_first || took_ns < min_ns_.load(std::memory_order_relaxed)) set(min_ns_, took_ns);
    if (took_ns > max_ns_.load(std::memory_order_relaxed)) set(max_ns_, took_ns);
    set(previous_start_ns_, started_before);
    set(start_ns_, start_ns);
  }

  /// The owner's. Keeps what failed first in an epoch.
  void fail(std::uint64_t epoch, errc code, std::string_view message, std::uint64_t at_ns) noexcept;

  /// Any thread. Repeats while the owner writes, which it does for nanoseconds.
  [[nodiscard]] contents read() const noexcept;

 private:
  using field = std::atomic<std::uint64_t>;

  class update {
   public:
    explicit update(field& sequence) noexcept
        : sequence_{sequence}, before_{sequence.load(std::memory_order_relaxed)} {
      // relaxed: the release stores that follow keep it before them
      sequence_.store(before_ + 1, std::memory_order_relaxed);
    }
    update(const update&) = delete;
    update& operator=(const update&) = delete;
    ~update() { sequence_.store(before_ + 2, std::memory_order_release); }

   private:
    field& sequence_;
    std::uint64_t before_;
  };

  static void set(field& f, std::uint64_t value) noexcept {
    f.store(value, std::memory_order_release);
  }

  // one cache line: all that an execution touches
  field sequence_{0};
  field executions_{0};
  field last_ns_{0};
  field ewma_ns_{0};
  field min_ns_{0};
  field max_ns_{0};
  field start_ns_{0};
  field previous_start_ns_{0};
  // touched by failures alone
  field errors_{0};
  field error_epoch_{0};
  field error_at_ns_{0};
  field error_code_and_size_{0};
  std::array<field, text_bytes / 8> error_text_{};
};

/// A task that has this slot alone. A failure counts when it is of `epoch` or later; then the state
/// is `error`, else `unknown`, and starts and stops are the caller's to add.
task_snapshot snapshot_of(const execution_slot& slot, std::uint64_t epoch);

/// The record of what runs and how long it takes: one slot per worker and task, allocated at
/// construction. Recording allocates nothing, takes no lock and waits for nobody; reading costs the
/// reader alone.
class execution_monitor {
 public:
  using clock = std::chrono::steady_clock;
  using wall_clock = std::chrono::system_clock;

  /// `tasks` by index; the names outlive this.
  execution_monitor(std::vector<std::string_view> tasks, std::size_t workers);

  /// An execution of `task` that began at `start`. Called by `worker` alone, in order of `start`.
  void record(std::size_t worker, std::size_t task, clock::time_point start,
              std::chrono::nanoseconds took) noexcept {
    assert(worker < workers_);
    if (task >= tasks_.size()) return unknown_tasks_.add();
    const auto ns = std::max<std::int64_t>(took.count(), 0);
    slots_[worker * tasks_.size() + task].record(
        static_cast<std::uint64_t>(start.time_since_epoch().count()),
        static_cast<std::uint64_t>(ns));
  }

  /// `task` failed through the server's or its own fault. Called by `worker` alone. The first
  /// failure stays the one that is shown until a clear.
  void fail(std::size_t worker, std::size_t task, errc code, std::string_view message,
            wall_clock::time_point at = wall_clock::now()) noexcept;

  /// A job of `task` went on after its deadline. Any thread; takes a lock, as only such a job does.
  void overrun(std::size_t task, std::chrono::nanoseconds allowed,
               wall_clock::time_point at = wall_clock::now());

  /// Tasks start and stop with the registration of their kernels, the executor is up from Running
  /// to Stopped. Called for one event at a time, as `lifecycle` does.
  void follow(const lifecycle_event& event);

  /// Forgets the failure of `task`, a valid index; counts and timing go on. Any thread.
  void clear(std::size_t task) noexcept;
  /// Forgets the executor's fault. Any thread.
  void clear_executor();

  std::span<const std::string_view> tasks() const noexcept { return tasks_; }
  /// `task` is a valid index. Any thread.
  [[nodiscard]] task_snapshot snapshot(std::size_t task) const;
  [[nodiscard]] executor_snapshot executor() const;

 private:
  struct alignas(64) life {
    std::atomic<std::uint64_t> epoch{1};  // raised by each clear: what failed before is forgotten
    std::atomic<task_state> state{task_state::unknown};
    counter starts;
    counter stops;
  };

  void start(std::string_view task) noexcept;
  void stop(std::string_view task) noexcept;
  life* find(std::string_view task) noexcept;

  std::vector<std::string_view> tasks_;
  std::size_t workers_;
  std::unique_ptr<execution_slot[]> slots_;  // by worker, then task
  std::unique_ptr<life[]> lives_;
  shared_counter unknown_tasks_;
  std::atomic<bool> up_{false};
  mutable std::mutex mutex_;  // guards what follows
  std::uint64_t overruns_ = 0;
  std::optional<job_overrun> fault_;
};

}  // namespace kernd
