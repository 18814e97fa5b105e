#include "kernd/health.hpp"

#include "kernd/lifecycle.hpp"

#include <algorithm>
#include <iomanip>
#include <sstream>
#include <utility>

namespace kernd {

namespace {

constexpr unsigned count_bits = 32;

/// Seconds of the monotonic clock; one more than since its start, so that an untouched slot, which
/// says second 0, belongs to none.
std::uint64_t second_of(outcome_window::clock::time_point t) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(t.time_since_epoch()).count();
  return (static_cast<std::uint64_t>(seconds) + 1) & 0xffffffffu;
}

std::uint64_t count_in(const auto& ring, std::uint64_t first, std::uint64_t last) {
  std::uint64_t sum = 0;
  for (const auto& slot : ring) {
    const auto value = slot.load(std::memory_order_relaxed);
    const auto second = value >> count_bits;
    if (second >= first && second <= last) sum += value & 0xffffffffu;
  }
  return sum;
}

}  // namespace

void outcome_window::add(bool success, clock::time_point now) noexcept {
  const auto second = second_of(now);
  auto& counts = success ? successes_ : failures_;
  auto& count = counts[second % counts.size()];
  auto seen = count.load(std::memory_order_relaxed);
  for (;;) {
    const bool same_second = (seen >> count_bits) == second;
    const auto next = same_second ? seen + 1 : (second << count_bits) + 1;
    if (count.compare_exchange_weak(seen, next, std::memory_order_relaxed)) return;
  }
}

outcome_window::totals outcome_window::sum(std::chrono::seconds length,
                                           clock::time_point now) const noexcept {
  const auto seconds = static_cast<std::uint64_t>(std::min(length, max_length).count());
  const auto last = second_of(now);
  const auto first = last >= seconds ? last - seconds + 1 : 1;
  return {.successes = count_in(successes_, first, last),
          .failures = count_in(failures_, first, last)};
}

std::string_view name_of(health_status status) noexcept {
  switch (status) {
    case health_status::healthy:
      return "healthy";
    case health_status::degraded:
      return "degraded";
    case health_status::unhealthy:
      break;
  }
  return "unhealthy";
}

health_monitor::health_monitor(const kernel_registry& registry, const outcome_window& executions,
                               const health_config& options)
    : registry_{registry}, executions_{executions}, options_{options} {}

void health_monitor::reconfigure(const health_config& options) {
  const std::lock_guard lock{mutex_};
  options_ = options;
}

health_report health_monitor::report(clock::time_point now) const {
  health_report result;
  result.components.push_back(judge_registry());
  result.components.push_back(judge_executions(now));
  for (const auto& judge : others_) result.components.push_back(judge());
  for (const auto& c : result.components) result.status = std::max(result.status, c.status);
  return result;
}

health_report health_monitor::check(lifecycle& life, clock::time_point now) const {
  auto result = report(now);
  life.emit({.kind = lifecycle_event_kind::health_check_completed,
             .healthy = result.status != health_status::unhealthy});
  return result;
}

component_health health_monitor::judge_registry() const {
  const auto stats = registry_.stats();
  return {"kernel_registry", stats.total > 0 ? health_status::healthy : health_status::degraded,
          std::to_string(stats.total) + " kernels (" + std::to_string(stats.batch) + " batch, " +
              std::to_string(stats.ring) + " ring)"};
}

component_health health_monitor::judge_executions(clock::time_point now) const {
  std::unique_lock lock{mutex_};
  const auto options = options_;
  lock.unlock();

  const auto seen = executions_.sum(options.window, now);
  const auto total = seen.successes + seen.failures;
  const double ratio =
      total == 0 ? 0 : static_cast<double>(seen.failures) / static_cast<double>(total);
  auto status = health_status::healthy;
  if (total > 0 && ratio >= options.unhealthy_error_ratio) {
    status = health_status::unhealthy;
  } else if (total > 0 && ratio >= options.degraded_error_ratio) {
    status = health_status::degraded;
  }
  std::ostringstream message;
  message << total << " executions in " << options.window.count() << " s, " << std::fixed
          << std::setprecision(1) << ratio * 100 << "% failed";
  return {"execution_engine", status, message.str()};
}

}  // namespace kernd
