#include "kernels/graph/pagerank.hpp"

#include "kernd/gpu/context.hpp"
#include "kernd/gpu/launch.hpp"
#include "kernels/graph/device_edges.cuh"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace kernd::kernels {

namespace {

constexpr unsigned parts = 256;  // of the nodes, whose sums the host adds up in their order

struct part_sums {
  double change;
  double dangling;
};

/// What an iteration reads and writes; all on the device.
struct ranking {
  edges_into into;
  const double* inverse_out;  ///< 1 / outgoing weight, or 0 where there is none.
  const double* preference;   ///< Sums to 1; null means 1/n for all.
  double* scores;
  double* changes;
  const double* flow;  ///< Score per outgoing weight.
  double* next_flow;
  std::uint32_t n;
  double damping;
  double teleport;
};

__device__ double term(const ranking& r, std::uint64_t e) {
  const double flow = r.flow[r.into.sources[e]];
  return r.into.weights == nullptr ? flow : flow * double{r.into.weights[e]};
}

/// The new score of a node, once what flows into it is known.
__device__ void settle(const ranking& r, std::uint32_t v, double pulled) {
  const double preference = r.preference == nullptr ? 1 / double(r.n) : r.preference[v];
  const double score = r.damping * pulled + r.teleport * preference;
  r.changes[v] = std::fabs(score - r.scores[v]);
  r.scores[v] = score;
  r.next_flow[v] = score * r.inverse_out[v];
}

/// All nodes but the hubs, with some lanes for each.
__global__ void advance(ranking r) {
  const std::size_t stride = std::size_t{gridDim.x} * blockDim.x / node_lanes;
  const std::size_t thread = std::size_t{blockIdx.x} * blockDim.x + threadIdx.x;
  const unsigned lane = thread % node_lanes;
  // All lanes of a warp take as many turns: they exchange what they have.
  const std::size_t turns = (r.n + stride - 1) / stride;
  for (std::size_t turn = 0, v = thread / node_lanes; turn < turns; ++turn, v += stride) {
    const std::uint64_t first = v < r.n ? r.into.offsets[v] : 0;
    const std::uint64_t last = v < r.n ? r.into.offsets[v + 1] : 0;
    const bool is_hub = last - first >= hub_edges;
    double sum = 0;
    if (!is_hub) {
      for (std::uint64_t e = first + lane; e < last; e += node_lanes) sum += term(r, e);
    }
    for (unsigned half = node_lanes / 2; half > 0; half /= 2) {
      sum += __shfl_down_sync(0xffffffff, sum, half, node_lanes);
    }
    if (lane == 0 && v < r.n && !is_hub) settle(r, static_cast<std::uint32_t>(v), sum);
  }
}

/// The sum of the threads' numbers, for all of them.
__device__ double sum_of_block(double own) {
  __shared__ double of_thread[gpu::block_size];
  of_thread[threadIdx.x] = own;
  for (unsigned half = gpu::block_size / 2; half > 0; half /= 2) {
    __syncthreads();
    if (threadIdx.x < half) of_thread[threadIdx.x] += of_thread[threadIdx.x + half];
  }
  __syncthreads();
  const double sum = of_thread[0];
  __syncthreads();  // before the next one is written
  return sum;
}

/// A block of threads for each hub.
__global__ void advance_hubs(ranking r, const std::uint32_t* hubs) {
  const std::uint32_t v = hubs[blockIdx.x];
  double sum = 0;
  for (std::uint64_t e = r.into.offsets[v] + threadIdx.x; e < r.into.offsets[v + 1];
       e += gpu::block_size) {
    sum += term(r, e);
  }
  sum = sum_of_block(sum);
  if (threadIdx.x == 0) settle(r, v, sum);
}

/// What the parts of the nodes add to the sums over all; always the same nodes in the same order.
__global__ void add_up(ranking r, part_sums* into) {
  part_sums own{};
  for (std::size_t v = std::size_t{blockIdx.x} * blockDim.x + threadIdx.x; v < r.n;
       v += std::size_t{parts} * gpu::block_size) {
    own.change += r.changes[v];
    own.dangling += r.inverse_out[v] == 0 ? r.scores[v] : 0;
  }
  const double change = sum_of_block(own.change), dangling = sum_of_block(own.dangling);
  if (threadIdx.x == 0) into[blockIdx.x] = {change, dangling};
}

/// The scores before the first iteration, which change by nothing.
__global__ void begin(ranking r, double* flow) {
  const std::size_t stride = std::size_t{gridDim.x} * blockDim.x;
  const std::size_t first = std::size_t{blockIdx.x} * blockDim.x + threadIdx.x;
  for (std::size_t v = first; v < r.n; v += stride) {
    r.scores[v] = 1 / double(r.n);
    r.changes[v] = 0;
    flow[v] = r.scores[v] * r.inverse_out[v];
  }
}

part_sums total(const ranking& r, const gpu::device_buffer<part_sums>& sums, array<part_sums> found,
                gpu::context& context) {
  add_up<<<parts, gpu::block_size, 0, context.stream().get()>>>(r, sums.data());
  gpu::check(cudaGetLastError(), "add_up");
  context.download(sums, found);
  context.synchronize();
  part_sums all{};
  for (const part_sums& some : found) {
    all.change += some.change;
    all.dangling += some.dangling;
  }
  return all;
}

void iterate(const ranking& r, const device_edges& edges, gpu::context& context) {
  const cudaStream_t stream = context.stream().get();
  advance<<<gpu::blocks_for(std::size_t{r.n} * node_lanes), gpu::block_size, 0, stream>>>(r);
  gpu::check(cudaGetLastError(), "advance");
  if (edges.hub_count() == 0) return;
  advance_hubs<<<edges.hub_count(), gpu::block_size, 0, stream>>>(r, edges.hubs());
  gpu::check(cudaGetLastError(), "advance_hubs");
}

/// The personalization divided by its sum, or nothing.
array<double> preference_of(const pagerank::input& in, gpu::context& context) {
  if (!in.personalization) return {};
  double sum = 0;
  for (const double p : *in.personalization) sum += p;
  const auto preference = context.allocate<double>(in.personalization->size);
  for (std::size_t v = 0; v < preference.size; ++v) preference[v] = (*in.personalization)[v] / sum;
  return preference;
}

}  // namespace

result<pagerank::output> pagerank::run(const input& in, gpu::context& context) {
  const std::uint32_t n = in.graph.num_nodes;
  if (n == 0) return output{{}, 0, true};
  const device_edges edges{in.graph, context};
  const auto preference = context.upload(preference_of(in, context));
  const auto scores = context.device<double>(n), changes = context.device<double>(n);
  const auto flow = context.device<double>(n), next_flow = context.device<double>(n);
  const auto sums = context.device<part_sums>(parts);
  const auto found = context.allocate<part_sums>(parts);
  double* current = flow.data();
  double* next = next_flow.data();
  ranking r{.into = edges.into(),
            .inverse_out = edges.inverse_out(),
            .preference = preference.data(),
            .scores = scores.data(),
            .changes = changes.data(),
            .flow = current,
            .next_flow = next,
            .n = n,
            .damping = in.damping,
            .teleport = 0};
  begin<<<gpu::blocks_for(n), gpu::block_size, 0, context.stream().get()>>>(r, current);
  gpu::check(cudaGetLastError(), "begin");
  part_sums all = total(r, sums, found, context);
  output out{{}, 0, false};
  while (!out.converged && out.iterations < in.max_iterations && !context.stop_requested()) {
    r.teleport = in.damping * all.dangling + (1 - in.damping);
    r.flow = current;
    r.next_flow = next;
    iterate(r, edges, context);
    all = total(r, sums, found, context);
    std::swap(current, next);
    ++out.iterations;
    out.converged = all.change <= in.tolerance;
  }
  out.scores = context.download(scores);
  return out;
}

const void* pagerank::device_code() noexcept {
  return reinterpret_cast<const void*>(&advance);
}

}  // namespace kernd::kernels
