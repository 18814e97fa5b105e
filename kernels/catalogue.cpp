#include "kernels/catalogue.hpp"

#include "kernels/core/axpy.hpp"
#include "kernels/core/echo.hpp"
#include "kernels/core/gemm.hpp"
#include "kernels/core/identity.hpp"
#include "kernels/core/matmul.hpp"
#include "kernels/core/reduce.hpp"
#include "kernels/core/reduce_sum.hpp"
#include "kernels/core/sort.hpp"
#include "kernels/core/vector_add.hpp"
#include "kernels/finance/black_scholes.hpp"
#include "kernels/graph/pagerank.hpp"
#include "kernels/ml/kmeans_cluster.hpp"
#include "kernels/orderbook/matching.hpp"
#include "kernels/signal/fft.hpp"

namespace kernd::kernels {

namespace {

constexpr kernel (*catalogue[])() = {
    make_kernel<axpy>,     make_kernel<gemm>,           make_kernel<identity>,
    make_kernel<matmul>,   make_kernel<reduce>,         make_kernel<reduce_sum>,
    make_kernel<sort>,     make_kernel<vector_add>,     make_kernel<black_scholes>,
    make_kernel<pagerank>, make_kernel<kmeans_cluster>, make_kernel<fft>,
};

constexpr ring_kernel (*ring_catalogue[])() = {
    make_ring_kernel<echo>,
    make_ring_kernel<matching>,
};

}  // namespace

result<void> add_all(kernel_registry& registry) {
  for (const auto make : catalogue) {
    if (auto added = registry.add(make()); !added) return added;
  }
  for (const auto make : ring_catalogue) {
    if (auto added = registry.add(make()); !added) return added;
  }
  return {};
}

}  // namespace kernd::kernels
