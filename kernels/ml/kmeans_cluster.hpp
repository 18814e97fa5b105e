#pragma once

#include "kernd/kernel.hpp"

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>

namespace kernd::kernels {

enum class kmeans_init : std::uint8_t { kmeans_plus_plus, points };
BOOST_DESCRIBE_ENUM(kmeans_init, kmeans_plus_plus, points)

/// k-means clustering by Lloyd's algorithm: every point goes to the nearest centroid, the lowest
/// index among equals, and every centroid to the mean of its points, in turn.
///
/// It has converged when no label changes, or when the squared shifts of the centroids sum to at
/// most the tolerance times the mean variance of the features, as in scikit-learn. The labels and
/// the inertia are those of the centroids that are returned.
///
/// A cluster that loses all points gets, as in scikit-learn, the point that is farthest from its
/// own centroid and not alone there; the lowest index among equals. When every point lies on its
/// centroid, the empty one stays where it is.
struct kmeans_cluster {
  struct input {
    matrix<float> data;
    std::uint32_t k = 1;
    kmeans_init init = kmeans_init::kmeans_plus_plus;
    std::optional<matrix<float>> initial_centroids;
    std::uint32_t max_iterations = 100;
    double tolerance = 1e-4;
    std::uint64_t seed = 0;
  };
  struct output {
    array<std::uint32_t> labels;
    matrix<float> centroids;
    double inertia = 0;
    std::uint32_t iterations = 0;
    bool converged = false;
  };

  static kernel_info info();
  /// There are at least k points, and initial centroids of their shape where `init` wants them.
  static result<void> validate(const input& in);
  static result<output> run(const input& in, cpu_context& context);
  static input sample(std::size_t bytes, std::uint64_t seed, cpu_context& context);

  // kmeans_cluster.cu
  static result<output> run(const input& in, gpu::context& context);
};
BOOST_DESCRIBE_STRUCT(kmeans_cluster::input, (),
                      (data, k, init, initial_centroids, max_iterations, tolerance, seed))
BOOST_DESCRIBE_STRUCT(kmeans_cluster::output, (),
                      (labels, centroids, inertia, iterations, converged))

}  // namespace kernd::kernels
