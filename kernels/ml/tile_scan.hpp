#pragma once

#include "kernels/ml/point_tiles.hpp"

#include <cstddef>
#include <cstdint>

namespace kernd::kernels {

/// Centroids as `scan_tile` reads them: in blocks of 8, feature by feature within a block, f32 and
/// shifted like the points. Those behind the last have an infinite half norm and are never nearest.
struct centroid_blocks {
  static constexpr std::size_t width = 8;

  const float* values;      ///< Block, feature, centroid.
  const float* half_norms;  ///< ½‖c‖²
};

/// For each point of a tile, over the centroids scanned so far: the smallest and the second
/// smallest score ½‖c‖² − x·c, and the centroid of the smallest. The order of scores is that of
/// distances.
struct tile_scan {
  float best[point_tiles::lanes];
  float second[point_tiles::lanes];
  std::int32_t nearest[point_tiles::lanes];
};

using scan_function = void (*)(const float* tile, std::size_t num_features,
                               const centroid_blocks& centroids, std::size_t first_block,
                               std::size_t last_block, tile_scan& scan);

/// Continues `scan` with some blocks; the widest that this machine has. Its rounding depends on the
/// machine: a caller must not rely on differences below it.
scan_function widest_scan();

}  // namespace kernd::kernels
