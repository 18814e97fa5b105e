#include "kernd/payload_bytes.hpp"

#include "kernd/array.hpp"
#include "kernd/graph.hpp"
#include "kernd/matrix.hpp"
#include "kernd/numbers.hpp"

namespace kernd {

namespace {

/// Elements behind the views in `value`, which itself is counted already.
std::size_t viewed_bytes(const type_info& type, const void* value) {
  // Views of whatever element are laid out alike.
  switch (type.kind) {
    case type_kind::text:
      return static_cast<const text*>(value)->size;
    case type_kind::optional: {
      const void* const held = type.value(value);
      return held == nullptr ? 0 : viewed_bytes(*type.inner, held);
    }
    case type_kind::array: {
      const auto& view = *static_cast<const array<char>*>(value);
      if (type.inner == nullptr) return view.size * size_of(type.element);
      std::size_t sum = view.size * type.inner->size_bytes;
      for (std::size_t i = 0; i < view.size; ++i) {
        sum += viewed_bytes(*type.inner, view.data + i * type.inner->size_bytes);
      }
      return sum;
    }
    case type_kind::numbers: {
      const auto& view = *static_cast<const numbers*>(value);
      return view.size * size_of(view.type);
    }
    case type_kind::matrix: {
      const auto& view = *static_cast<const matrix<float>*>(value);
      return view.rows * view.cols * size_of(type.element);
    }
    case type_kind::graph: {
      const auto& graph = *static_cast<const csr_graph*>(value);
      return graph.row_offsets.size * sizeof(std::uint64_t) +
             graph.col_indices.size * sizeof(std::uint32_t) + graph.weights.size * sizeof(float);
    }
    case type_kind::structure: {
      std::size_t sum = 0;
      for (const member_info& member : type.members) {
        sum += viewed_bytes(*member.type, static_cast<const char*>(value) + member.offset);
      }
      return sum;
    }
    case type_kind::boolean:
    case type_kind::number:
    case type_kind::enumeration:
    case type_kind::bounded_text:
    case type_kind::bounded_array:
      break;
  }
  return 0;
}

}  // namespace

std::size_t payload_bytes(const type_info& type, const void* value) {
  return type.size_bytes + viewed_bytes(type, value);
}

}  // namespace kernd
