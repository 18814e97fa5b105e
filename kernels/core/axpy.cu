#include "kernels/core/axpy.hpp"

#include "kernd/gpu/context.hpp"
#include "kernd/gpu/launch.hpp"
#include "kernd/gpu/packing.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace kernd::kernels {

namespace {

/// One of the inputs of a batch: where its numbers are, in bytes, and where its result goes.
struct piece {
  std::size_t x, y;
  std::size_t first;
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
__global__ void scale_and_add_each(const std::byte* packed, std::size_t pieces, float* result) {
  const piece p = reinterpret_cast<const piece*>(packed + pieces)[blockIdx.y];
  scale_and_add_some(p.alpha, reinterpret_cast<const float*>(packed + p.x),
                     reinterpret_cast<const float*>(packed + p.y), result + p.first, p.size);
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
  gpu::packing numbers;
  std::vector<piece> pieces;
  std::size_t total = 0, longest = 0;
  for (const input* const one : in) {
    const std::size_t size = one->y.size;
    const auto x = numbers.add(one->x.data, size);
    pieces.push_back({x, numbers.add(one->y.data, size), total, size, one->alpha});
    total += size;
    longest = std::max(longest, size);
  }
  if (total == 0) return {};  // all outputs are empty
  const std::size_t table = numbers.add(pieces.data(), pieces.size());
  const auto packed = numbers.upload(context);
  const auto sums = context.device<float>(total);
  const dim3 blocks{gpu::blocks_for(longest), static_cast<unsigned>(pieces.size())};
  scale_and_add_each<<<blocks, gpu::block_size, 0, context.stream().get()>>>(packed.data(), table,
                                                                             sums.data());
  gpu::check(cudaGetLastError(), "scale_and_add_each");
  const array<float> result = context.download(sums);
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i]->result = {result.data + pieces[i].first, pieces[i].size};
  }
  return {};
}

const void* axpy::device_code() noexcept {
  return reinterpret_cast<const void*>(&scale_and_add);
}

}  // namespace kernd::kernels
