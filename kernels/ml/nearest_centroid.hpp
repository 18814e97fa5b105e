#pragma once

#include "kernels/ml/point_tiles.hpp"

#include <cstddef>
#include <cstdint>

namespace kernd::kernels {

/// Finds the centroid that is nearest to each point: the one with the smallest Σ (x − c)² in f64,
/// the lowest index among equals. The answer does not depend on the machine or on its threads.
///
/// In f32 the scores ½‖c‖² − x·c of shifted points and centroids order them fast. The rounding of
/// such a score is bounded; where the two smallest are closer than that bound, the distances of the
/// definition decide.
class nearest_centroid {
 public:
  /// All outlive the search; room for `num_centroids` is taken from the context.
  nearest_centroid(const matrix<float>& points, const point_tiles& tiles, std::size_t num_centroids,
                   cpu_context& context);

  /// Fills `labels`, one per point, and returns how many of them changed.
  std::size_t assign(const matrix<double>& centroids, const array<std::uint32_t>& labels);

 private:
  void prepare(const matrix<double>& centroids);
  std::size_t assign_tile(std::size_t tile, const matrix<double>& centroids,
                          const array<std::uint32_t>& labels) const;

  const matrix<float>& points_;
  const point_tiles& tiles_;
  cpu_context& context_;
  std::size_t num_blocks_;
  std::size_t grain_tiles_;
  array<float> blocks_;
  array<float> half_norms_;
  array<double> norms_;
  array<std::size_t> changed_;  ///< One per range.
  double radius_ = 0;           ///< The largest norm of a shifted centroid.
};

/// Σ (x − c)² in f64.
double squared_distance(const float* point, const double* centroid, std::size_t num_features);

}  // namespace kernd::kernels
