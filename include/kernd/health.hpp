#pragma once

#include "kernd/config.hpp"
#include "kernd/registry.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kernd {

class lifecycle;

/// Successes and failures of the last seconds, in slots of one second. Any thread adds, any thread
/// reads; adding takes no lock, allocates nothing and loses no count.
class outcome_window {
 public:
  using clock = std::chrono::steady_clock;
  /// The longest window that can be read.
  static constexpr std::chrono::seconds max_length{3600};

  struct totals {
    std::uint64_t successes = 0;
    std::uint64_t failures = 0;
    bool operator==(const totals&) const = default;
  };

  void add(bool success, clock::time_point now = clock::now()) noexcept;

  /// Of the `length` seconds up to `now`, the second that is not over included; a longer `length`
  /// than `max_length` reads `max_length`.
  [[nodiscard]] totals sum(std::chrono::seconds length,
                           clock::time_point now = clock::now()) const noexcept;

 private:
  /// The second in the upper half, the count in the lower: both change in one step, so a slot that
  /// is taken over by a new second loses nothing.
  using slot = std::atomic<std::uint64_t>;
  using ring = std::array<slot, static_cast<std::size_t>(max_length.count())>;

  ring successes_{};
  ring failures_{};
};

enum class health_status : std::uint8_t { healthy, degraded, unhealthy };

/// `healthy`, `degraded`, `unhealthy`.
std::string_view name_of(health_status status) noexcept;

struct component_health {
  std::string_view name;
  health_status status;
  std::string message;
};

struct health_report {
  health_status status = health_status::healthy;  ///< The worst of the components.
  std::vector<component_health> components;
};

/// Judges the daemon for `/health`: the registry, and the share of executions that failed through
/// the server's fault. Safe to use from any thread.
class health_monitor {
 public:
  using clock = outcome_window::clock;

  /// `registry` and `executions` outlive the monitor; `executor::outcomes` is what to pass.
  health_monitor(const kernel_registry& registry, const outcome_window& executions,
                 const health_config& options);

  /// Adds a component, which is judged on any thread. Before the first report.
  void add(std::function<component_health()> judge) { others_.push_back(std::move(judge)); }

  void reconfigure(const health_config& options);

  [[nodiscard]] health_report report(clock::time_point now = clock::now()) const;

  /// One periodic check: makes a report and emits `HealthCheckCompleted`, healthy unless unhealthy.
  health_report check(lifecycle& life, clock::time_point now = clock::now()) const;

 private:
  [[nodiscard]] component_health judge_registry() const;
  [[nodiscard]] component_health judge_executions(clock::time_point now) const;

  const kernel_registry& registry_;
  const outcome_window& executions_;
  std::vector<std::function<component_health()>> others_;
  mutable std::mutex mutex_;  // guards options_
  health_config options_;
};

}  // namespace kernd
