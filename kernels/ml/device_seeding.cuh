#pragma once

#include "kernels/ml/device_points.cuh"

#include <cstddef>
#include <cstdint>

namespace kernd::kernels {

/// Queues what fills `centroids` with `num_centroids` points, those that `seed_plus_plus` chooses
/// on the CPU. `mean` is that of `spread_of`.
void seed_on_device(const device_points& points, const double* mean, std::uint64_t seed,
                    std::size_t num_centroids, double* centroids, gpu::context& context);

const void* device_seeding_code() noexcept;

}  // namespace kernd::kernels
