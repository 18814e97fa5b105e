#pragma once

#include "kernels/ml/point_tiles.hpp"

#include <cstdint>

namespace kernd::kernels {

/// Fills `centroids` with points as k-means++ chooses them (Arthur and Vassilvitskii, 2007): the
/// first with equal chances, each other with chances that are as the squared distance to the
/// nearest one chosen before; one candidate each. When all points lie on those chosen, the lowest
/// index not chosen yet is next. Draw number i is Philox4x32-10 of counter i and key `seed`.
void seed_plus_plus(const matrix<float>& points, const point_tiles& tiles, std::uint64_t seed,
                    const matrix<double>& centroids, cpu_context& context);

}  // namespace kernd::kernels
