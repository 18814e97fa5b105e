#pragma once

#include "kernd/kernel.hpp"

#include <boost/describe/class.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>

namespace kernd::kernels {

/// PageRank by power iteration (Page, Brin, Motwani and Winograd, 1999), as NetworkX defines it:
/// x'ᵥ = d (Σ xᵤ wᵤᵥ / Wᵤ + D pᵥ) + (1 − d) pᵥ over the edges u → v, from x = 1/n, where Wᵤ is
/// the weight that leaves u, D the score of the nodes that none leaves, and p the personalization
/// divided by its sum, or 1/n. Parallel edges add up and loops count.
///
/// It ends when Σ |x' − x| ≤ tolerance. NetworkX compares with n · tolerance: for the same end,
/// give n times what NetworkX gets.
struct pagerank {
  struct input {
    csr_graph graph;
    double damping = 0.85;
    double tolerance = 1e-6;
    std::uint32_t max_iterations = 100;
    std::optional<array<double>> personalization;
  };
  struct output {
    array<double> scores;
    std::uint32_t iterations = 0;
    bool converged = false;
  };

  static kernel_info info();
  /// The personalization has a number per node, and a positive and finite sum.
  static result<void> validate(const input& in);
  static result<output> run(const input& in, cpu_context& context);
  static input sample(std::size_t bytes, std::uint64_t seed, cpu_context& context);

  // pagerank.cu
  static result<output> run(const input& in, gpu::context& context);
  static const void* device_code() noexcept;
};
BOOST_DESCRIBE_STRUCT(pagerank::input, (),
                      (graph, damping, tolerance, max_iterations, personalization))
BOOST_DESCRIBE_STRUCT(pagerank::output, (), (scores, iterations, converged))

}  // namespace kernd::kernels
