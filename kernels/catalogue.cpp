#include "kernels/catalogue.hpp"

#include "kernels/core/axpy.hpp"
#include "kernels/core/identity.hpp"
#include "kernels/finance/black_scholes.hpp"
#include "kernels/graph/pagerank.hpp"

namespace kernd::kernels {

namespace {

constexpr kernel (*catalogue[])() = {
    make_kernel<axpy>,
    make_kernel<identity>,
    make_kernel<black_scholes>,
    make_kernel<pagerank>,
};

}  // namespace

result<void> add_all(kernel_registry& registry) {
  for (const auto make : catalogue) {
    if (auto added = registry.add(make()); !added) return added;
  }
  return {};
}

}  // namespace kernd::kernels
