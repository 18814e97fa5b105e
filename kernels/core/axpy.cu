#include "kernels/core/axpy.hpp"

#include "kernd/gpu/context.hpp"

#include <algorithm>
#include <cstddef>

namespace kernd::kernels {

namespace {

constexpr std::size_t block_size = 256;
constexpr std::size_t most_blocks = 8192;  // some blocks per multiprocessor of any device

/// `y` becomes `alpha * x + y`. A thread takes every element that is a grid's width from the last.
__global__ void scale_and_add(float alpha, const float* x, float* y, std::size_t size) {
  const std::size_t stride = std::size_t{gridDim.x} * blockDim.x;
  const std::size_t first = std::size_t{blockIdx.x} * blockDim.x + threadIdx.x;
  for (std::size_t i = first; i < size; i += stride) y[i] = axpy::element(alpha, x[i], y[i]);
}

}  // namespace

result<axpy::output> axpy::run(const input& in, gpu::context& context) {
  const auto x = context.upload(in.x);
  const auto y = context.upload(in.y);
  if (y.size() != 0) {
    const auto blocks = std::min((y.size() + block_size - 1) / block_size, most_blocks);
    scale_and_add<<<static_cast<unsigned>(blocks), static_cast<unsigned>(block_size), 0,
                    context.stream().get()>>>(in.alpha, x.data(), y.data(), y.size());
    gpu::check(cudaGetLastError(), "scale_and_add");
  }
  return output{context.download(y)};
}

}  // namespace kernd::kernels
