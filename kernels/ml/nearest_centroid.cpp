#include "kernels/ml/nearest_centroid.hpp"

#include "kernd/parallel.hpp"
#include "kernels/ml/tile_scan.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace kernd::kernels {

namespace {

constexpr std::size_t width = centroid_blocks::width;
constexpr std::size_t slice_work = std::size_t{1} << 24;  // multiplications: about a millisecond
constexpr float infinity = std::numeric_limits<float>::infinity();

std::uint32_t nearest_by_definition(const float* point, const matrix<double>& centroids) {
  std::uint32_t nearest = 0;
  double smallest = std::numeric_limits<double>::infinity();
  for (std::size_t c = 0; c < centroids.rows; ++c) {
    const double distance = squared_distance(point, centroids.row(c).data(), centroids.cols);
    if (!(distance < smallest)) continue;
    smallest = distance;
    nearest = static_cast<std::uint32_t>(c);
  }
  return nearest;
}

}  // namespace

double squared_distance(const float* point, const double* centroid, std::size_t num_features) {
  double sum = 0;
  for (std::size_t j = 0; j < num_features; ++j) {
    const double difference = double{point[j]} - centroid[j];
    sum += difference * difference;
  }
  return sum;
}

nearest_centroid::nearest_centroid(const matrix<float>& points, const point_tiles& tiles,
                                   std::size_t num_centroids, cpu_context& context)
    : points_{points},
      tiles_{tiles},
      context_{context},
      num_blocks_{(num_centroids + width - 1) / width},
      grain_tiles_{1 + slice_work / 8 / (point_tiles::lanes * num_blocks_ * width * points.cols)},
      blocks_{context.allocate<float>(num_blocks_ * width * points.cols)},
      half_norms_{context.allocate<float>(num_blocks_ * width)},
      norms_{context.allocate<double>(num_centroids)},
      changed_{context.allocate<std::size_t>(tiles.num_tiles() / grain_tiles_ + 1)} {}

void nearest_centroid::prepare(const matrix<double>& centroids) {
  const std::size_t num_features = centroids.cols;
  parallel_for(num_blocks_ * width, 64 * width, [&](std::size_t first, std::size_t last) {
    if (context_.stop_requested()) return;
    for (std::size_t c = first; c < last; ++c) {
      float* to = &blocks_[c / width * width * num_features + c % width];
      double square = 0;
      for (std::size_t j = 0; j < num_features; ++j, to += width) {
        const double value = c < centroids.rows ? centroids(c, j) - tiles_.shift[j] : 0;
        square += value * value;
        *to = static_cast<float>(value);
      }
      half_norms_[c] = c < centroids.rows ? static_cast<float>(square / 2) : infinity;
      if (c < centroids.rows) norms_[c] = std::sqrt(square);
    }
  });
  radius_ = *std::max_element(norms_.begin(), norms_.end());
}

/// A score is the f32 sum of ½‖c‖² and of d products of values that were rounded before. With
/// u = 2⁻²⁴, each product is within (d + 2) u of itself in any order of the sum, and ½‖c‖² and the
/// score itself are each rounded once more: (d + 4) u (‖x‖‖c‖ + ½‖c‖²) in all, to first order.
/// Eight instead of four leaves room for the higher orders.
std::size_t nearest_centroid::assign_tile(std::size_t tile, const matrix<double>& centroids,
                                          const array<std::uint32_t>& labels) const {
  static const scan_function scan_tile = widest_scan();
  tile_scan scan;
  std::fill(std::begin(scan.best), std::end(scan.best), infinity);
  std::fill(std::begin(scan.second), std::end(scan.second), infinity);
  std::fill(std::begin(scan.nearest), std::end(scan.nearest), 0);
  const std::size_t slice = 1 + slice_work / (point_tiles::lanes * width * points_.cols);
  for (std::size_t block = 0; block < num_blocks_; block += slice) {
    if (context_.stop_requested()) return 0;
    scan_tile(tiles_.tile(tile), points_.cols, {blocks_.data, half_norms_.data}, block,
              std::min(block + slice, num_blocks_), scan);
  }

  const double unit = 0x1p-24 * static_cast<double>(points_.cols + 8);
  const std::size_t first = tile * point_tiles::lanes;
  const std::size_t count = std::min(point_tiles::lanes, tiles_.num_points - first);
  std::size_t changed = 0;
  for (std::size_t lane = 0; lane < count; ++lane) {
    const std::size_t i = first + lane;
    const double bound = unit * (tiles_.norms[i] * radius_ + radius_ * radius_ / 2) +
                         double{std::numeric_limits<float>::min()};
    const bool is_clear = double{scan.second[lane]} - double{scan.best[lane]} > 2 * bound;
    const std::uint32_t label = is_clear ? static_cast<std::uint32_t>(scan.nearest[lane])
                                         : nearest_by_definition(points_.row(i).data(), centroids);
    changed += label != labels[i];
    labels[i] = label;
  }
  return changed;
}

std::size_t nearest_centroid::assign(const matrix<double>& centroids,
                                     const array<std::uint32_t>& labels) {
  prepare(centroids);
  std::fill(changed_.begin(), changed_.end(), 0);
  parallel_for(tiles_.num_tiles(), grain_tiles_, [&](std::size_t first, std::size_t last) {
    std::size_t changed = 0;
    for (std::size_t t = first; t < last && !context_.stop_requested(); ++t) {
      changed += assign_tile(t, centroids, labels);
    }
    changed_[first / grain_tiles_] = changed;
  });
  std::size_t total = 0;
  for (const std::size_t changed : changed_) total += changed;
  return total;
}

}  // namespace kernd::kernels
