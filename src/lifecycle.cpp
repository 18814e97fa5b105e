#include "kernd/lifecycle.hpp"

#include <array>
#include <string>
#include <utility>

namespace kernd {

namespace {

constexpr std::array all_states{lifecycle_state::created, lifecycle_state::starting,
                                lifecycle_state::running, lifecycle_state::draining,
                                lifecycle_state::stopped, lifecycle_state::failed};

bool allowed(lifecycle_state from, lifecycle_state to) {
  using enum lifecycle_state;
  switch (to) {
    case created:
      return false;
    case starting:
      return from == created;
    case running:
      return from == starting;
    case draining:
      return from == starting || from == running;
    case stopped:
      return from == draining;
    case failed:
      return from != stopped && from != failed;
  }
  return false;
}

lifecycle_event_kind event_of(lifecycle_state reached) {
  using enum lifecycle_state;
  switch (reached) {
    case running:
      return lifecycle_event_kind::started;
    case draining:
      return lifecycle_event_kind::draining;
    case stopped:
      return lifecycle_event_kind::stopped;
    case failed:
      return lifecycle_event_kind::failed;
    case created:
    case starting:
      break;
  }
  return lifecycle_event_kind::starting;
}

}  // namespace

std::string_view name_of(lifecycle_state state) noexcept {
  using enum lifecycle_state;
  switch (state) {
    case created:
      return "Created";
    case starting:
      return "Starting";
    case running:
      return "Running";
    case draining:
      return "Draining";
    case stopped:
      return "Stopped";
    case failed:
      break;
  }
  return "Failed";
}

std::string_view name_of(lifecycle_event_kind kind) noexcept {
  using enum lifecycle_event_kind;
  switch (kind) {
    case starting:
      return "Starting";
    case started:
      return "Started";
    case draining:
      return "Draining";
    case stopped:
      return "Stopped";
    case failed:
      return "Failed";
    case kernel_registered:
      return "KernelRegistered";
    case kernel_unregistered:
      return "KernelUnregistered";
    case config_reloaded:
      return "ConfigReloaded";
    case health_check_completed:
      break;
  }
  return "HealthCheckCompleted";
}

lifecycle::lifecycle() : started_{clock::time_point{}}, moved_{clock::now()} {}

void lifecycle::subscribe(callback f) {
  const std::lock_guard lock{emitting_};
  subscribers_.push_back(std::move(f));
}

result<void> lifecycle::move_to(lifecycle_state next) {
  const std::lock_guard lock{emitting_};
  const auto from = state();
  if (!allowed(from, next)) {
    return error{errc::internal_error, "cannot go from " + std::string{name_of(from)} + " to " +
                                           std::string{name_of(next)}};
  }
  const auto now = clock::now();
  if (next == lifecycle_state::starting) started_.store(now, std::memory_order_relaxed);
  moved_.store(now, std::memory_order_relaxed);
  state_.store(next, std::memory_order_release);  // see state()
  tell({.kind = event_of(next)});
  return {};
}

void lifecycle::emit(const lifecycle_event& event) {
  const std::lock_guard lock{emitting_};
  if (event.kind == lifecycle_event_kind::kernel_registered) ++kernels_;
  if (event.kind == lifecycle_event_kind::kernel_unregistered) --kernels_;
  tell(event);
}

void lifecycle::tell(const lifecycle_event& event) {
  for (const auto& f : subscribers_) f(event);
}

lifecycle_stats lifecycle::stats(clock::time_point now) const noexcept {
  const auto started = started_.load(std::memory_order_relaxed);
  const bool has_started = started != clock::time_point{};
  return {.state = state(),
          .uptime = has_started ? now - started : clock::duration{},
          .in_state = now - moved_.load(std::memory_order_relaxed),
          .kernels_registered = kernels_.load(std::memory_order_relaxed)};
}

void lifecycle::collect(metric_families& out) const {
  const auto current = state();
  metric_family family{out, metric_family::kind::gauge, "kernd_lifecycle_state",
                       "1 for the state that the daemon is in."};
  for (const auto s : all_states) family.add({{"state", name_of(s)}}, s == current ? 1 : 0);
}

}  // namespace kernd
