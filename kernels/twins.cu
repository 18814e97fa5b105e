#include "kernd/gpu/twin.hpp"
#include "kernels/core/axpy.hpp"
#include "kernels/core/gemm.hpp"
#include "kernels/core/matmul.hpp"
#include "kernels/core/reduce.hpp"
#include "kernels/core/reduce_sum.hpp"
#include "kernels/core/sort.hpp"
#include "kernels/core/vector_add.hpp"
#include "kernels/finance/black_scholes.hpp"
#include "kernels/graph/device_edges.cuh"
#include "kernels/graph/pagerank.hpp"
#include "kernels/ml/device_clusters.cuh"
#include "kernels/ml/device_points.cuh"
#include "kernels/ml/device_seeding.cuh"
#include "kernels/ml/kmeans_cluster.hpp"
#include "kernels/signal/fft.hpp"

#include <array>

namespace kernd::gpu {

std::span<const module_kernel> twins() {
  using namespace kernels;
  static const std::array all = {twin<axpy>("core/axpy"),
                                 twin<gemm>("core/gemm"),
                                 twin<matmul>("core/matmul"),
                                 twin<reduce>("core/reduce"),
                                 twin<reduce_sum>("core/reduce-sum"),
                                 twin<sort>("core/sort"),
                                 twin<vector_add>("core/vector-add"),
                                 twin<black_scholes>("finance/black-scholes"),
                                 twin<pagerank>("graph/pagerank"),
                                 twin<kmeans_cluster>("ml/kmeans-cluster"),
                                 twin<fft>("signal/fft")};
  return all;
}

std::span<const void* const> twin_code() {
  using namespace kernels;
  static const std::array all = {
      axpy::device_code(),         black_scholes::device_code(), device_clusters::device_code(),
      device_edges::device_code(), device_points_code(),         device_seeding_code(),
      fft::device_code(),          pagerank::device_code(),      reduce::device_code(),
      sort::device_code()};
  return all;
}

}  // namespace kernd::gpu
