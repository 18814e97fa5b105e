#pragma once

#include "kernd/cpu_context.hpp"
#include "kernd/host_device.hpp"
#include "kernd/matrix.hpp"

#include <cstddef>
#include <limits>

namespace kernd::kernels {

/// Points for the fast part of a search: minus `shift`, rounded to f32, and feature by feature
/// within tiles of 16 points, so that one instruction works on several points. Lanes behind the
/// last point hold 0. A view with the lifetime of `array`.
struct point_tiles {
  static constexpr std::size_t lanes = 16;
  static constexpr std::size_t mean_range = 4096;  ///< Points that are added up before others.

  std::size_t num_points = 0;
  std::size_t num_features = 0;
  array<double> shift = {};  ///< The mean, so that little is lost in rounding.
  array<float> values = {};  ///< Tile, feature, lane.
  array<double> norms = {};  ///< Euclidean, of each point; infinite when a value is beyond f32.
  double mean_variance = 0;  ///< Over the features, of the points themselves.

  /// What is kept of a value minus `shift`.
  KERND_HOST_DEVICE static float rounded(double shifted) {
    constexpr double largest = std::numeric_limits<float>::max();
    const double low = shifted < -largest ? -largest : shifted;
    return static_cast<float>(low > largest ? largest : low);
  }

  std::size_t num_tiles() const { return (num_points + lanes - 1) / lanes; }
  const float* tile(std::size_t t) const { return &values[t * num_features * lanes]; }
};

point_tiles make_tiles(const matrix<float>& points, cpu_context& context);

}  // namespace kernd::kernels
