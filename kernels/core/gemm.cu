#include "kernels/core/gemm.hpp"

#include "kernd/gpu/blas.hpp"
#include "kernd/gpu/context.hpp"

#include <cstddef>

namespace kernd::kernels {

namespace {

/// What is left of α·A·B + β·C where there is nothing to multiply: no work for a device.
gemm::output scaled(const gemm::input& in, matrix<float> c, gpu::context& context) {
  c.data = context.allocate<float>(c.rows * c.cols).data;
  const float beta = in.c ? in.beta : 0;
  for (std::size_t i = 0; i < c.rows * c.cols; ++i) {
    c.data[i] = beta == 0 ? 0 : beta * in.c->data[i];
  }
  return {c};
}

}  // namespace

result<gemm::output> gemm::run(const input& in, gpu::context& context) {
  const dimensions d{in};
  matrix<float> c{nullptr, d.rows, d.cols};
  const std::size_t size = d.rows * d.cols;
  if (size == 0 || d.inner == 0) return scaled(in, c, context);
  const bool adds = in.c && in.beta != 0;
  const auto a = context.upload(array<float>{in.a.data, in.a.rows * in.a.cols});
  const auto b = context.upload(array<float>{in.b.data, in.b.rows * in.b.cols});
  auto product = context.device<float>(size);
  if (adds) context.upload(array<float>{in.c->data, size}, product);
  context.blas().multiply(
      context, d.rows, d.cols, d.inner, in.alpha, {a.data(), in.a.cols, in.transpose_a},
      {b.data(), in.b.cols, in.transpose_b}, adds ? in.beta : 0, product.data());
  c.data = context.download(product).data;
  return output{c};
}

}  // namespace kernd::kernels
