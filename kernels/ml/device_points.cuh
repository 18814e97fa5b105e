#pragma once

#include "kernd/gpu/context.hpp"
#include "kernd/gpu/launch.hpp"

#include <cstddef>
#include <cstdint>

namespace kernd::kernels {

/// Points on the device, one row each.
struct device_points {
  const float* values;
  std::size_t rows;
  std::size_t cols;
};

/// How far the points spread.
struct points_spread {
  gpu::device_buffer<double> mean;  ///< Of each feature.
  double mean_variance;             ///< Over the features.
};

/// Sums over the points of a range that have one label, point by point, whose order is the CPU's.
struct range_sums {
  device_points points;
  const double* mean;           ///< If not null, squares of differences from it are summed.
  const std::uint32_t* labels;  ///< Null where all are 0.
  std::size_t num_labels;
  std::size_t range;      ///< Points of one.
  double* sums;           ///< Range, label, feature.
  std::uint64_t* counts;  ///< Range, label; null where nobody asks.

  [[nodiscard]] std::size_t num_ranges() const { return (points.rows - 1) / range + 1; }
};

/// Queues the sums of all ranges.
void add_ranges(const range_sums& sums, gpu::context& context);

/// Queues what adds them up in the order of the ranges; divided by `divisor`, one per label and
/// feature.
void join_ranges(const range_sums& sums, double divisor, double* into, gpu::context& context);

/// With the bits of `make_tiles`.
points_spread spread_of(const device_points& points, gpu::context& context);

const void* device_points_code() noexcept;

/// Features that a block of threads holds of its points at a time.
inline constexpr unsigned feature_slice = 16;
/// A column more than there are features: threads that read theirs do not meet in one bank.
using staged_points = float[gpu::block_size][feature_slice + 1];

/// Copies some features of as many points as a block has threads, and 0 for those that are not
/// there. The caller synchronises before and after.
__device__ inline void stage(const device_points& points, std::size_t first_point,
                             std::size_t first_feature, staged_points& staged) {
  for (unsigned e = threadIdx.x; e < gpu::block_size * feature_slice; e += gpu::block_size) {
    const unsigned row = e / feature_slice, col = e % feature_slice;
    const std::size_t i = first_point + row, j = first_feature + col;
    staged[row][col] = i < points.rows && j < points.cols ? points.values[i * points.cols + j] : 0;
  }
}

/// Calls `use(j, x)` for each feature in turn, with that of the point `first` + thread, or with 0
/// where there is none. All threads of a block call it.
template <class F>
__device__ void for_features(const device_points& points, std::size_t first, const F& use) {
  __shared__ staged_points staged;
  for (std::size_t begin = 0; begin < points.cols; begin += feature_slice) {
    __syncthreads();
    stage(points, first, begin, staged);
    __syncthreads();
    for (unsigned j = 0; j < feature_slice && begin + j < points.cols; ++j) {
      use(begin + j, staged[threadIdx.x][j]);
    }
  }
}

/// Calls `visit(i, load(i))` on the first thread for i from `first` on, until it returns false or
/// `last` is reached; `load` on all of them. All threads of a block call it, with the same range.
template <class Load, class Visit>
__device__ void in_order(std::size_t first, std::size_t last, const Load& load,
                         const Visit& visit) {
  __shared__ double loaded[gpu::block_size];
  __shared__ bool is_done;
  if (threadIdx.x == 0) is_done = false;
  for (std::size_t begin = first; begin < last; begin += gpu::block_size) {
    const std::size_t count = last - begin < gpu::block_size ? last - begin : gpu::block_size;
    if (threadIdx.x < count) loaded[threadIdx.x] = load(begin + threadIdx.x);
    __syncthreads();
    if (threadIdx.x == 0) {
      for (unsigned i = 0; i < count && !is_done; ++i) is_done = !visit(begin + i, loaded[i]);
    }
    __syncthreads();
    if (is_done) break;
  }
  __syncthreads();  // before another call says that it is not done
}

}  // namespace kernd::kernels
