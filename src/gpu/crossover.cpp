#include "kernd/gpu/crossover.hpp"

#include <algorithm>
#include <cmath>

namespace kernd::gpu {

std::optional<std::size_t> crossover_bytes(std::span<const calibration_point> points) {
  const auto loses = [](const calibration_point& p) { return p.cuda_us >= p.cpu_us; };
  const auto loss = std::find_if(points.rbegin(), points.rend(), loses);
  if (loss == points.rbegin()) return std::nullopt;  // or there are no points
  if (loss == points.rend()) return 0;
  const calibration_point& lost = *loss;
  const calibration_point& won = *(loss.base());
  // log(cpu / cuda) goes from below zero to above it, linearly in log(bytes).
  const double before = std::log(lost.cpu_us / lost.cuda_us);
  const double after = std::log(won.cpu_us / won.cuda_us);
  const double share = before / (before - after);
  const double log_bytes = std::lerp(std::log(static_cast<double>(lost.bytes)),
                                     std::log(static_cast<double>(won.bytes)), share);
  return static_cast<std::size_t>(std::exp(log_bytes));
}

}  // namespace kernd::gpu
