#pragma once

#include "kernels/ml/device_points.cuh"

#include <cstddef>
#include <cstdint>

namespace kernd::kernels {

/// What an assignment and the move before it came to.
struct cluster_progress {
  double shift;           ///< Sum of the squared shifts of the centroids in the move.
  std::uint32_t changed;  ///< Not 0 if a label changed.
  std::uint32_t empty;    ///< Clusters without points.
};

/// Labels and centroids on the device, with the bits that `nearest_centroid` and `centroid_update`
/// give them. Its context and the points outlive it.
class device_clusters {
 public:
  device_clusters(const device_points& points, std::size_t num_centroids, gpu::context& context);

  /// One row per cluster, to be filled before the first assignment.
  [[nodiscard]] gpu::device_buffer<double>& centroids() { return centroids_; }
  [[nodiscard]] const gpu::device_buffer<std::uint32_t>& labels() const { return labels_; }

  /// Gives every point its nearest centroid, adds up the clusters, and waits for that.
  cluster_progress assign();

  /// Queues the move of the centroids to the means of their points, after `empty` clusters got one.
  void move(std::uint32_t empty);

  /// Σ of the squared distances of the points to their centroids; waits for it.
  double inertia();

  static const void* device_code() noexcept;

 private:
  void measure();

  gpu::context& context_;
  device_points points_;
  std::size_t num_centroids_;
  gpu::device_buffer<std::uint32_t> labels_;
  gpu::device_buffer<double> centroids_;
  gpu::device_buffer<double> blocks_;  ///< The centroids as an assignment reads them.
  range_sums ranges_;
  gpu::device_buffer<double> range_sums_;
  gpu::device_buffer<std::uint64_t> range_counts_;
  gpu::device_buffer<double> sums_;
  gpu::device_buffer<std::uint64_t> counts_;
  gpu::device_buffer<double> distances_;  ///< Squared, of the points to their centroids.
  gpu::device_buffer<cluster_progress> progress_;
};

}  // namespace kernd::kernels
