#pragma once

#include "kernd/gpu/context.hpp"
#include "kernd/graph.hpp"

#include <cstddef>
#include <cstdint>

namespace kernd::kernels {

inline constexpr unsigned node_lanes = 8;           ///< Threads for the edges into one node.
inline constexpr std::uint64_t hub_edges = 1 << 9;  ///< From so many on it gets a block of them.

/// On the device: where the edges into each node come from.
struct edges_into {
  const std::uint64_t* offsets;  ///< Those into `v` are `offsets[v] … offsets[v + 1]`.
  const std::uint32_t* sources;  ///< In ascending order for each node.
  const float* weights;          ///< Theirs; null where there are none.
};

/// A graph on the device, by the targets of its edges. Its context outlives it.
class device_edges {
 public:
  /// The graph has nodes. Throws `cuda_error`.
  device_edges(const csr_graph& graph, gpu::context& context);

  [[nodiscard]] edges_into into() const {
    return {offsets_.data(), sources_.data(), weights_.data()};
  }
  /// Per node 1 / the weight that leaves it, or 0 where none does.
  [[nodiscard]] const double* inverse_out() const { return inverse_out_.data(); }
  /// Nodes with `hub_edges` or more edges into them.
  [[nodiscard]] const std::uint32_t* hubs() const { return hubs_.data(); }
  [[nodiscard]] unsigned hub_count() const { return hub_count_; }

  static const void* device_code() noexcept;

 private:
  void transpose(const csr_graph& graph, const std::uint64_t* row_offsets,
                 const gpu::device_buffer<float>& weights, gpu::context& context);
  void find_hubs(std::uint32_t n, gpu::context& context);

  gpu::device_buffer<std::uint64_t> offsets_;
  gpu::device_buffer<std::uint32_t> sources_;
  gpu::device_buffer<float> weights_;
  gpu::device_buffer<double> inverse_out_;
  gpu::device_buffer<std::uint32_t> hubs_;
  unsigned hub_count_ = 0;
};

}  // namespace kernd::kernels
