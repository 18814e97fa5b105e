#include "kernels/ml/device_points.cuh"

#include "kernels/ml/point_tiles.hpp"

#include <utility>

namespace kernd::kernels {

namespace {

constexpr unsigned label_slice = gpu::block_size / feature_slice;

/// A block of threads for some features and labels of a range; each thread has one of both.
__global__ void sum_ranges(range_sums s) {
  __shared__ staged_points staged;
  __shared__ std::uint32_t labels[gpu::block_size];
  const std::size_t feature_slices = (s.points.cols + feature_slice - 1) / feature_slice;
  const std::size_t label_slices = (s.num_labels + label_slice - 1) / label_slice;
  const std::size_t first_feature = blockIdx.x % feature_slices * feature_slice;
  const std::size_t first_label = blockIdx.x / feature_slices % label_slices * label_slice;
  const std::size_t range = blockIdx.x / feature_slices / label_slices;
  const unsigned column = threadIdx.x % feature_slice;
  const std::size_t feature = first_feature + column;
  const std::size_t label = first_label + threadIdx.x / feature_slice;
  const bool is_one = feature < s.points.cols && label < s.num_labels;
  const double mean = s.mean != nullptr && is_one ? s.mean[feature] : 0;

  const std::size_t begin = range * s.range;
  const std::size_t end = s.points.rows - begin < s.range ? s.points.rows : begin + s.range;
  double sum = 0;
  std::uint64_t count = 0;
  for (std::size_t first = begin; first < end; first += gpu::block_size) {
    const std::size_t i = first + threadIdx.x;
    __syncthreads();
    labels[threadIdx.x] = s.labels != nullptr && i < end ? s.labels[i] : 0;
    stage(s.points, first, first_feature, staged);
    __syncthreads();
    const auto here =
        static_cast<unsigned>(end - first < gpu::block_size ? end - first : gpu::block_size);
    for (unsigned p = 0; p < here; ++p) {
      if (labels[p] != label) continue;
      const double x = double{staged[p][column]};
      const double difference = x - mean;
      sum += s.mean != nullptr ? difference * difference : x;
      ++count;
    }
  }
  if (!is_one) return;
  s.sums[(range * s.num_labels + label) * s.points.cols + feature] = sum;
  if (s.counts != nullptr && feature == 0) s.counts[range * s.num_labels + label] = count;
}

__global__ void join(const double* sums, std::size_t num_ranges, std::size_t size, double divisor,
                     double* into) {
  const std::size_t stride = std::size_t{gridDim.x} * blockDim.x;
  const std::size_t first = std::size_t{blockIdx.x} * blockDim.x + threadIdx.x;
  for (std::size_t e = first; e < size; e += stride) {
    double sum = sums[e];
    for (std::size_t r = 1; r < num_ranges; ++r) sum += sums[r * size + e];
    into[e] = sum / divisor;
  }
}

/// The mean of each feature, or that of the squared differences from `mean`.
gpu::device_buffer<double> mean_of(const device_points& points, const double* mean,
                                   gpu::context& context) {
  range_sums all{.points = points,
                 .mean = mean,
                 .labels = nullptr,
                 .num_labels = 1,
                 .range = point_tiles::mean_range,
                 .sums = nullptr,
                 .counts = nullptr};
  const auto sums = context.device<double>(all.num_ranges() * points.cols);
  auto found = context.device<double>(points.cols);
  all.sums = sums.data();
  add_ranges(all, context);
  join_ranges(all, static_cast<double>(points.rows), found.data(), context);
  return found;
}

}  // namespace

void add_ranges(const range_sums& sums, gpu::context& context) {
  const std::size_t blocks = ((sums.points.cols - 1) / feature_slice + 1) *
                             ((sums.num_labels - 1) / label_slice + 1) * sums.num_ranges();
  sum_ranges<<<static_cast<unsigned>(blocks), gpu::block_size, 0, context.stream().get()>>>(sums);
  gpu::check(cudaGetLastError(), "sum_ranges");
}

void join_ranges(const range_sums& sums, double divisor, double* into, gpu::context& context) {
  const std::size_t size = sums.num_labels * sums.points.cols;
  join<<<gpu::blocks_for(size), gpu::block_size, 0, context.stream().get()>>>(
      sums.sums, sums.num_ranges(), size, divisor, into);
  gpu::check(cudaGetLastError(), "join");
}

points_spread spread_of(const device_points& points, gpu::context& context) {
  auto mean = mean_of(points, nullptr, context);
  const auto variances = context.download(mean_of(points, mean.data(), context));
  context.synchronize();
  double mean_variance = 0;
  for (const double variance : variances) {
    mean_variance += variance / static_cast<double>(points.cols);
  }
  return {std::move(mean), mean_variance};
}

const void* device_points_code() noexcept {
  return reinterpret_cast<const void*>(&sum_ranges);
}

}  // namespace kernd::kernels
