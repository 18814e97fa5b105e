#include "kernels/graph/incoming_edges.hpp"

#include <algorithm>

namespace kernd::kernels {

namespace {

constexpr std::size_t part_work = std::size_t{1} << 14;  // nodes and edges: tens of microseconds

/// Every part but the last ends with the node that fills it. Depends on the graph alone.
array<std::uint32_t> cut(const array<std::uint64_t>& offsets, std::uint32_t num_nodes,
                         cpu_context& context) {
  const std::size_t work = num_nodes + offsets[num_nodes];
  const std::size_t num_parts = work / part_work + 1;
  const auto parts = context.allocate<std::uint32_t>(num_parts + 1);
  std::uint32_t node = 0;
  for (std::size_t p = 0; p < num_parts; ++p) {
    while (node < num_nodes && node + offsets[node] < p * part_work) ++node;
    parts[p] = node;
  }
  parts[num_parts] = num_nodes;
  return parts;
}

}  // namespace

incoming_edges transpose(const csr_graph& graph, cpu_context& context) {
  constexpr std::size_t step = std::size_t{1} << 16;  // edges between two polls
  const std::uint32_t n = graph.num_nodes;
  const std::size_t num_edges = graph.col_indices.size;
  const auto offsets = context.allocate<std::uint64_t>(std::size_t{n} + 1);
  std::fill(offsets.begin(), offsets.end(), 0);
  for (std::size_t e = 0; e < num_edges; ++e) {
    if (e % step == 0 && context.stop_requested()) break;
    ++offsets[graph.col_indices[e] + std::size_t{1}];
  }
  for (std::size_t v = 0; v < n; ++v) offsets[v + 1] += offsets[v];

  const bool is_weighted = graph.weights.size != 0;
  const incoming_edges result{offsets, context.allocate<std::uint32_t>(num_edges),
                              context.allocate<float>(is_weighted ? num_edges : 0),
                              cut(offsets, n, context)};
  const auto next = context.allocate<std::uint64_t>(n);
  std::copy_n(offsets.begin(), n, next.begin());
  std::size_t polled = 0;
  for (std::uint32_t u = 0; u < n; ++u) {
    const std::uint64_t last = graph.row_offsets[u + std::size_t{1}];
    if (last - polled >= step) {
      if (context.stop_requested()) break;
      polled = last;
    }
    for (std::uint64_t e = graph.row_offsets[u]; e < last; ++e) {
      const std::uint64_t place = next[graph.col_indices[e]]++;
      result.sources[place] = u;
      if (is_weighted) result.weights[place] = graph.weights[e];
    }
  }
  return result;
}

}  // namespace kernd::kernels
