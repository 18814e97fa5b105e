#include "kernels/ml/kmeans_cluster.hpp"

#include "kernd/random_arrays.hpp"
#include "kernels/ml/centroid_update.hpp"
#include "kernels/ml/kmeans_seeding.hpp"
#include "kernels/ml/nearest_centroid.hpp"
#include "kernels/ml/point_tiles.hpp"

#include <algorithm>
#include <limits>
#include <string>

namespace kernd::kernels {

namespace {

std::string shape(std::uint64_t rows, std::uint64_t cols) {
  return std::to_string(rows) + " rows of " + std::to_string(cols);
}

}  // namespace

kernel_info kmeans_cluster::info() {
  return {
      .id = "ml/kmeans-cluster",
      .version = "1.0.0",
      .description =
          "Divides points into k clusters around their means (Lloyd's algorithm), from "
          "given centroids or from those that k-means++ draws.",
      .expected_throughput = 1e9,
      .target_latency_us = 100,
      // Computed in f64 in fixed order; the centroids are rounded to f32, and an oracle may add up
      // in another order.
      .tolerance = 1e-6,
      .example = {.input = R"({"data":[[0,0],[0.5,1],[1,0],[10,10],[10.5,11],[11,10]],"k":2,)"
                           R"("init":"points","initial_centroids":[[0,0],[1,0]]})",
                  .output = R"({"labels":[0,0,0,1,1,1],"centroids":[[0.5,0.33333334],)"
                            R"([10.5,10.333333]],"inertia":2.3333333333333335,"iterations":3,)"
                            R"("converged":true})"},
      .fields = {
          field<&input::data>{.doc = "One row per point.", .min_size = 1},
          field<&input::k>{.doc = "Clusters; no more than points.", .min = 1, .required = true},
          field<&input::init>{.doc = "Where the centroids start: at points that k-means++ draws, "
                                     "or at initial_centroids."},
          field<&input::initial_centroids>{.doc = "The k centroids to start from; with init "
                                                  "points only."},
          field<&input::max_iterations>{.doc = "Iterations after which it ends anyhow.", .min = 1},
          field<&input::tolerance>{.doc = "Largest sum of squared shifts of the centroids at the "
                                          "end, in mean variances of the features.",
                                   .min = 0},
          field<&input::seed>{.doc = "Chooses the random numbers of k-means++ (Philox4x32-10)."},
          field<&output::labels>{.doc = "The cluster of each point, from 0."},
          field<&output::centroids>{.doc = "One row per cluster."},
          field<&output::inertia>{.doc = "Sum of the squared distances of the points to their "
                                         "centroids."},
          field<&output::iterations>{.doc = "Iterations made."},
          field<&output::converged>{.doc = "Whether it ended before max_iterations or in the last "
                                           "of them by itself."}}};
}

result<void> kmeans_cluster::validate(const input& in) {
  if (in.k > in.data.rows) {
    return invalid_input("/k", "at most " + std::to_string(in.data.rows) + ", as many as points",
                         std::to_string(in.k));
  }
  if (in.init == kmeans_init::kmeans_plus_plus) {
    if (!in.initial_centroids) return {};
    return invalid_input("/initial_centroids", "no such member beside init kmeans_plus_plus",
                         "one");
  }
  const std::string wanted = shape(in.k, in.data.cols);
  if (!in.initial_centroids) return invalid_input("/initial_centroids", wanted, "nothing");
  const auto& given = *in.initial_centroids;
  if (given.rows == in.k && given.cols == in.data.cols) return {};
  return invalid_input("/initial_centroids", wanted, shape(given.rows, given.cols));
}

result<kmeans_cluster::output> kmeans_cluster::run(const input& in, cpu_context& context) {
  const std::size_t size = std::size_t{in.k} * in.data.cols;
  const matrix<double> centroids{context.allocate<double>(size).data, in.k, in.data.cols};
  output out{.labels = context.allocate<std::uint32_t>(in.data.rows),
             .centroids = {context.allocate<float>(size).data, in.k, in.data.cols}};
  std::fill(out.labels.begin(), out.labels.end(), std::numeric_limits<std::uint32_t>::max());
  const point_tiles tiles = make_tiles(in.data, context);
  if (in.init == kmeans_init::points) {
    std::copy_n(in.initial_centroids->data, size, centroids.data);
  } else {
    seed_plus_plus(in.data, tiles, in.seed, centroids, context);
  }
  nearest_centroid search{in.data, tiles, in.k, context};
  centroid_update update{in.data, in.k, context};

  const double tolerance = in.tolerance * tiles.mean_variance;
  bool is_settled = false;  // the labels are those of the centroids
  while (!out.converged && out.iterations < in.max_iterations) {
    is_settled = search.assign(centroids, out.labels) == 0;
    if (context.stop_requested()) return out;
    ++out.iterations;
    out.converged = is_settled || update.move(out.labels, centroids) <= tolerance;
  }
  if (!is_settled) search.assign(centroids, out.labels);
  if (context.stop_requested()) return out;
  out.inertia = update.inertia(out.labels, centroids);
  std::transform(centroids.data, centroids.data + size, out.centroids.data,
                 [](double value) { return static_cast<float>(value); });
  return out;
}

/// Evenly spread points, which settle slowly: where they are many, all iterations are made.
kmeans_cluster::input kmeans_cluster::sample(std::size_t bytes, std::uint64_t seed,
                                             cpu_context& context) {
  const std::size_t size = std::max<std::size_t>(1, bytes / sizeof(float));
  const std::size_t num_features = std::min<std::size_t>(16, size);
  const std::size_t rows = size / num_features;
  const auto values = random_arrays{seed, context}.between(-1.0F, 1.0F, rows * num_features);
  return {.data = {values.data, rows, num_features},
          .k = static_cast<std::uint32_t>(std::min<std::size_t>(8, rows)),
          .initial_centroids = {},
          .max_iterations = 10,
          .seed = seed};
}

}  // namespace kernd::kernels
