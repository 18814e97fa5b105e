#pragma once

#include <cstddef>
#include <memory>
#include <vector>

namespace kernd::bench {

/// Something that can be timed again and again.
class measurement {
 public:
  virtual ~measurement() = default;
  /// Runs it once: µs. Throws what went wrong.
  virtual double run_us() = 0;
};

using measured = std::unique_ptr<measurement>;

/// The median of each, after `warm_ups` rounds that do not count; they take turns, so that what
/// changes on the machine meets all of them. `rounds` is at least 1.
std::vector<double> medians_us(const std::vector<measurement*>& turns, int rounds,
                               int warm_ups = 2);

}  // namespace kernd::bench
