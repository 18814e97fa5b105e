#include "bench/load/tally.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace kernd::load {

std::string to_json(tally& counts) {
  auto& times = counts.microseconds;
  std::ranges::sort(times);
  const auto quantile = [&times](double share) {
    const auto at = static_cast<std::size_t>(share * static_cast<double>(times.size()));
    return times[std::min(at, times.size() - 1)];
  };
  nlohmann::ordered_json latency = nlohmann::ordered_json::object();
  if (!times.empty()) {
    latency = {{"p50", quantile(0.5)},
               {"p90", quantile(0.9)},
               {"p99", quantile(0.99)},
               {"p999", quantile(0.999)},
               {"max", times.back()}};
  }
  const nlohmann::ordered_json made = {{"sent", counts.sent},
                                       {"answers", counts.answers},
                                       {"hung_up", counts.hung_up},
                                       {"lost", counts.lost},
                                       {"latency_us", latency}};
  return made.dump();
}

}  // namespace kernd::load
