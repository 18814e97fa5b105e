#include "kernels/core/axpy.hpp"

#include "kernd/gpu/context.hpp"
#include "kernd/gpu/launch.hpp"
#include "kernd/gpu/packing.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace kernd::kernels {

namespace {

/// One of the inputs of a batch.
struct piece {
  const float* x;
  const float* y;
  float* result;
  std::size_t size;
  float alpha;
};

__device__ void scale_and_add_some(float alpha, const float* x, const float* y, float* result,
                                   std::size_t size) {
  const std::size_t stride = std::size_t{gridDim.x} * blockDim.x;
  const std::size_t first = std::size_t{blockIdx.x} * blockDim.x + threadIdx.x;
  for (std::size_t i = first; i < size; i += stride) result[i] = axpy::element(alpha, x[i], y[i]);
}

/// `y` becomes `alpha * x + y`.
__global__ void scale_and_add(float alpha, const float* x, float* y, std::size_t size) {
  scale_and_add_some(alpha, x, y, y, size);
}

/// A row of blocks for each piece.
__global__ void scale_and_add_each(const piece* pieces) {
  const piece p = pieces[blockIdx.y];
  scale_and_add_some(p.alpha, p.x, p.y, p.result, p.size);
}

}  // namespace

result<axpy::output> axpy::run(const input& in, gpu::context& context) {
  const auto x = context.upload(in.x);
  const auto y = context.upload(in.y);
  if (y.size() != 0) {
    scale_and_add<<<gpu::blocks_for(y.size()), gpu::block_size, 0, context.stream().get()>>>(
        in.alpha, x.data(), y.data(), y.size());
    gpu::check(cudaGetLastError(), "scale_and_add");
  }
  return output{context.download(y)};
}

result<void> axpy::run_batch(std::span<const input* const> in, std::span<output* const> out,
                             gpu::context& context) {
  std::size_t total = 0, longest = 0;
  for (const input* const one : in) {
    total += one->y.size;
    longest = std::max<std::size_t>(longest, one->y.size);
  }
  if (total == 0) return {};  // all outputs are empty
  const auto sums = context.device<float>(total);
  gpu::packing numbers;
  std::vector<piece> pieces(in.size());
  for (std::size_t i = 0, first = 0; i < in.size(); first += in[i++]->y.size) {
    pieces[i] = {nullptr, nullptr, sums.data() + first, in[i]->y.size, in[i]->alpha};
    numbers.add(in[i]->x, pieces[i].x);
    numbers.add(in[i]->y, pieces[i].y);
  }
  const piece* table = nullptr;
  numbers.add(array<piece>{pieces.data(), pieces.size()}, table);
  const auto packed = numbers.upload(context);
  const dim3 blocks{gpu::blocks_for(longest), static_cast<unsigned>(pieces.size())};
  scale_and_add_each<<<blocks, gpu::block_size, 0, context.stream().get()>>>(table);
  gpu::check(cudaGetLastError(), "scale_and_add_each");
  array<float> rest = context.download(sums);
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i]->result = {rest.data, pieces[i].size};
    rest.data += pieces[i].size;
  }
  return {};
}

const void* axpy::device_code() noexcept {
  return reinterpret_cast<const void*>(&scale_and_add);
}

}  // namespace kernd::kernels
