#pragma once

#include "kernd/philox.hpp"
#include "kernels/ml/point_tiles.hpp"

#include <cstddef>
#include <cstdint>

namespace kernd::kernels {

/// Points whose squared distances are added up before others.
inline constexpr std::size_t seeding_range = 2048;

/// Draw `number` of k-means++, from [0, 1).
inline double seeding_draw(std::uint64_t seed, std::uint32_t number) {
  const philox::words words = philox{seed}({number, 0, 0, 0});
  return philox::uniform(words[0], words[1]);
}

/// Fills `centroids` with points as k-means++ chooses them (Arthur and Vassilvitskii, 2007): the
/// first with equal chances, each other with chances that are as the squared distance to the
/// nearest one chosen before; one candidate each. When all points lie on those chosen, the lowest
/// index not chosen yet is next. Draw number i is Philox4x32-10 of counter i and key `seed`.
void seed_plus_plus(const matrix<float>& points, const point_tiles& tiles, std::uint64_t seed,
                    const matrix<double>& centroids, cpu_context& context);

}  // namespace kernd::kernels
