#include "src/codec_graph.hpp"

#include "src/codec_numbers.hpp"
#include "src/json_value.hpp"

#include <boost/describe/class.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace kernd {

namespace {

/// Both wire forms at once; which one it is shows in the members that are there.
struct wire_graph {
  std::uint32_t num_nodes = 0;
  std::optional<array<std::uint64_t>> row_offsets;
  std::optional<array<std::uint32_t>> col_indices;
  std::optional<matrix<std::uint32_t>> edges;
  std::optional<array<float>> weights;
  std::optional<bool> directed;
};
BOOST_DESCRIBE_STRUCT(wire_graph, (),
                      (num_nodes, row_offsets, col_indices, edges, weights, directed))

const codec_steps::node& wire_graph_node() {
  static const codec_steps::node form = [] {
    const field_info fields[] = {
        field<&wire_graph::num_nodes>{.doc = "Nodes; ids run from 0.", .required = true},
        field<&wire_graph::row_offsets>{.doc = "Where each node's neighbours start."},
        field<&wire_graph::col_indices>{.doc = "Neighbours, node by node."},
        field<&wire_graph::edges>{.doc = "Pairs of nodes."},
        field<&wire_graph::weights>{.doc = "One per neighbour or edge."},
        field<&wire_graph::directed>{.doc = "Edges go one way only."}};
    return wire_node(describe<wire_graph>(), fields);
  }();
  return form;
}

error wrong_size(std::string_view name, std::uint64_t expected, std::uint64_t found) {
  return within(name, refuse(errc::invalid_input, std::to_string(expected) + " elements",
                             std::to_string(found)));
}

result<void> check_node(std::uint32_t num_nodes, std::uint32_t id) {
  if (id < num_nodes) return {};
  return refuse(errc::invalid_input, "node below " + std::to_string(num_nodes), std::to_string(id));
}

result<void> from_rows(const wire_graph& wire, csr_graph& out) {
  if (wire.directed) {
    return within("directed",
                  refuse(errc::invalid_input, "no such member beside row_offsets", "one"));
  }
  if (!wire.col_indices) {
    return within("col_indices", refuse(errc::invalid_input, "a value", "nothing"));
  }
  const auto& rows = *wire.row_offsets;
  const auto& cols = *wire.col_indices;
  if (rows.size != std::uint64_t{wire.num_nodes} + 1) {
    return wrong_size("row_offsets", std::uint64_t{wire.num_nodes} + 1, rows.size);
  }
  if (rows[0] != 0) {
    return within("row_offsets", within(std::size_t{0},
                                        refuse(errc::invalid_input, "0", std::to_string(rows[0]))));
  }
  for (std::size_t i = 1; i < rows.size; ++i) {
    if (rows[i] >= rows[i - 1]) continue;
    return within("row_offsets",
                  within(i, refuse(errc::invalid_input, "offset ≥ " + std::to_string(rows[i - 1]),
                                   std::to_string(rows[i]))));
  }
  if (rows[wire.num_nodes] != cols.size) {
    return wrong_size("col_indices", rows[wire.num_nodes], cols.size);
  }
  for (std::size_t i = 0; i < cols.size; ++i) {
    if (auto checked = check_node(wire.num_nodes, cols[i]); !checked) {
      return within("col_indices", within(i, std::move(checked).error()));
    }
  }
  out = {wire.num_nodes, rows, cols, wire.weights.value_or(array<float>{})};
  if (wire.weights && wire.weights->size != cols.size) {
    return wrong_size("weights", cols.size, wire.weights->size);
  }
  return {};
}

result<void> check_edges(const wire_graph& wire) {
  const auto& edges = *wire.edges;
  if (wire.col_indices) {
    return within("col_indices", refuse(errc::invalid_input, "no such member beside edges", "one"));
  }
  if (edges.rows != 0 && edges.cols != 2) {
    return within("edges", within(std::size_t{0}, refuse(errc::invalid_input, "2 nodes",
                                                         std::to_string(edges.cols))));
  }
  for (std::size_t e = 0; e < edges.rows; ++e) {
    for (std::size_t end = 0; end < 2; ++end) {
      auto checked = check_node(wire.num_nodes, edges(e, end));
      if (!checked) return within("edges", within(e, within(end, std::move(checked).error())));
    }
  }
  if (wire.weights && wire.weights->size != edges.rows) {
    return wrong_size("weights", edges.rows, wire.weights->size);
  }
  return {};
}

/// Counting sort of the edges by source, in the order given; an undirected edge counts at both
/// ends.
void from_edges(const wire_graph& wire, csr_graph& out, arena& memory) {
  const auto& edges = *wire.edges;
  const bool both = !wire.directed.value_or(false);
  const std::size_t nodes = wire.num_nodes;
  auto offsets = memory.allocate<std::uint64_t>(nodes + 1);
  std::fill(offsets.begin(), offsets.end(), 0);
  for (std::size_t e = 0; e < edges.rows; ++e) {
    ++offsets[edges(e, 0) + std::size_t{1}];
    if (both && edges(e, 0) != edges(e, 1)) ++offsets[edges(e, 1) + std::size_t{1}];
  }
  for (std::size_t v = 0; v < nodes; ++v) offsets[v + 1] += offsets[v];
  const std::size_t count = offsets[nodes];
  auto cols = memory.allocate<std::uint32_t>(count);
  auto weights = wire.weights ? memory.allocate<float>(count) : array<float>{};
  auto next = memory.allocate<std::uint64_t>(nodes);
  std::copy_n(offsets.begin(), nodes, next.begin());
  const auto place = [&](std::uint32_t from, std::uint32_t to, std::size_t edge) {
    const std::uint64_t at = next[from]++;
    cols[at] = to;
    if (weights.data != nullptr) weights[at] = (*wire.weights)[edge];
  };
  for (std::size_t e = 0; e < edges.rows; ++e) {
    place(edges(e, 0), edges(e, 1), e);
    if (both && edges(e, 0) != edges(e, 1)) place(edges(e, 1), edges(e, 0), e);
  }
  out = {wire.num_nodes, offsets, cols, weights};
}

result<void> check_rules(const field_info& rules, const wire_graph& wire) {
  if (auto sized = check_size(rules, wire.num_nodes, "nodes"); !sized) {
    return within("num_nodes", std::move(sized).error());
  }
  if (!wire.weights) return {};
  auto ranged = check_ranges<float>(rules, wire.weights->span());
  return ranged ? ranged : within("weights", std::move(ranged).error());
}

}  // namespace

result<void> decode_graph(const field_info& rules, json_value& value, csr_graph& out,
                          arena& memory) {
  wire_graph wire;
  auto decoded = codec_steps::decode(wire_graph_node(), value, &wire, memory, nullptr);
  if (decoded) decoded = check_rules(rules, wire);
  if (!decoded) return decoded;
  if (wire.row_offsets && wire.edges) {
    return within("edges", refuse(errc::invalid_input, "no such member beside row_offsets", "one"));
  }
  if (wire.row_offsets) return from_rows(wire, out);
  if (!wire.edges) {
    return refuse(errc::invalid_input, "row_offsets and col_indices, or edges", "neither");
  }
  if (auto checked = check_edges(wire); !checked) return checked;
  from_edges(wire, out, memory);
  return {};
}

nlohmann::ordered_json graph_schema(const field_info& rules) {
  auto wire = codec_steps::schema(wire_graph_node());
  auto& members = wire["properties"];
  if (rules.min_size) members["num_nodes"]["minimum"] = *rules.min_size;
  if (rules.min) members["weights"]["items"]["minimum"] = *rules.min;
  if (rules.max) members["weights"]["items"]["maximum"] = *rules.max;
  auto& pair = members["edges"]["oneOf"][0]["items"];
  pair["minItems"] = 2;
  pair["maxItems"] = 2;
  const auto form = [&](std::initializer_list<const char*> required,
                        std::initializer_list<const char*> optional) {
    nlohmann::ordered_json result = {{"type", "object"}};
    for (const char* name : required) result["properties"][name] = wire["properties"][name];
    for (const char* name : optional) result["properties"][name] = wire["properties"][name];
    result["required"] = required;
    result["additionalProperties"] = false;
    return result;
  };
  nlohmann::ordered_json both;
  both["oneOf"] = {form({"num_nodes", "row_offsets", "col_indices"}, {"weights"}),
                   form({"num_nodes", "edges"}, {"weights", "directed"})};
  return both;
}

}  // namespace kernd
