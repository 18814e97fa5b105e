#pragma once

#include "kernd/cpu_context.hpp"
#include "kernd/matrix.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace kernd::kernels {

/// Moves centroids to the means of their points. The sums of fixed ranges of points are added in
/// their order, so the result has the same bits for any number of threads.
class centroid_update {
 public:
  /// Points of one range, whose sums are added up before those of others: at least as many as
  /// centroids, so that the sums take no more room than the points.
  static std::size_t range_points(std::size_t num_points, std::size_t num_centroids) {
    constexpr std::size_t max_ranges = 64;
    constexpr std::size_t min_range = 1024;
    return std::max({num_points / max_ranges + 1, num_centroids, min_range});
  }

  /// Both outlive the update; room for `num_centroids` is taken from the context.
  centroid_update(const matrix<float>& points, std::size_t num_centroids, cpu_context& context);

  /// Returns the sum of the squared shifts. Gives empty clusters a point, see `kmeans_cluster`.
  double move(const array<std::uint32_t>& labels, const matrix<double>& centroids);

  /// Σ of the squared distances of the points to their centroids.
  double inertia(const array<std::uint32_t>& labels, const matrix<double>& centroids);

 private:
  void add_points(const array<std::uint32_t>& labels);
  void fill_empty(const array<std::uint32_t>& labels, const matrix<double>& centroids);
  void measure(const array<std::uint32_t>& labels, const matrix<double>& centroids);

  const matrix<float>& points_;
  cpu_context& context_;
  std::size_t range_;  ///< Points of one range.
  std::size_t num_ranges_;
  matrix<double> sums_;           ///< Of the ranges, each with a row per centroid.
  matrix<std::uint64_t> counts_;  ///< Of the ranges.
  array<double> distances_;       ///< Squared, of the points to their centroids.
};

}  // namespace kernd::kernels
