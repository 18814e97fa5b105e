#pragma once

#include "kernd/codec.hpp"
#include "src/codec_node.hpp"

namespace kernd {

/// Decodes a graph from either wire form and checks what `csr_graph` promises. The rules of its
/// field hold its weights to a range and its nodes to a number.
result<void> decode_graph(const field_info& rules, json_value& value, csr_graph& out,
                          arena& memory);

/// Both wire forms of a graph as a JSON Schema.
nlohmann::ordered_json graph_schema(const field_info& rules);

}  // namespace kernd
