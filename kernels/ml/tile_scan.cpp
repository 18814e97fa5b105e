#include "kernels/ml/tile_scan.hpp"

#include <cstring>

namespace kernd::kernels {

namespace {

template <std::size_t width>
struct vectors {
  using reals [[gnu::vector_size(width * sizeof(float))]] = float;
  using integers [[gnu::vector_size(width * sizeof(float))]] = std::int32_t;
};

/// `width` points at a time; the scores of one block of centroids stay in registers.
template <std::size_t width>
[[gnu::always_inline]] inline void scan_blocks(const float* tile, std::size_t num_features,
                                               const centroid_blocks& centroids,
                                               std::size_t first_block, std::size_t last_block,
                                               tile_scan& scan) {
  using reals = typename vectors<width>::reals;
  using integers = typename vectors<width>::integers;
  constexpr std::size_t block = centroid_blocks::width;
  for (std::size_t lane = 0; lane < point_tiles::lanes; lane += width) {
    reals best, second;
    integers nearest;
    std::memcpy(&best, scan.best + lane, sizeof best);
    std::memcpy(&second, scan.second + lane, sizeof second);
    std::memcpy(&nearest, scan.nearest + lane, sizeof nearest);
    for (std::size_t b = first_block; b < last_block; ++b) {
      const float* weights = centroids.values + b * block * num_features;
      const float* features = tile + lane;
      reals products[block] = {};
      for (std::size_t j = 0; j < num_features; ++j) {
        reals x;
        std::memcpy(&x, features, sizeof x);
#pragma GCC unroll 8
        for (std::size_t c = 0; c < block; ++c) products[c] += x * weights[c];
        weights += block;
        features += point_tiles::lanes;
      }
#pragma GCC unroll 8
      for (std::size_t c = 0; c < block; ++c) {
        const reals score = centroids.half_norms[b * block + c] - products[c];
        const auto better = score < best;
        const reals other = score < second ? score : second;
        second = better ? best : other;
        best = better ? score : best;
        nearest = better ? integers{} + static_cast<std::int32_t>(b * block + c) : nearest;
      }
    }
    std::memcpy(scan.best + lane, &best, sizeof best);
    std::memcpy(scan.second + lane, &second, sizeof second);
    std::memcpy(scan.nearest + lane, &nearest, sizeof nearest);
  }
}

void scan_4(const float* tile, std::size_t num_features, const centroid_blocks& centroids,
            std::size_t first_block, std::size_t last_block, tile_scan& scan) {
  scan_blocks<4>(tile, num_features, centroids, first_block, last_block, scan);
}

#ifdef __x86_64__
[[gnu::target("avx2,fma")]] void scan_8(const float* tile, std::size_t num_features,
                                        const centroid_blocks& centroids, std::size_t first_block,
                                        std::size_t last_block, tile_scan& scan) {
  scan_blocks<8>(tile, num_features, centroids, first_block, last_block, scan);
}

[[gnu::target("avx512f,avx512dq")]] void scan_16(const float* tile, std::size_t num_features,
                                                 const centroid_blocks& centroids,
                                                 std::size_t first_block, std::size_t last_block,
                                                 tile_scan& scan) {
  scan_blocks<16>(tile, num_features, centroids, first_block, last_block, scan);
}
#endif

}  // namespace

scan_function widest_scan() {
#ifdef __x86_64__
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")) return scan_16;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return scan_8;
#endif
  return scan_4;
}

}  // namespace kernd::kernels
