#include "kernels/ml/device_clusters.cuh"

#include "kernels/ml/centroid_update.hpp"

#include <limits>

namespace kernd::kernels {

namespace {

constexpr unsigned width = 8;    // centroids that a thread compares with its point at a time
constexpr unsigned parts = 128;  // of the points, each of which names its farthest

/// The clusters as they are added up.
struct cluster_sums {
  std::size_t num_clusters;
  std::size_t num_features;
  double* sums;
  std::uint64_t* counts;
};

struct far_point {
  double distance;
  std::size_t index;
};

/// The centroids in blocks of `width`, feature by feature; those behind the last are infinitely far
/// away. Nothing has changed yet, and no cluster is empty.
__global__ void lay_out(const double* centroids, std::size_t num_centroids,
                        std::size_t num_features, double* blocks, std::size_t size,
                        cluster_progress* progress) {
  const std::size_t stride = std::size_t{gridDim.x} * blockDim.x;
  const std::size_t first = std::size_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (first == 0) progress->changed = progress->empty = 0;
  for (std::size_t e = first; e < size; e += stride) {
    const std::size_t c = e / width / num_features * width + e % width;
    const std::size_t j = e / width % num_features;
    blocks[e] = c < num_centroids ? centroids[c * num_features + j]
                                  : std::numeric_limits<double>::infinity();
  }
}

/// A thread for each point.
__global__ void assign_points(device_points points, const double* blocks, std::size_t num_centroids,
                              std::uint32_t* labels, cluster_progress* progress) {
  const std::size_t first = std::size_t{blockIdx.x} * gpu::block_size;
  double smallest = std::numeric_limits<double>::infinity();
  std::uint32_t nearest = 0;
  for (std::size_t c = 0; c < num_centroids; c += width) {
    const double* const block = blocks + c * points.cols;
    double squares[width] = {};
    for_features(points, first, [&](std::size_t j, float x) {
#pragma unroll
      for (unsigned n = 0; n < width; ++n) {
        const double difference = double{x} - block[j * width + n];
        squares[n] += difference * difference;
      }
    });
#pragma unroll
    for (unsigned n = 0; n < width; ++n) {
      if (!(squares[n] < smallest)) continue;
      smallest = squares[n];
      nearest = static_cast<std::uint32_t>(c + n);
    }
  }
  const std::size_t i = first + threadIdx.x;
  if (i >= points.rows || labels[i] == nearest) return;
  labels[i] = nearest;
  progress->changed = 1;  // whoever writes it writes the same
}

__global__ void join_counts(const std::uint64_t* of_ranges, std::size_t num_ranges,
                            cluster_sums all, cluster_progress* progress) {
  const std::size_t stride = std::size_t{gridDim.x} * blockDim.x;
  const std::size_t first = std::size_t{blockIdx.x} * blockDim.x + threadIdx.x;
  for (std::size_t c = first; c < all.num_clusters; c += stride) {
    std::uint64_t count = 0;
    for (std::size_t r = 0; r < num_ranges; ++r) count += of_ranges[r * all.num_clusters + c];
    all.counts[c] = count;
    if (count == 0) atomicAdd(&progress->empty, 1U);
  }
}

__global__ void measure_points(device_points points, const std::uint32_t* labels,
                               const double* centroids, double* distances) {
  const std::size_t first = std::size_t{blockIdx.x} * gpu::block_size;
  const std::size_t i = first + threadIdx.x;
  const double* const centroid = centroids + (i < points.rows ? labels[i] * points.cols : 0);
  double sum = 0;
  for_features(points, first, [&](std::size_t j, float x) {
    const double difference = double{x} - centroid[j];
    sum += difference * difference;
  });
  if (i < points.rows) distances[i] = sum;
}

/// The farthest of those that the threads of a block have, the lowest index among equals; for all.
__device__ far_point farthest_of_block(far_point own) {
  __shared__ far_point of_thread[gpu::block_size];
  of_thread[threadIdx.x] = own;
  for (unsigned half = gpu::block_size / 2; half > 0; half /= 2) {
    __syncthreads();
    if (threadIdx.x >= half) continue;
    const far_point other = of_thread[threadIdx.x + half];
    far_point& mine = of_thread[threadIdx.x];
    const bool is_equal = other.distance == mine.distance;
    if (is_equal ? other.index < mine.index : other.distance > mine.distance) mine = other;
  }
  __syncthreads();
  const far_point found = of_thread[0];
  __syncthreads();  // before the next ones are written
  return found;
}

/// Of each part, the point that is farthest from its centroid and not alone there; one at distance
/// 0 is none.
__global__ void find_farthest(cluster_sums all, std::size_t num_points, const std::uint32_t* labels,
                              const double* distances, far_point* into) {
  far_point own{0, num_points};
  for (std::size_t i = std::size_t{blockIdx.x} * gpu::block_size + threadIdx.x; i < num_points;
       i += std::size_t{parts} * gpu::block_size) {
    if (distances[i] > own.distance && all.counts[labels[i]] > 1) own = {distances[i], i};
  }
  own = farthest_of_block(own);
  if (threadIdx.x == 0) into[blockIdx.x] = own;
}

/// One block: moves the farthest point into the first empty cluster.
__global__ void take_farthest(cluster_sums all, device_points points, const std::uint32_t* labels,
                              double* distances, const far_point* of_parts) {
  const far_point none{0, points.rows};
  const far_point found = farthest_of_block(threadIdx.x < parts ? of_parts[threadIdx.x] : none);
  if (found.index == points.rows) return;
  far_point empty{0, all.num_clusters};  // as if the empty ones were the farthest
  for (std::size_t c = threadIdx.x; c < all.num_clusters && empty.distance == 0;
       c += gpu::block_size) {
    if (all.counts[c] == 0) empty = {1, c};
  }
  empty = farthest_of_block(empty);
  const std::size_t donor = labels[found.index];
  for (std::size_t j = threadIdx.x; j < points.cols; j += gpu::block_size) {
    const double x = double{points.values[found.index * points.cols + j]};
    all.sums[empty.index * points.cols + j] = x;
    all.sums[donor * points.cols + j] -= x;
  }
  if (threadIdx.x != 0) return;
  --all.counts[donor];
  all.counts[empty.index] = 1;
  distances[found.index] = 0;
}

/// One block.
__global__ void move_centroids(cluster_sums all, double* centroids, cluster_progress* progress) {
  double shift = 0;
  in_order(
      0, all.num_clusters * all.num_features,
      [&](std::size_t e) {
        const std::uint64_t count = all.counts[e / all.num_features];
        if (count == 0) return 0.0;
        const double mean = all.sums[e] / static_cast<double>(count);
        const double difference = mean - centroids[e];
        centroids[e] = mean;
        return difference * difference;
      },
      [&](std::size_t, double square) {
        shift += square;
        return true;
      });
  if (threadIdx.x == 0) progress->shift = shift;
}

unsigned blocks_of(const device_points& points) {
  return static_cast<unsigned>((points.rows - 1) / gpu::block_size + 1);
}

cluster_sums joined(std::size_t num_centroids, const device_points& points,
                    const gpu::device_buffer<double>& sums,
                    const gpu::device_buffer<std::uint64_t>& counts) {
  return {num_centroids, points.cols, sums.data(), counts.data()};
}

}  // namespace

device_clusters::device_clusters(const device_points& points, std::size_t num_centroids,
                                 gpu::context& context)
    : context_{context},
      points_{points},
      num_centroids_{num_centroids},
      labels_{context.device<std::uint32_t>(points.rows)},
      centroids_{context.device<double>(num_centroids * points.cols)},
      blocks_{context.device<double>((num_centroids + width - 1) / width * width * points.cols)},
      ranges_{.points = points,
              .mean = nullptr,
              .labels = labels_.data(),
              .num_labels = num_centroids,
              .range = centroid_update::range_points(points.rows, num_centroids),
              .sums = nullptr,
              .counts = nullptr},
      range_sums_{context.device<double>(ranges_.num_ranges() * centroids_.size())},
      range_counts_{context.device<std::uint64_t>(ranges_.num_ranges() * num_centroids)},
      sums_{context.device<double>(centroids_.size())},
      counts_{context.device<std::uint64_t>(num_centroids)},
      distances_{context.device<double>(points.rows)},
      progress_{context.device<cluster_progress>(1)} {
  ranges_.sums = range_sums_.data();
  ranges_.counts = range_counts_.data();
  const cudaStream_t stream = context.stream().get();
  gpu::check(cudaMemsetAsync(labels_.data(), 0xff, labels_.size_bytes(), stream),
             "cudaMemsetAsync");
  gpu::check(cudaMemsetAsync(progress_.data(), 0, progress_.size_bytes(), stream),
             "cudaMemsetAsync");
}

cluster_progress device_clusters::assign() {
  const cudaStream_t stream = context_.stream().get();
  lay_out<<<gpu::blocks_for(blocks_.size()), gpu::block_size, 0, stream>>>(
      centroids_.data(), num_centroids_, points_.cols, blocks_.data(), blocks_.size(),
      progress_.data());
  gpu::check(cudaGetLastError(), "lay_out");
  assign_points<<<blocks_of(points_), gpu::block_size, 0, stream>>>(
      points_, blocks_.data(), num_centroids_, labels_.data(), progress_.data());
  gpu::check(cudaGetLastError(), "assign_points");
  add_ranges(ranges_, context_);
  join_ranges(ranges_, 1, sums_.data(), context_);
  join_counts<<<gpu::blocks_for(num_centroids_), gpu::block_size, 0, stream>>>(
      range_counts_.data(), ranges_.num_ranges(), joined(num_centroids_, points_, sums_, counts_),
      progress_.data());
  gpu::check(cudaGetLastError(), "join_counts");
  const array<cluster_progress> progress = context_.download(progress_);
  context_.synchronize();
  return progress[0];
}

void device_clusters::measure() {
  measure_points<<<blocks_of(points_), gpu::block_size, 0, context_.stream().get()>>>(
      points_, labels_.data(), centroids_.data(), distances_.data());
  gpu::check(cudaGetLastError(), "measure_points");
}

void device_clusters::move(std::uint32_t empty) {
  const cudaStream_t stream = context_.stream().get();
  const cluster_sums all = joined(num_centroids_, points_, sums_, counts_);
  if (empty > 0) {
    measure();
    const auto farthest = context_.device<far_point>(parts);
    for (std::uint32_t filled = 0; filled < empty; ++filled) {
      find_farthest<<<parts, gpu::block_size, 0, stream>>>(all, points_.rows, labels_.data(),
                                                           distances_.data(), farthest.data());
      gpu::check(cudaGetLastError(), "find_farthest");
      take_farthest<<<1, gpu::block_size, 0, stream>>>(all, points_, labels_.data(),
                                                       distances_.data(), farthest.data());
      gpu::check(cudaGetLastError(), "take_farthest");
    }
  }
  move_centroids<<<1, gpu::block_size, 0, stream>>>(all, centroids_.data(), progress_.data());
  gpu::check(cudaGetLastError(), "move_centroids");
}

double device_clusters::inertia() {
  measure();
  const array<double> distances = context_.download(distances_);
  context_.synchronize();
  double sum = 0;
  for (const double distance : distances) sum += distance;
  return sum;
}

const void* device_clusters::device_code() noexcept {
  return reinterpret_cast<const void*>(&assign_points);
}

}  // namespace kernd::kernels
