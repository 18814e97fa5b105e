#include "kernels/ml/centroid_update.hpp"

#include "kernd/parallel.hpp"
#include "kernels/ml/nearest_centroid.hpp"

#include <algorithm>

namespace kernd::kernels {

namespace {

constexpr std::size_t grain_values = 1024;
constexpr std::size_t poll_points = 4096;

}  // namespace

centroid_update::centroid_update(const matrix<float>& points, std::size_t num_centroids,
                                 cpu_context& context)
    : points_{points},
      context_{context},
      range_{range_points(points.rows, num_centroids)},
      num_ranges_{(points.rows - 1) / range_ + 1},
      distances_{context.allocate<double>(points.rows)} {
  const std::size_t size = num_centroids * points.cols;
  sums_ = {context.allocate<double>(num_ranges_ * size).data, num_ranges_, size};
  counts_ = {context.allocate<std::uint64_t>(num_ranges_ * num_centroids).data, num_ranges_,
             num_centroids};
}

void centroid_update::add_points(const array<std::uint32_t>& labels) {
  const std::size_t num_features = points_.cols;
  parallel_for(points_.rows, range_, [&](std::size_t first, std::size_t last) {
    const auto sums = sums_.row(first / range_);
    const auto counts = counts_.row(first / range_);
    std::fill(sums.begin(), sums.end(), 0.0);
    std::fill(counts.begin(), counts.end(), 0);
    for (std::size_t i = first; i < last; ++i) {
      if (i % poll_points == 0 && context_.stop_requested()) return;
      const float* const point = points_.row(i).data();
      double* const sum = sums.data() + labels[i] * num_features;
      for (std::size_t j = 0; j < num_features; ++j) sum[j] += double{point[j]};
      ++counts[labels[i]];
    }
  });
  const auto total = sums_.row(0);
  const auto members = counts_.row(0);
  parallel_for(counts_.cols, 1 + grain_values / num_features,
               [&](std::size_t begin, std::size_t end) {
                 for (std::size_t r = 1; r < num_ranges_; ++r) {
                   const auto sums = sums_.row(r);
                   for (std::size_t e = begin * num_features; e < end * num_features; ++e)
                     total[e] += sums[e];
                   for (std::size_t c = begin; c < end; ++c) members[c] += counts_(r, c);
                 }
               });
}

void centroid_update::measure(const array<std::uint32_t>& labels, const matrix<double>& centroids) {
  parallel_for(points_.rows, poll_points, [&](std::size_t first, std::size_t last) {
    if (context_.stop_requested()) return;
    for (std::size_t i = first; i < last; ++i) {
      distances_[i] =
          squared_distance(points_.row(i).data(), centroids.row(labels[i]).data(), points_.cols);
    }
  });
}

void centroid_update::fill_empty(const array<std::uint32_t>& labels,
                                 const matrix<double>& centroids) {
  const auto counts = counts_.row(0);
  if (std::find(counts.begin(), counts.end(), 0) == counts.end()) return;
  measure(labels, centroids);
  for (std::size_t c = 0; c < counts.size() && !context_.stop_requested(); ++c) {
    if (counts[c] != 0) continue;
    std::size_t farthest = points_.rows;
    double largest = 0;
    for (std::size_t i = 0; i < points_.rows; ++i) {
      if (distances_[i] > largest && counts[labels[i]] > 1) {
        farthest = i;
        largest = distances_[i];
      }
    }
    if (farthest == points_.rows) return;
    double* const from = &sums_(0, labels[farthest] * points_.cols);
    double* const to = &sums_(0, c * points_.cols);
    for (std::size_t j = 0; j < points_.cols; ++j) {
      to[j] = double{points_(farthest, j)};
      from[j] -= to[j];
    }
    --counts[labels[farthest]];
    counts[c] = 1;
    distances_[farthest] = 0;
  }
}

double centroid_update::move(const array<std::uint32_t>& labels, const matrix<double>& centroids) {
  add_points(labels);
  fill_empty(labels, centroids);
  double shift = 0;
  for (std::size_t c = 0; c < centroids.rows; ++c) {
    if (counts_(0, c) == 0) continue;
    for (std::size_t j = 0; j < centroids.cols; ++j) {
      const double mean = sums_(0, c * centroids.cols + j) / static_cast<double>(counts_(0, c));
      const double difference = mean - centroids(c, j);
      shift += difference * difference;
      centroids(c, j) = mean;
    }
  }
  return shift;
}

double centroid_update::inertia(const array<std::uint32_t>& labels,
                                const matrix<double>& centroids) {
  measure(labels, centroids);
  double sum = 0;
  for (const double distance : distances_) sum += distance;
  return sum;
}

}  // namespace kernd::kernels
