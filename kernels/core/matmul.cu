#include "kernels/core/matmul.hpp"

#include "kernd/gpu/context.hpp"

#include <utility>

namespace kernd::kernels {

result<matmul::output> matmul::run(const input& in, gpu::context& context) {
  auto product = gemm::run(as_gemm(in), context);
  if (!product) return std::move(product).error();
  return output{{product->c.data, product->c.rows * product->c.cols}};
}

}  // namespace kernd::kernels
