#include "kernels/ml/kmeans_cluster.hpp"

#include "kernd/gpu/context.hpp"
#include "kernels/ml/device_clusters.cuh"
#include "kernels/ml/device_points.cuh"
#include "kernels/ml/device_seeding.cuh"

#include <algorithm>
#include <cstddef>

namespace kernd::kernels {

namespace {

matrix<float> rounded(const matrix<double>& centroids, gpu::context& context) {
  const auto values = centroids.span();
  const auto to = context.allocate<float>(values.size());
  std::transform(values.begin(), values.end(), to.begin(),
                 [](double value) { return static_cast<float>(value); });
  return {to.data, centroids.rows, centroids.cols};
}

/// Where the centroids start.
void begin(const kmeans_cluster::input& in, const device_points& points, const double* mean,
           device_clusters& clusters, gpu::context& context) {
  if (in.init == kmeans_init::kmeans_plus_plus) {
    seed_on_device(points, mean, in.seed, in.k, clusters.centroids().data(), context);
    return;
  }
  const auto given = in.initial_centroids->span();
  const auto start = context.allocate<double>(given.size());
  std::copy(given.begin(), given.end(), start.begin());
  context.upload(start, clusters.centroids());
}

}  // namespace

result<kmeans_cluster::output> kmeans_cluster::run(const input& in, gpu::context& context) {
  const auto data = context.upload(array<float>{in.data.data, in.data.span().size()});
  const device_points points{data.data(), in.data.rows, in.data.cols};
  const points_spread spread = spread_of(points, context);
  const double tolerance = in.tolerance * spread.mean_variance;
  device_clusters clusters{points, in.k, context};
  begin(in, points, spread.mean.data(), clusters, context);

  output out;
  // Each move is followed by an assignment, that of the next iteration or the last.
  cluster_progress progress = clusters.assign();
  while (!out.converged && out.iterations < in.max_iterations && !context.stop_requested()) {
    ++out.iterations;
    out.converged = progress.changed == 0;
    if (out.converged) break;
    clusters.move(progress.empty);
    progress = clusters.assign();
    out.converged = progress.shift <= tolerance;
  }
  out.labels = context.download(clusters.labels());
  const array<double> centroids = context.download(clusters.centroids());
  out.inertia = clusters.inertia();  // waits for the centroids as well
  out.centroids = rounded({centroids.data, in.k, in.data.cols}, context);
  return out;
}

}  // namespace kernd::kernels
