#pragma once

#include "kernd/cpu_context.hpp"
#include "kernd/graph.hpp"

#include <cstddef>
#include <cstdint>

namespace kernd::kernels {

/// A graph's transpose, cut into parts of about the same work. A view with the lifetime of `array`.
struct incoming_edges {
  array<std::uint64_t> offsets;  ///< The edges into `v` are `offsets[v] … offsets[v + 1]`.
  array<std::uint32_t> sources;  ///< Where they come from, in ascending order for each node.
  array<float> weights;          ///< Theirs, or empty.
  array<std::uint32_t> parts;    ///< Part p holds the nodes `parts[p] … parts[p + 1]`.

  std::size_t num_parts() const { return parts.size - 1; }
};

/// Counting sort of the edges by target. Whatever it holds when the job is stopped is of no use.
incoming_edges transpose(const csr_graph& graph, cpu_context& context);

}  // namespace kernd::kernels
