#include "src/ring/dispatcher.hpp"

namespace kernd {

std::optional<std::string> dispatcher::set(std::uint32_t type, std::string actor_id) {
  std::lock_guard lock{routes_mutex_};
  const auto [route, is_new] = routes_.try_emplace(type, actor_id);
  if (is_new) return std::nullopt;
  return std::exchange(route->second, std::move(actor_id));
}

bool dispatcher::remove(std::uint32_t type) {
  std::lock_guard lock{routes_mutex_};
  return routes_.erase(type) > 0;
}

std::optional<std::string> dispatcher::find(std::uint32_t type) const {
  std::shared_lock lock{routes_mutex_};
  const auto route = routes_.find(type);
  if (route == routes_.end()) return std::nullopt;
  return route->second;
}

std::vector<std::pair<std::uint32_t, std::string>> dispatcher::all() const {
  std::shared_lock lock{routes_mutex_};
  return {routes_.begin(), routes_.end()};
}

void dispatcher::count(std::uint64_t dispatch_metrics::*outcome) {
  std::lock_guard lock{counters_mutex_};
  ++counters_.dispatched;
  ++(counters_.*outcome);
}

void dispatcher::settle(std::uint64_t dispatch_metrics::*outcome) {
  std::lock_guard lock{counters_mutex_};
  --counters_.pending;
  ++(counters_.*outcome);
}

dispatch_metrics dispatcher::counted() const {
  std::lock_guard lock{counters_mutex_};
  return counters_;
}

void dispatcher::reset() {
  std::lock_guard lock{counters_mutex_};
  // What is pending will be counted when it is settled.
  counters_ = {.dispatched = counters_.pending, .pending = counters_.pending};
}

}  // namespace kernd
