#pragma once

#include "kernd/error.hpp"
#include "kernd/exposition.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string_view>
#include <vector>

namespace kernd {

enum class lifecycle_state : std::uint8_t { created, starting, running, draining, stopped, failed };

/// `Created`, `Starting` and so on.
std::string_view name_of(lifecycle_state state) noexcept;

enum class lifecycle_event_kind : std::uint8_t {
  starting,
  started,
  draining,
  stopped,
  failed,
  kernel_registered,
  kernel_unregistered,
  config_reloaded,
  health_check_completed,
};

/// `Starting`, `KernelRegistered` and so on.
std::string_view name_of(lifecycle_event_kind kind) noexcept;

struct lifecycle_event {
  lifecycle_event_kind kind;
  std::string_view kernel = {};  ///< Id, of the two kernel events; valid during the callback.
  bool healthy = true;           ///< Of `health_check_completed`.
};

struct lifecycle_stats {
  lifecycle_state state;
  std::chrono::nanoseconds uptime{};    ///< Since `Starting`; 0 before.
  std::chrono::nanoseconds in_state{};  ///< Since the last transition.
  std::size_t kernels_registered = 0;
};

/// Where the daemon is in its life, and who wants to know:
/// Created → Starting → Running → Draining → Stopped, or Failed from any but Stopped. Starting may
/// go to Draining: a daemon that is told to stop while it starts.
/// Safe to use from any thread.
class lifecycle {
 public:
  using clock = std::chrono::steady_clock;
  using callback = std::function<void(const lifecycle_event&)>;

  lifecycle();

  /// Calls `f` on the thread that causes an event, one event at a time, in order. `f` may read
  /// this object, but neither subscribe, move it nor emit.
  void subscribe(callback f);

  /// Moves to `next` and emits its event. `errc::internal_error` names both states when there is
  /// no such step; then nothing happens.
  result<void> move_to(lifecycle_state next);

  /// Tells the subscribers what happened apart from transitions; counts the kernel events.
  void emit(const lifecycle_event& event);

  [[nodiscard]] lifecycle_state state() const noexcept {
    // acquire: who sees Running also sees what was set up before it
    return state_.load(std::memory_order_acquire);
  }
  [[nodiscard]] lifecycle_stats stats(clock::time_point now = clock::now()) const noexcept;

  /// `kernd_lifecycle_state{state}`: 1 for the state it is in.
  void collect(metric_families& out) const;

 private:
  void tell(const lifecycle_event& event);

  std::mutex emitting_;  // guards subscribers_, transitions and the order of events
  std::vector<callback> subscribers_;
  std::atomic<lifecycle_state> state_{lifecycle_state::created};
  std::atomic<clock::time_point> started_;  // the epoch while Created
  std::atomic<clock::time_point> moved_;
  std::atomic<std::size_t> kernels_{0};
};

}  // namespace kernd
