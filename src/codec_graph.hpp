#pragma once

#include "kernd/codec.hpp"
#include "src/codec_node.hpp"

namespace kernd {

/// Decodes a graph from either wire form and checks what `csr_graph` promises.
result<void> decode_graph(json_value& value, csr_graph& out, arena& memory);

/// Both wire forms of a graph as a JSON Schema.
nlohmann::ordered_json graph_schema();

}  // namespace kernd
