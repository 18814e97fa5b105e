#include "kernels/graph/pagerank.hpp"

#include "kernd/parallel.hpp"
#include "kernd/random_arrays.hpp"
#include "kernels/graph/incoming_edges.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace kernd::kernels {

namespace {

/// What one part of the nodes adds to the sums over all of them.
struct part_sums {
  double change = 0;    ///< Σ |x' − x|
  double dangling = 0;  ///< Σ x' of the nodes without outgoing weight.
};

/// The scores of one iteration and what makes the next of them.
struct ranking {
  incoming_edges edges;
  array<double> inverse_out;  ///< 1 / outgoing weight, or 0 where there is none.
  array<double> preference;   ///< Sums to 1; empty means 1/n for all.
  array<double> scores;
  array<double> flow;       ///< Score per outgoing weight.
  array<double> next_flow;  ///< The same of the next iteration.
  array<part_sums> sums;    ///< One per part, added up in their order.
};

/// Σ of the flow into a node, in four sums so that one addition need not wait for the other.
template <bool is_weighted>
double pull(const ranking& r, std::uint64_t first, std::uint64_t last) {
  const std::uint32_t* const from = r.edges.sources.data;
  const double* const flow = r.flow.data;
  const auto term = [&](std::uint64_t e) {
    if constexpr (is_weighted) return flow[from[e]] * double{r.edges.weights[e]};
    return flow[from[e]];
  };
  double a = 0, b = 0, c = 0, d = 0;
  for (; first + 4 <= last; first += 4) {
    a += term(first);
    b += term(first + 1);
    c += term(first + 2);
    d += term(first + 3);
  }
  for (; first < last; ++first) a += term(first);
  return (a + b) + (c + d);
}

/// One iteration for the nodes of one part.
template <bool is_weighted>
part_sums advance(const ranking& r, std::size_t part, double damping, double teleport) {
  part_sums sums;
  const double uniform = 1 / static_cast<double>(r.scores.size);
  std::uint64_t edge = r.edges.offsets[r.edges.parts[part]];
  for (std::size_t v = r.edges.parts[part]; v < r.edges.parts[part + 1]; ++v) {
    const std::uint64_t last = r.edges.offsets[v + 1];
    const double preference = r.preference.size != 0 ? r.preference[v] : uniform;
    const double score = damping * pull<is_weighted>(r, edge, last) + teleport * preference;
    edge = last;
    sums.change += std::fabs(score - r.scores[v]);
    sums.dangling += r.inverse_out[v] == 0 ? score : 0;
    r.scores[v] = score;
    r.next_flow[v] = score * r.inverse_out[v];
  }
  return sums;
}

part_sums add_up(const array<part_sums>& parts) {
  part_sums total;
  for (const part_sums& part : parts) {
    total.change += part.change;
    total.dangling += part.dangling;
  }
  return total;
}

double outgoing_weight(const csr_graph& graph, std::size_t v) {
  const std::uint64_t first = graph.row_offsets[v], last = graph.row_offsets[v + 1];
  if (graph.weights.size == 0) return static_cast<double>(last - first);
  double weight = 0;
  for (std::uint64_t e = first; e < last; ++e) weight += double{graph.weights[e]};
  return weight;
}

void fill_inverse_out(const csr_graph& graph, const array<double>& out, cpu_context& context) {
  parallel_for(out.size, std::size_t{1} << 14, [&](std::size_t first, std::size_t last) {
    if (context.stop_requested()) return;
    for (std::size_t v = first; v < last; ++v) {
      const double weight = outgoing_weight(graph, v);
      out[v] = weight > 0 ? 1 / weight : 0;
    }
  });
}

double sum(const array<double>& values) {
  double total = 0;
  for (const double v : values) total += v;
  return total;
}

/// The ranking before the first iteration; returns the score of the nodes that no edge leaves.
double start(const pagerank::input& in, ranking& r, cpu_context& context) {
  const std::size_t n = in.graph.num_nodes;
  const double uniform = 1 / static_cast<double>(n);
  r.edges = transpose(in.graph, context);
  r.inverse_out = context.allocate<double>(n);
  fill_inverse_out(in.graph, r.inverse_out, context);
  if (in.personalization) {
    const double total = sum(*in.personalization);
    r.preference = context.allocate<double>(n);
    for (std::size_t v = 0; v < n; ++v) r.preference[v] = (*in.personalization)[v] / total;
  }
  r.scores = context.allocate<double>(n);
  r.flow = context.allocate<double>(n);
  r.next_flow = context.allocate<double>(n);
  r.sums = context.allocate<part_sums>(r.edges.num_parts());
  double dangling = 0;
  for (std::size_t v = 0; v < n; ++v) {
    r.scores[v] = uniform;
    r.flow[v] = uniform * r.inverse_out[v];
    dangling += r.inverse_out[v] == 0 ? uniform : 0;
  }
  return dangling;
}

}  // namespace

kernel_info pagerank::info() {
  return {
      .id = "graph/pagerank",
      .version = "1.0.0",
      .description =
          "Ranks the nodes of a directed graph by where a random walk along its edges, "
          "which now and then starts anew, spends its time.",
      .expected_throughput = 1e8,
      .target_latency_us = 50,
      // All in f64 and in fixed order; other summations differ by rounding, and that is far below
      // what the tolerance of the iteration leaves.
      .tolerance = 1e-12,
      .example = {.input = R"({"graph":{"num_nodes":3,"edges":[[0,1],[1,2]],"directed":true}})",
                  .output =
                      R"({"scores":[0.18441687554671385,0.34117100648207443,0.47441211797121163],)"
                      R"("iterations":20,"converged":true})"},
      .fields = {
          field<&input::graph>{.doc = "The edges lead from a row's node to its columns; weights, "
                                      "where given, divide the score among them.",
                               .min = 0},
          field<&input::damping>{
              .doc = "Probability of going on along an edge.", .min = 0, .max = 1},
          field<&input::tolerance>{.doc = "Largest sum of absolute changes of the scores in the "
                                          "last iteration.",
                                   .min = 0},
          field<&input::max_iterations>{.doc = "Iterations after which it ends anyhow.", .min = 1},
          field<&input::personalization>{.doc = "Where the walk starts anew, one number per node; "
                                                "absent means anywhere.",
                                         .min = 0},
          field<&output::scores>{.doc = "One per node; they sum to 1."},
          field<&output::iterations>{.doc = "Iterations made."},
          field<&output::converged>{.doc = "Whether the last change was within the tolerance."}}};
}

result<void> pagerank::validate(const input& in) {
  if (!in.personalization) return {};
  const auto& preference = *in.personalization;
  if (preference.size != in.graph.num_nodes) {
    return invalid_input("/personalization",
                         std::to_string(in.graph.num_nodes) + " elements, one per node",
                         std::to_string(preference.size));
  }
  if (preference.size == 0) return {};
  const double total = sum(preference);
  if (!(total > 0)) return invalid_input("/personalization", "a positive element", "none");
  if (std::isfinite(total) && std::isfinite(1 / total)) return {};
  return invalid_input("/personalization", "elements with a sum in the range of f64", "another");
}

result<pagerank::output> pagerank::run(const input& in, cpu_context& context) {
  if (in.graph.num_nodes == 0) return output{{}, 0, true};
  ranking r;
  double dangling = start(in, r, context);
  output out{r.scores, 0, false};
  while (!out.converged && out.iterations < in.max_iterations && !context.stop_requested()) {
    const double teleport = in.damping * dangling + (1 - in.damping);
    parallel_for(r.edges.num_parts(), 1, [&](std::size_t first, std::size_t last) {
      if (context.stop_requested()) return;
      for (std::size_t part = first; part < last; ++part) {
        r.sums[part] = r.edges.weights.size != 0 ? advance<true>(r, part, in.damping, teleport)
                                                 : advance<false>(r, part, in.damping, teleport);
      }
    });
    const part_sums total = add_up(r.sums);
    dangling = total.dangling;
    std::swap(r.flow, r.next_flow);
    ++out.iterations;
    out.converged = total.change <= in.tolerance;
  }
  return out;
}

/// Eight edges from each node, to any.
pagerank::input pagerank::sample(std::size_t bytes, std::uint64_t seed, cpu_context& context) {
  constexpr std::size_t degree = 8;
  constexpr std::size_t node_bytes = sizeof(std::uint64_t) + degree * sizeof(std::uint32_t);
  const auto n =
      static_cast<std::uint32_t>(std::clamp<std::size_t>(bytes / node_bytes, 1, UINT32_MAX));
  const auto offsets = context.allocate<std::uint64_t>(std::size_t{n} + 1);
  for (std::size_t v = 0; v <= n; ++v) offsets[v] = v * degree;
  input in;
  in.graph.num_nodes = n;
  in.graph.row_offsets = offsets;
  in.graph.col_indices =
      random_arrays{seed, context}.between<std::uint32_t>(0, n, std::size_t{n} * degree);
  return in;
}

}  // namespace kernd::kernels
