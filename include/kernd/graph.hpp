#pragma once

#include "kernd/array.hpp"

#include <cstdint>
#include <span>

namespace kernd {

/// A graph in compressed sparse rows; a view with the lifetime of `array`. The neighbours of node
/// `v` are `col_indices[row_offsets[v] … row_offsets[v + 1])`. The codec guarantees: `row_offsets`
/// has `num_nodes + 1` entries, starts at 0, never decreases and ends at `col_indices.size`; every
/// column is below `num_nodes`; `weights` is empty or as long as `col_indices`.
/// On the wire: those arrays, or `{"num_nodes","edges":[[u,v],…],"weights"?,"directed"?}`, where an
/// undirected edge is stored in both directions (a loop once).
struct csr_graph {
  std::uint32_t num_nodes = 0;
  array<std::uint64_t> row_offsets;
  array<std::uint32_t> col_indices;
  array<float> weights;

  std::span<std::uint32_t> neighbours(std::uint32_t v) const {
    return col_indices.span().subspan(row_offsets[v], row_offsets[v + 1] - row_offsets[v]);
  }
};

}  // namespace kernd
