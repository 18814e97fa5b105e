#include "kernd/parallel.hpp"
#include "src/codec_node.hpp"
#include "src/json_value.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <type_traits>

namespace kernd {

namespace {

using node = codec_steps::node;

error non_finite(double value) {
  return refuse(errc::non_finite_output, "finite number",
                std::isnan(value) ? "NaN" : "an infinity");
}

/// Everything that is written is charged to the job before it takes room.
void append(std::string_view text, text_buffer& out, arena& memory) {
  memory.charge(text.size());
  out.append(text);
}

template <number_type T>
result<void> encode_number(T value, text_buffer& out, arena& memory) {
  if constexpr (std::is_floating_point_v<T>) {
    if (!std::isfinite(value)) return non_finite(value);
  }
  char text[number_text_bytes];
  const char* const end = std::to_chars(text, text + sizeof text, value).ptr;
  append({text, end}, out, memory);
  return {};
}

constexpr std::size_t run_size = 4096;    // numbers that are printed in one go
constexpr std::size_t runs_at_once = 32;  // before they are joined and charged

/// Prints `values` to `at`, a comma after each; returns where it ended, or null when one is not
/// finite. There is room for `number_text_bytes` per value.
template <number_type T>
char* print_run(std::span<const T> values, char* at) {
  for (const T value : values) {
    if constexpr (std::is_floating_point_v<T>) {
      if (!std::isfinite(value)) return nullptr;
    }
    at = std::to_chars(at, at + number_text_bytes, value).ptr;
    *at++ = ',';
  }
  return at;
}

/// Prints some runs of `values` on all cores, each with room for its longest text, and closes the
/// gaps. Returns where it ended, or null when one is not finite.
template <number_type T>
char* print_runs(std::span<const T> values, char* const begin) {
  std::array<char*, runs_at_once> ends;
  parallel_for(values.size(), run_size, [&](std::size_t first, std::size_t last) {
    ends[first / run_size] =
        print_run(values.subspan(first, last - first), begin + first * number_text_bytes);
  });
  char* at = ends[0];
  for (std::size_t first = run_size; first < values.size() && at != nullptr; first += run_size) {
    const char* const from = begin + first * number_text_bytes;
    char* const end = ends[first / run_size];
    if (end == nullptr) return nullptr;
    const auto bytes = static_cast<std::size_t>(end - from);
    std::memmove(at, from, bytes);
    at += bytes;
  }
  return at;
}

template <number_type T>
error find_non_finite(std::span<const T> values) {
  std::size_t i = 0;
  if constexpr (std::is_floating_point_v<T>) {
    while (std::isfinite(values[i])) ++i;
  }
  return within(i, non_finite(static_cast<double>(values[i])));
}

/// `[1,2,3]`
template <number_type T>
result<void> encode_numbers(std::span<const T> values, text_buffer& out, arena& memory) {
  constexpr std::size_t batch = runs_at_once * run_size;
  append("[", out, memory);
  for (std::size_t first = 0; first < values.size(); first += batch) {
    const auto part = values.subspan(first, std::min(batch, values.size() - first));
    char* const begin = out.prepare(part.size() * number_text_bytes);
    const char* const end = print_runs(part, begin);
    if (end == nullptr) return find_non_finite(values);
    memory.charge(static_cast<std::size_t>(end - begin));
    out.commit(static_cast<std::size_t>(end - begin));
  }
  if (!values.empty()) out.truncate(out.size() - 1);  // the comma's byte is charged: it is the "]"
  if (values.empty()) memory.charge(1);
  out.push_back(']');
  return {};
}

void encode_string(std::string_view value, text_buffer& out, arena& memory) {
  const std::string quoted =
      nlohmann::json(value).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  append(quoted, out, memory);
}

result<void> encode_enumeration(const type_info& type, const void* value, text_buffer& out,
                                arena& memory) {
  const enumerator_info* const held = held_enumerator(type, value);
  if (held == nullptr) return refuse(errc::execution_failed, "one of its names", "no such value");
  encode_string(held->name, out, memory);
  return {};
}

/// `[…,…]` of `count` things that `each` writes.
template <class F>
result<void> encode_list(std::size_t count, text_buffer& out, arena& memory, F&& each) {
  append("[", out, memory);
  for (std::size_t i = 0; i < count; ++i) {
    if (i != 0) append(",", out, memory);
    if (result<void> encoded = each(i); !encoded) return within(i, std::move(encoded).error());
  }
  append("]", out, memory);
  return {};
}

result<void> encode_graph(const csr_graph& graph, text_buffer& out, arena& memory) {
  append("{\"num_nodes\":" + std::to_string(graph.num_nodes) + ",\"row_offsets\":", out, memory);
  auto encoded = encode_numbers<std::uint64_t>(graph.row_offsets.span(), out, memory);
  append(",\"col_indices\":", out, memory);
  if (encoded) encoded = encode_numbers<std::uint32_t>(graph.col_indices.span(), out, memory);
  if (encoded && graph.weights.size != 0) {
    append(",\"weights\":", out, memory);
    encoded = encode_numbers<float>(graph.weights.span(), out, memory);
    if (!encoded) return within("weights", std::move(encoded).error());
  }
  append("}", out, memory);
  return encoded;
}

result<void> encode_structure(const node& n, const void* value, text_buffer& out, arena& memory) {
  char separator = '{';
  for (const auto& m : n.members) {
    const void* const place = at_offset(value, m.offset);
    if (m.value.type->kind == type_kind::optional && m.value.type->value(place) == nullptr)
      continue;
    append({&separator, 1}, out, memory);
    append("\"", out, memory);
    append(m.name, out, memory);
    append("\":", out, memory);
    separator = ',';
    auto encoded = codec_steps::encode(m.value, place, out, memory);
    if (!encoded) return within(m.name, std::move(encoded).error());
  }
  append(separator == '{' ? "{}" : "}", out, memory);
  return {};
}

result<void> encode_array(const node& n, const void* value, text_buffer& out, arena& memory) {
  if (n.inner) {
    array<const std::byte> elements;
    std::memcpy(&elements, value, sizeof elements);
    return encode_list(elements.size, out, memory, [&](std::size_t i) {
      const void* const place = elements.data + i * n.inner->type->size_bytes;
      return codec_steps::encode(*n.inner, place, out, memory);
    });
  }
  return visit_dtype(n.type->element, [&](auto zero) {
    using T = decltype(zero);
    return encode_numbers<T>(static_cast<const array<T>*>(value)->span(), out, memory);
  });
}

/// The size that a bounded text or array claims, which whoever filled it had to keep to its limit.
result<std::size_t> bounded_size(const type_info& type, const void* value, const char* unit) {
  std::uint64_t size = 0;
  std::memcpy(&size, value, type.data_offset);
  if (size <= type.limit) return static_cast<std::size_t>(size);
  return refuse(errc::execution_failed, "at most " + std::to_string(type.limit) + unit,
                std::to_string(size));
}

result<void> encode_bounded_text(const type_info& type, const void* value, text_buffer& out,
                                 arena& memory) {
  const auto size = bounded_size(type, value, " bytes");
  if (!size) return size.error();
  const void* const data = at_offset(value, type.data_offset);
  encode_string({static_cast<const char*>(data), *size}, out, memory);
  return {};
}

result<void> encode_bounded_array(const node& n, const void* value, text_buffer& out,
                                  arena& memory) {
  const auto size = bounded_size(*n.type, value, " elements");
  if (!size) return size.error();
  const void* const data = at_offset(value, n.type->data_offset);
  return encode_list(*size, out, memory, [&](std::size_t i) {
    const void* const place = at_offset(data, i * n.inner->type->size_bytes);
    return codec_steps::encode(*n.inner, place, out, memory);
  });
}

}  // namespace

result<void> codec_steps::encode(const node& n, const void* value, text_buffer& out,
                                 arena& memory) {
  switch (n.type->kind) {
    case type_kind::boolean:
      append(*static_cast<const bool*>(value) ? "true" : "false", out, memory);
      return {};
    case type_kind::number:
      return visit_dtype(n.type->element, [&](auto zero) {
        return encode_number(*static_cast<const decltype(zero)*>(value), out, memory);
      });
    case type_kind::text:
      encode_string(static_cast<const text*>(value)->view(), out, memory);
      return {};
    case type_kind::enumeration:
      return encode_enumeration(*n.type, value, out, memory);
    case type_kind::optional:
      return encode(*n.inner, n.type->value(value), out, memory);
    case type_kind::array:
      return encode_array(n, value, out, memory);
    case type_kind::numbers: {
      const auto& held = *static_cast<const numbers*>(value);
      return visit_dtype(held.type, [&](auto zero) {
        return encode_numbers<decltype(zero)>(held.as<decltype(zero)>(), out, memory);
      });
    }
    case type_kind::matrix:
      return visit_dtype(n.type->element, [&](auto zero) {
        const auto& held = *static_cast<const matrix<decltype(zero)>*>(value);
        return encode_list(held.rows, out, memory, [&](std::size_t r) {
          return encode_numbers<decltype(zero)>(held.row(r), out, memory);
        });
      });
    case type_kind::graph:
      return encode_graph(*static_cast<const csr_graph*>(value), out, memory);
    case type_kind::bounded_text:
      return encode_bounded_text(*n.type, value, out, memory);
    case type_kind::bounded_array:
      return encode_bounded_array(n, value, out, memory);
    case type_kind::structure:
      break;
  }
  return encode_structure(n, value, out, memory);
}

}  // namespace kernd
