#pragma once

#include "kernd/codec.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kernd {

/// A described type joined with the rules of the field that has it: what `codec` walks.
struct codec::node {
  struct member;

  const type_info* type;
  field_info rules{};                 ///< All empty at the root.
  std::vector<member> members;        ///< structure
  std::unique_ptr<const node> inner;  ///< optional, or array of something that is no number
};

struct codec::node::member {
  std::string_view name;
  std::size_t offset;
  node value;
  bool required;
  /// `"alpha":1` when an absent member takes a default worth reporting; else empty.
  std::string default_text;
  static constexpr std::size_t no_dtype = ~std::size_t{0};
  /// numbers: index of the sibling `dtype`; without one they are read as f32.
  std::size_t dtype_member = no_dtype;
};

/// Largest text of one number of any dtype, with a separator.
inline constexpr std::size_t number_text_bytes = 32;

/// Steps of the codec; each in a file of its own.
struct codec_steps {
  using node = codec::node;
  using member = codec::node::member;

  static result<void> decode(const node& n, json_value& value, void* out, arena& memory,
                             std::string* params_used);
  static result<void> encode(const node& n, const void* value, text_buffer& out, arena& memory);
  static nlohmann::ordered_json schema(const node& n);
};

/// A node for a struct that the codec itself uses to read a wire form.
codec_steps::node wire_node(const type_info& type, std::span<const field_info> fields);

inline const void* at_offset(const void* base, std::size_t offset) {
  return static_cast<const std::byte*>(base) + offset;
}
inline void* at_offset(void* base, std::size_t offset) {
  return static_cast<std::byte*>(base) + offset;
}

/// The name of a dtype on the wire.
std::string_view dtype_name(dtype d);

/// The enumerator a struct's `dtype` member holds, as the dtype of its numbers: both enums name
/// their enumerators alike. `type` is the member's type.
dtype dtype_of_member(const type_info& type, const void* member);

/// The enumerator that an enum of `type` at `at` holds; null when it holds none of them.
const enumerator_info* held_enumerator(const type_info& type, const void* at);
/// Puts the enumerator with `value` there.
void store_enum(const type_info& type, void* at, std::int64_t value);

}  // namespace kernd
