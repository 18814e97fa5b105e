#include "kernels/ml/kmeans_seeding.hpp"

#include "kernd/parallel.hpp"

#include <algorithm>
#include <limits>

namespace kernd::kernels {

namespace {

constexpr std::size_t lanes = point_tiles::lanes;
constexpr std::size_t range_points = seeding_range;
constexpr std::size_t range_tiles = range_points / lanes;

/// What the choice needs to know of the points.
struct candidates {
  array<double> squares;       ///< Squared distance to the nearest point that is chosen.
  array<double> sums;          ///< Of the squares, for each range of points.
  array<std::uint8_t> chosen;  ///< Not 0 for points that are chosen.
};

void update_tile(const point_tiles& tiles, std::size_t t, std::size_t newest,
                 const candidates& all) {
  const float* const centre = tiles.tile(newest / lanes) + newest % lanes;
  const float* const tile = tiles.tile(t);
  double squares[lanes] = {};
  for (std::size_t j = 0; j < tiles.num_features; ++j) {
    const double c = double{centre[j * lanes]};
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      const double difference = double{tile[j * lanes + lane]} - c;
      squares[lane] += difference * difference;
    }
  }
  const std::size_t first = t * lanes;
  const std::size_t count = std::min(lanes, tiles.num_points - first);
  for (std::size_t lane = 0; lane < count; ++lane) {
    all.squares[first + lane] = std::min(all.squares[first + lane], squares[lane]);
  }
}

void update(const point_tiles& tiles, std::size_t newest, const candidates& all,
            cpu_context& context) {
  all.chosen[newest] = 1;
  parallel_for(tiles.num_tiles(), range_tiles, [&](std::size_t first, std::size_t last) {
    if (context.stop_requested()) return;
    for (std::size_t t = first; t < last; ++t) update_tile(tiles, t, newest, all);
    double sum = 0;
    const std::size_t end = std::min(last * lanes, tiles.num_points);
    for (std::size_t i = first * lanes; i < end; ++i) sum += all.squares[i];
    all.sums[first / range_tiles] = sum;
  });
}

/// The first point at which the running sum of the squares exceeds `share` of their total.
std::size_t choose(const candidates& all, double share) {
  double total = 0;
  for (const double sum : all.sums) total += sum;
  std::size_t chosen = static_cast<std::size_t>(std::find(all.chosen.begin(), all.chosen.end(), 0) -
                                                all.chosen.begin());
  if (!(total > 0)) return chosen;
  const double target = share * total;
  double sum = 0;
  std::size_t range = 0;
  while (range + 1 < all.sums.size && sum + all.sums[range] <= target) sum += all.sums[range++];
  for (std::size_t i = range * range_points; i < all.squares.size; ++i) {
    if (all.squares[i] > 0) chosen = i;  // rounding may leave the sum below the target for good
    sum += all.squares[i];
    if (sum > target && all.squares[i] > 0) break;
  }
  return chosen;
}

}  // namespace

void seed_plus_plus(const matrix<float>& points, const point_tiles& tiles, std::uint64_t seed,
                    const matrix<double>& centroids, cpu_context& context) {
  const std::size_t n = points.rows;
  const candidates all{context.allocate<double>(n),
                       context.allocate<double>((tiles.num_tiles() - 1) / range_tiles + 1),
                       context.allocate<std::uint8_t>(n)};
  std::fill(all.squares.begin(), all.squares.end(), std::numeric_limits<double>::infinity());
  std::fill(all.chosen.begin(), all.chosen.end(), std::uint8_t{0});
  auto next = static_cast<std::size_t>(seeding_draw(seed, 0) * static_cast<double>(n));
  for (std::size_t c = 0; c < centroids.rows && !context.stop_requested(); ++c) {
    std::copy_n(points.row(next).data(), points.cols, centroids.row(c).data());
    if (c + 1 == centroids.rows) break;
    update(tiles, next, all, context);
    next = choose(all, seeding_draw(seed, static_cast<std::uint32_t>(c + 1)));
  }
}

}  // namespace kernd::kernels
