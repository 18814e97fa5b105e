#include "kernels/graph/device_edges.cuh"

#include "kernd/gpu/launch.hpp"

#include <cub/device/device_radix_sort.cuh>
#include <cub/device/device_select.cuh>
#include <thrust/iterator/counting_iterator.h>

#include <bit>

namespace kernd::kernels {

namespace {

/// How many of the `size` ascending numbers at `x` are below `value`.
template <class T>
__device__ std::uint64_t count_below(const T* x, std::uint64_t size, std::uint64_t value) {
  std::uint64_t first = 0;
  while (size > 0) {
    const std::uint64_t half = size / 2;
    const bool is_below = x[first + half] < value;
    first = is_below ? first + half + 1 : first;
    size = is_below ? size - half - 1 : half;
  }
  return first;
}

/// Where an edge comes from, and its weight: what moves with its target.
struct edge {
  std::uint32_t source;
  float weight;
};

__global__ void name_sources(const std::uint64_t* row_offsets, std::uint32_t n,
                             const float* weights, edge* edges, std::uint64_t count) {
  const std::size_t stride = std::size_t{gridDim.x} * blockDim.x;
  const std::size_t first = std::size_t{blockIdx.x} * blockDim.x + threadIdx.x;
  for (std::size_t e = first; e < count; e += stride) {
    // Of the rows that start at e or before, the last.
    const auto row = count_below(row_offsets, std::uint64_t{n} + 1, e + 1) - 1;
    edges[e] = {static_cast<std::uint32_t>(row), weights == nullptr ? 0 : weights[e]};
  }
}

__global__ void split(const edge* edges, std::uint64_t count, std::uint32_t* sources,
                      float* weights) {
  const std::size_t stride = std::size_t{gridDim.x} * blockDim.x;
  const std::size_t first = std::size_t{blockIdx.x} * blockDim.x + threadIdx.x;
  for (std::size_t e = first; e < count; e += stride) {
    sources[e] = edges[e].source;
    if (weights != nullptr) weights[e] = edges[e].weight;
  }
}

/// `targets` ascend.
__global__ void find_offsets(const std::uint32_t* targets, std::uint64_t count, std::uint32_t n,
                             std::uint64_t* offsets) {
  const std::size_t stride = std::size_t{gridDim.x} * blockDim.x;
  const std::size_t first = std::size_t{blockIdx.x} * blockDim.x + threadIdx.x;
  for (std::size_t v = first; v <= n; v += stride) offsets[v] = count_below(targets, count, v);
}

/// A warp for each node, so that one with many edges holds up nobody.
__global__ void invert_outgoing(const std::uint64_t* row_offsets, const float* weights,
                                std::uint32_t n, double* inverse) {
  const std::size_t warps = std::size_t{gridDim.x} * blockDim.x / warpSize;
  const std::size_t thread = std::size_t{blockIdx.x} * blockDim.x + threadIdx.x;
  for (std::size_t v = thread / warpSize; v < n; v += warps) {
    const std::uint64_t first = row_offsets[v], last = row_offsets[v + 1];
    double sum = 0;
    if (weights != nullptr) {
      for (std::uint64_t e = first + thread % warpSize; e < last; e += warpSize) sum += weights[e];
      for (int half = warpSize / 2; half > 0; half /= 2) {
        sum += __shfl_down_sync(0xffffffff, sum, half);
      }
    } else {
      sum = static_cast<double>(last - first);
    }
    if (thread % warpSize == 0) inverse[v] = sum > 0 ? 1 / sum : 0;
  }
}

struct is_hub {
  const std::uint64_t* offsets;
  __device__ bool operator()(std::uint32_t v) const {
    return offsets[v + std::size_t{1}] - offsets[v] >= hub_edges;
  }
};

}  // namespace

device_edges::device_edges(const csr_graph& graph, gpu::context& context)
    : offsets_{context.device<std::uint64_t>(std::size_t{graph.num_nodes} + 1)},
      sources_{context.device<std::uint32_t>(graph.col_indices.size)},
      weights_{context.device<float>(graph.weights.size)},
      inverse_out_{context.device<double>(graph.num_nodes)},
      // No more nodes than this can have so many of the edges.
      hubs_{context.device<std::uint32_t>(graph.col_indices.size / hub_edges)} {
  const std::uint32_t n = graph.num_nodes;
  const auto row_offsets = context.upload(graph.row_offsets);
  const auto weights = context.upload(graph.weights);
  invert_outgoing<<<gpu::blocks_for(std::size_t{n} * 32), gpu::block_size, 0,
                    context.stream().get()>>>(row_offsets.data(), weights.data(), n,
                                              inverse_out_.data());
  gpu::check(cudaGetLastError(), "invert_outgoing");
  transpose(graph, row_offsets.data(), weights, context);
  if (hubs_.size() > 0) find_hubs(n, context);
}

void device_edges::transpose(const csr_graph& graph, const std::uint64_t* row_offsets,
                             const gpu::device_buffer<float>& weights, gpu::context& context) {
  const std::uint32_t n = graph.num_nodes;
  const std::uint64_t count = graph.col_indices.size;
  const cudaStream_t stream = context.stream().get();
  const auto targets = context.upload(graph.col_indices);
  const auto sorted_targets = context.device<std::uint32_t>(count);
  const auto edges = context.device<edge>(count), sorted = context.device<edge>(count);
  if (count > 0) {
    name_sources<<<gpu::blocks_for(count), gpu::block_size, 0, stream>>>(
        row_offsets, n, weights.data(), edges.data(), count);
    gpu::check(cudaGetLastError(), "name_sources");
    const auto sort = [&](void* workspace, std::size_t& bytes) {
      gpu::check(cub::DeviceRadixSort::SortPairs(workspace, bytes, targets.data(),
                                                 sorted_targets.data(), edges.data(), sorted.data(),
                                                 count, 0, std::bit_width(n), stream),
                 "cub::DeviceRadixSort");  // stable: sources stay in order
    };
    std::size_t bytes = 0;
    sort(nullptr, bytes);
    const auto workspace = context.device<std::byte>(bytes);
    sort(workspace.data(), bytes);
    split<<<gpu::blocks_for(count), gpu::block_size, 0, stream>>>(sorted.data(), count,
                                                                  sources_.data(), weights_.data());
    gpu::check(cudaGetLastError(), "split");
  }
  find_offsets<<<gpu::blocks_for(std::size_t{n} + 1), gpu::block_size, 0, stream>>>(
      sorted_targets.data(), count, n, offsets_.data());
  gpu::check(cudaGetLastError(), "find_offsets");
}

void device_edges::find_hubs(std::uint32_t n, gpu::context& context) {
  const auto found = context.device<std::uint32_t>(1);
  const auto select = [&](void* workspace, std::size_t& bytes) {
    gpu::check(cub::DeviceSelect::If(workspace, bytes, thrust::counting_iterator<std::uint32_t>{0},
                                     hubs_.data(), found.data(), n, is_hub{offsets_.data()},
                                     context.stream().get()),
               "cub::DeviceSelect");
  };
  std::size_t bytes = 0;
  select(nullptr, bytes);
  const auto workspace = context.device<std::byte>(bytes);
  select(workspace.data(), bytes);
  const array<std::uint32_t> count = context.download(found);
  context.synchronize();
  hub_count_ = count[0];
}

const void* device_edges::device_code() noexcept {
  return reinterpret_cast<const void*>(&split);
}

}  // namespace kernd::kernels
