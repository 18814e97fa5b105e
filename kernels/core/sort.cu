#include "kernels/core/sort.hpp"

#include "kernd/gpu/context.hpp"
#include "kernd/gpu/launch.hpp"

#include <cub/device/device_radix_sort.cuh>

#include <cstddef>
#include <cstdint>

namespace kernd::kernels {

namespace {

__global__ void number(std::uint32_t* index, std::uint32_t size) {
  const std::size_t stride = std::size_t{gridDim.x} * blockDim.x;
  const std::size_t first = std::size_t{blockIdx.x} * blockDim.x + threadIdx.x;
  for (std::size_t i = first; i < size; i += stride) index[i] = static_cast<std::uint32_t>(i);
}

/// `to[i]` becomes what `from` has at `index[i]`.
__global__ void gather(const std::uint32_t* index, const double* from, double* to,
                       std::uint32_t size) {
  const std::size_t stride = std::size_t{gridDim.x} * blockDim.x;
  const std::size_t first = std::size_t{blockIdx.x} * blockDim.x + threadIdx.x;
  for (std::size_t i = first; i < size; i += stride) to[i] = from[index[i]];
}

/// CUB's order is the one of the CPU: stable both ways, with the two zeros equal and kept as they
/// are. With no workspace, only says how large that must be.
template <class T>
void sort_pairs(void* workspace, std::size_t& workspace_bytes, const T* keys, T* sorted,
                const std::uint32_t* index, std::uint32_t* permutation, std::uint32_t size,
                bool descending, cudaStream_t stream) {
  constexpr int bits = 8 * sizeof(T);
  const cudaError_t status =
      descending
          ? cub::DeviceRadixSort::SortPairsDescending(workspace, workspace_bytes, keys, sorted,
                                                      index, permutation, size, 0, bits, stream)
          : cub::DeviceRadixSort::SortPairs(workspace, workspace_bytes, keys, sorted, index,
                                            permutation, size, 0, bits, stream);
  gpu::check(status, "cub::DeviceRadixSort");
}

/// Precondition: there are keys.
template <class T>
sort::output sort_keys(const sort::input& in, gpu::context& context) {
  const auto size = static_cast<std::uint32_t>(in.keys.size);  // `validate` has seen to that
  const cudaStream_t stream = context.stream().get();
  const auto keys = context.upload(array<const T>{in.keys.as<T>().data(), size});
  const auto sorted = context.device<T>(size);
  const auto index = context.device<std::uint32_t>(size);
  const auto permutation = context.device<std::uint32_t>(size);
  number<<<gpu::blocks_for(size), gpu::block_size, 0, stream>>>(index.data(), size);
  gpu::check(cudaGetLastError(), "number");

  std::size_t workspace_bytes = 0;
  sort_pairs(nullptr, workspace_bytes, keys.data(), sorted.data(), index.data(), permutation.data(),
             size, in.descending, stream);
  const auto workspace = context.device<std::byte>(workspace_bytes);
  sort_pairs(workspace.data(), workspace_bytes, keys.data(), sorted.data(), index.data(),
             permutation.data(), size, in.descending, stream);

  sort::output out{.keys = {nullptr, size, dtype_of<T>}, .permutation = {}, .values = {}};
  if (in.values) {
    const auto from = context.upload(*in.values);
    const auto values = context.device<double>(size);
    gather<<<gpu::blocks_for(size), gpu::block_size, 0, stream>>>(permutation.data(), from.data(),
                                                                  values.data(), size);
    gpu::check(cudaGetLastError(), "gather");
    out.values = context.download(values);
  }
  out.keys.data = context.download(sorted).data;
  out.permutation = context.download(permutation);
  return out;
}

sort::output sort_nothing(const sort::input& in) {
  sort::output out;
  out.keys.type = in.keys.type;
  if (in.values) out.values.emplace();
  return out;
}

}  // namespace

result<sort::output> sort::run(const input& in, gpu::context& context) {
  if (in.keys.size == 0) return sort_nothing(in);
  switch (in.dtype) {
    case element_type::f64:
      return sort_keys<double>(in, context);
    case element_type::i32:
      return sort_keys<std::int32_t>(in, context);
    case element_type::u32:
      return sort_keys<std::uint32_t>(in, context);
    case element_type::f32:
      break;
  }
  return sort_keys<float>(in, context);
}

const void* sort::device_code() noexcept {
  return reinterpret_cast<const void*>(&number);
}

}  // namespace kernd::kernels
