#include "kernels/ml/device_seeding.cuh"

#include "kernels/ml/kmeans_seeding.hpp"
#include "kernels/ml/point_tiles.hpp"

namespace kernd::kernels {

namespace {

static_assert(seeding_range % gpu::block_size == 0);

struct choice {
  std::size_t newest;   ///< The point that was chosen last.
  std::size_t not_yet;  ///< The lowest that was not chosen; it only grows.
};

/// What the choice needs to know of the points; all on the device.
struct candidates {
  device_points points;
  const double* mean;
  std::size_t num_ranges;
  double* centroids;
  double* squares;       ///< Squared distance to the nearest point that is chosen.
  double* sums;          ///< Of the squares, for each range of points.
  std::uint8_t* chosen;  ///< Not 0 for points that are chosen.
  choice* last;
};

__device__ void place(const candidates& all, std::size_t centroid, std::size_t point) {
  for (std::size_t j = threadIdx.x; j < all.points.cols; j += gpu::block_size) {
    all.centroids[centroid * all.points.cols + j] =
        double{all.points.values[point * all.points.cols + j]};
  }
}

/// One block: chooses `point` as the first.
__global__ void begin(candidates all, std::size_t point) {
  if (threadIdx.x == 0) *all.last = {point, 0};
  place(all, 0, point);
}

/// A block of threads for each range. `is_first`: no point was chosen before the newest.
__global__ void update(candidates all, bool is_first) {
  __shared__ double smallest[seeding_range];
  const device_points& points = all.points;
  const float* const centre = points.values + all.last->newest * points.cols;
  const std::size_t first = std::size_t{blockIdx.x} * seeding_range;
  const std::size_t count =
      points.rows - first < seeding_range ? points.rows - first : seeding_range;
  for (std::size_t offset = 0; offset < count; offset += gpu::block_size) {
    double square = 0;
    for_features(points, first + offset, [&](std::size_t j, float x) {
      const double mean = all.mean[j];
      const double difference = double{point_tiles::rounded(double{x} - mean)} -
                                double{point_tiles::rounded(double{centre[j]} - mean)};
      square += difference * difference;
    });
    const std::size_t at = offset + threadIdx.x;
    if (at >= count) continue;
    const double before = is_first ? square : all.squares[first + at];
    smallest[at] = square < before ? square : before;
    all.squares[first + at] = smallest[at];
  }
  __syncthreads();
  if (threadIdx.x != 0) return;
  double sum = 0;
  for (std::size_t at = 0; at < count; ++at) sum += smallest[at];
  all.sums[blockIdx.x] = sum;
}

/// One block: chooses the first point at which the running sum of the squares exceeds `share` of
/// their total. What is a local number of the first thread alone is nothing on the others.
__global__ void choose(candidates all, std::size_t centroid, double share) {
  __shared__ std::size_t first, next;
  const auto sum_of_range = [&](std::size_t range) { return all.sums[range]; };
  double total = 0, sum = 0;
  in_order(0, all.num_ranges, sum_of_range, [&](std::size_t, double of_range) {
    total += of_range;
    return true;
  });
  const double target = share * total;
  std::size_t range = 0;
  in_order(0, all.num_ranges - 1, sum_of_range, [&](std::size_t r, double of_range) {
    if (!(sum + of_range <= target)) return false;
    sum += of_range;
    range = r + 1;
    return true;
  });
  if (threadIdx.x == 0) {
    choice& last = *all.last;
    all.chosen[last.newest] = 1;
    while (all.chosen[last.not_yet] != 0) ++last.not_yet;
    next = last.not_yet;
    first = total > 0 ? range * seeding_range : all.points.rows;
  }
  __syncthreads();
  in_order(
      first, all.points.rows, [&](std::size_t i) { return all.squares[i]; },
      [&](std::size_t i, double square) {
        if (square > 0) next = i;  // rounding may leave the sum below the target for good
        sum += square;
        return !(sum > target && square > 0);
      });
  if (threadIdx.x == 0) all.last->newest = next;
  place(all, centroid, next);
}

}  // namespace

void seed_on_device(const device_points& points, const double* mean, std::uint64_t seed,
                    std::size_t num_centroids, double* centroids, gpu::context& context) {
  const cudaStream_t stream = context.stream().get();
  const std::size_t num_ranges = (points.rows - 1) / seeding_range + 1;
  const auto squares = context.device<double>(points.rows);
  const auto sums = context.device<double>(num_ranges);
  const auto chosen = context.device<std::uint8_t>(points.rows);
  const auto last = context.device<choice>(1);
  const candidates all{.points = points,
                       .mean = mean,
                       .num_ranges = num_ranges,
                       .centroids = centroids,
                       .squares = squares.data(),
                       .sums = sums.data(),
                       .chosen = chosen.data(),
                       .last = last.data()};
  gpu::check(cudaMemsetAsync(chosen.data(), 0, chosen.size_bytes(), stream), "cudaMemsetAsync");
  const double share = seeding_draw(seed, 0);
  begin<<<1, gpu::block_size, 0, stream>>>(
      all, static_cast<std::size_t>(share * static_cast<double>(points.rows)));
  gpu::check(cudaGetLastError(), "begin");
  for (std::size_t c = 1; c < num_centroids && !context.stop_requested(); ++c) {
    update<<<static_cast<unsigned>(num_ranges), gpu::block_size, 0, stream>>>(all, c == 1);
    gpu::check(cudaGetLastError(), "update");
    choose<<<1, gpu::block_size, 0, stream>>>(all, c,
                                              seeding_draw(seed, static_cast<std::uint32_t>(c)));
    gpu::check(cudaGetLastError(), "choose");
  }
}

const void* device_seeding_code() noexcept {
  return reinterpret_cast<const void*>(&update);
}

}  // namespace kernd::kernels
