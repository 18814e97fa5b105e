#include "bench/gpu/measurement.hpp"

#include <algorithm>

namespace kernd::bench {

std::vector<double> medians_us(const std::vector<measurement*>& turns, int rounds, int warm_ups) {
  std::vector<std::vector<double>> times(turns.size());
  for (int round = -warm_ups; round < rounds; ++round) {
    for (std::size_t i = 0; i < turns.size(); ++i) {
      const double us = turns[i]->run_us();
      if (round >= 0) times[i].push_back(us);
    }
  }
  std::vector<double> medians;
  for (auto& of_one : times) {
    const auto middle = of_one.begin() + static_cast<std::ptrdiff_t>(of_one.size() / 2);
    std::ranges::nth_element(of_one, middle);
    medians.push_back(*middle);
  }
  return medians;
}

}  // namespace kernd::bench
