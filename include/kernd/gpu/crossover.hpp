#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace kernd::gpu {

/// What one run of a kernel took on either backend, for an input of so many bytes.
struct calibration_point {
  std::size_t bytes;
  double cpu_us;
  double cuda_us;
};

/// From how many bytes of input on the device is the faster one; nothing when it was slower at the
/// largest size. `points` ascend. Where the device wins at one size and loses at a larger one, only
/// what is beyond the loss counts. Between the last loss and the first win both times are taken as
/// powers of the size, which is what a line is on log-log paper.
std::optional<std::size_t> crossover_bytes(std::span<const calibration_point> points);

}  // namespace kernd::gpu
