#include "kernels/ml/point_tiles.hpp"

#include "kernd/parallel.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace kernd::kernels {

namespace {

constexpr std::size_t range_points = point_tiles::mean_range;
static_assert(range_points % point_tiles::lanes == 0);

/// The mean over the points of what `term(point, feature)` gives, for each feature; the partial
/// sums of the ranges are added in their order.
template <class Term>
array<double> mean_of(const matrix<float>& points, cpu_context& context, const Term& term) {
  const std::size_t num_ranges = (points.rows - 1) / range_points + 1;
  const auto partial = context.allocate<double>(num_ranges * points.cols);
  parallel_for(points.rows, range_points, [&](std::size_t first, std::size_t last) {
    double* const sums = &partial[first / range_points * points.cols];
    std::fill_n(sums, points.cols, 0.0);
    if (context.stop_requested()) return;
    for (std::size_t i = first; i < last; ++i) {
      for (std::size_t j = 0; j < points.cols; ++j) sums[j] += term(i, j);
    }
  });
  for (std::size_t r = 1; r < num_ranges; ++r) {
    for (std::size_t j = 0; j < points.cols; ++j) partial[j] += partial[r * points.cols + j];
  }
  for (std::size_t j = 0; j < points.cols; ++j) partial[j] /= static_cast<double>(points.rows);
  return {partial.data, points.cols};
}

void fill_tile(const matrix<float>& points, const point_tiles& tiles, std::size_t t) {
  constexpr double largest = std::numeric_limits<float>::max();
  constexpr double infinity = std::numeric_limits<double>::infinity();
  constexpr std::size_t lanes = point_tiles::lanes;
  float* const tile = &tiles.values[t * lanes * points.cols];
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    const std::size_t i = t * lanes + lane;
    double square = 0;
    for (std::size_t j = 0; j < points.cols; ++j) {
      const double shifted = i < points.rows ? double{points(i, j)} - tiles.shift[j] : 0.0;
      const float value = point_tiles::rounded(shifted);
      square += double{value} * double{value};
      if (std::fabs(shifted) > largest) square = infinity;
      tile[j * lanes + lane] = value;
    }
    if (i < points.rows) tiles.norms[i] = std::sqrt(square);
  }
}

}  // namespace

point_tiles make_tiles(const matrix<float>& points, cpu_context& context) {
  point_tiles tiles{.num_points = points.rows, .num_features = points.cols};
  tiles.shift =
      mean_of(points, context, [&](std::size_t i, std::size_t j) { return double{points(i, j)}; });
  const auto variances = mean_of(points, context, [&](std::size_t i, std::size_t j) {
    const double difference = double{points(i, j)} - tiles.shift[j];
    return difference * difference;
  });
  for (const double variance : variances) {
    tiles.mean_variance += variance / static_cast<double>(points.cols);
  }
  tiles.values = context.allocate<float>(tiles.num_tiles() * point_tiles::lanes * points.cols);
  tiles.norms = context.allocate<double>(points.rows);
  parallel_for(tiles.num_tiles(), range_points / point_tiles::lanes,
               [&](std::size_t first, std::size_t last) {
                 if (context.stop_requested()) return;
                 for (std::size_t t = first; t < last; ++t) fill_tile(points, tiles, t);
               });
  return tiles;
}

}  // namespace kernd::kernels
