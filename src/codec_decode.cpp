#include "kernd/did_you_mean.hpp"
#include "src/codec_graph.hpp"
#include "src/codec_matrix.hpp"
#include "src/codec_node.hpp"
#include "src/codec_numbers.hpp"
#include "src/json_value.hpp"
#include "src/number_list.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <vector>

namespace kernd {

namespace {

namespace ondemand = simdjson::ondemand;
using node = codec_steps::node;
using member = codec_steps::member;

template <number_type T>
result<void> decode_array(const field_info& rules, json_value& value, void* out, arena& memory) {
  auto read = read_array<T>(value, memory);
  if (!read) return std::move(read).error();
  *static_cast<array<T>*>(out) = *read;
  if (auto sized = check_size(rules, read->size); !sized) return sized;
  return check_ranges<T>(rules, read->span());
}

result<void> decode_numbers(const field_info& rules, json_value& value, numbers& out,
                            arena& memory) {
  return visit_dtype(out.type, [&](auto zero) -> result<void> {
    array<decltype(zero)> elements;
    auto decoded = decode_array<decltype(zero)>(rules, value, &elements, memory);
    out.data = elements.data;
    out.size = elements.size;
    return decoded;
  });
}

/// `count` elements, one behind the other at `data`; the caller has counted them.
result<void> fill_elements(const node& n, ondemand::array& elements, std::size_t count,
                           const json_outline* outline, void* data, arena& memory) {
  const type_info& type = *n.inner->type;
  std::size_t i = 0;
  for (auto element : elements) {
    ondemand::value opened;
    if (element.get(opened) || i == count) return error{errc::invalid_json, "malformed array"};
    void* const place = at_offset(data, i * type.size_bytes);
    type.construct(place);
    json_value inner{opened, outline};
    auto decoded = codec_steps::decode(*n.inner, inner, place, memory, nullptr);
    if (!decoded) return within(i, std::move(decoded).error());
    ++i;
  }
  if (i != count) return error{errc::invalid_json, "malformed array"};
  return {};
}

/// An array of structs, texts or arrays.
result<void> decode_elements(const node& n, json_value& value, void* out, arena& memory) {
  ondemand::array elements;
  auto count = open_array(value.value, elements);
  if (!count) return std::move(count).error();
  if (auto sized = check_size(n.rules, *count); !sized) return sized;
  const type_info& type = *n.inner->type;
  if (*count > std::numeric_limits<std::size_t>::max() / type.size_bytes) {
    throw memory_limit_error(memory.limit_bytes());
  }
  void* const data = memory.allocate_bytes(*count * type.size_bytes);
  if (auto filled = fill_elements(n, elements, *count, value.outline, data, memory); !filled) {
    return filled;
  }
  const array<std::byte> filled{static_cast<std::byte*>(data), *count};
  std::memcpy(out, &filled, sizeof filled);
  return {};
}

/// An array inside the value.
result<void> decode_bounded_array(const node& n, json_value& value, void* out, arena& memory) {
  ondemand::array elements;
  auto count = open_array(value.value, elements);
  if (!count) return std::move(count).error();
  if (*count > n.type->limit) {
    return refuse(errc::invalid_input, "at most " + std::to_string(n.type->limit) + " elements",
                  std::to_string(*count));
  }
  if (auto sized = check_size(n.rules, *count); !sized) return sized;
  const std::uint64_t size = *count;
  std::memcpy(out, &size, n.type->data_offset);  // little-endian: the low bytes come first
  void* const data = at_offset(out, n.type->data_offset);
  return fill_elements(n, elements, *count, value.outline, data, memory);
}

result<void> decode_boolean(json_value& value, bool& out) {
  ondemand::value before = value.value;
  if (value.value.get_bool().get(out)) {
    return refuse(errc::invalid_input, "true or false", before);
  }
  return {};
}

template <number_type T>
result<void> decode_number(const field_info& rules, json_value& value, T& out) {
  ondemand::value before = value.value;
  if (!read_number(value.value, out)) return refuse_number(dtype_of<T>, before);
  return check_range(rules, out);
}

/// Characters of valid UTF-8: its bytes but for those that continue one.
std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

result<void> decode_text(const field_info& rules, json_value& value, text& out, arena& memory) {
  ondemand::value before = value.value;
  std::string_view unescaped;
  if (value.value.get_string().get(unescaped)) {
    return refuse(errc::invalid_input, "string", before);
  }
  auto sized = check_size(rules, count_characters(unescaped), "characters");
  if (!sized) return sized;
  const auto copy = memory.allocate<char>(unescaped.size());
  if (!unescaped.empty()) std::memcpy(copy.data, unescaped.data(), unescaped.size());
  out = {copy.data, copy.size};
  return {};
}

/// What is beyond the text stays zero, as the value was constructed.
result<void> decode_bounded_text(const node& n, json_value& value, void* out) {
  ondemand::value before = value.value;
  std::string_view unescaped;
  if (value.value.get_string().get(unescaped)) {
    return refuse(errc::invalid_input, "string", before);
  }
  if (unescaped.size() > n.type->limit) {
    return refuse(errc::invalid_input, "at most " + std::to_string(n.type->limit) + " bytes",
                  std::to_string(unescaped.size()));
  }
  auto sized = check_size(n.rules, count_characters(unescaped), "characters");
  if (!sized) return sized;
  const std::uint64_t size = unescaped.size();
  std::memcpy(out, &size, n.type->data_offset);  // little-endian: the low bytes come first
  std::memcpy(at_offset(out, n.type->data_offset), unescaped.data(), unescaped.size());
  return {};
}

result<void> decode_enumeration(const type_info& type, json_value& value, void* out) {
  ondemand::value before = value.value;
  std::string_view name;
  if (!value.value.get_string().get(name)) {
    for (const enumerator_info& e : type.enumerators) {
      if (e.name == name) {
        store_enum(type, out, e.value);
        return {};
      }
    }
  }
  std::string names;
  for (const enumerator_info& e : type.enumerators) {
    names += (names.empty() ? "\"" : ", \"") + std::string{e.name} + "\"";
  }
  return refuse(errc::invalid_input, "one of " + names, before);
}

/// A struct with members in any order. The type of `numbers` is needed before their elements are
/// read, so the `dtype` member is looked up first.
class structure_decoder {
 public:
  structure_decoder(const node& n, void* out, arena& memory)
      : node_{n}, out_{out}, memory_{memory} {}

  result<void> decode(json_value& value) {
    outline_ = value.outline;
    ondemand::value before = value.value;
    ondemand::object object;
    if (value.value.get_object().get(object)) return refuse(errc::invalid_input, "object", before);
    if (auto typed = read_dtype(object); !typed) return typed;
    for (auto field : object) {
      std::string_view name;
      ondemand::value member_value;
      if (field.unescaped_key().get(name) || field.value().get(member_value)) {
        return error{errc::invalid_json, "malformed object"};
      }
      if (auto decoded = decode_member(name, member_value); !decoded) {
        return within(name, std::move(decoded).error());
      }
    }
    return check_required();
  }

  void append_defaults(std::string& out) const {
    for (std::size_t i = 0; i < node_.members.size(); ++i) {
      const member& m = node_.members[i];
      if (seen(i) || m.default_text.empty()) continue;
      if (!out.empty()) out += ',';
      out += m.default_text;
    }
  }

 private:
  bool seen(std::size_t i) const { return (seen_ >> i & 1) != 0; }

  /// Leaves the object as it found it.
  result<void> read_dtype(ondemand::object& object) {
    const auto numbers = std::find_if(node_.members.begin(), node_.members.end(),
                                      [](const member& m) { return m.dtype_member != m.no_dtype; });
    if (numbers == node_.members.end()) return {};
    const member& m = node_.members[numbers->dtype_member];
    for (auto field : object) {
      ondemand::raw_json_string key;
      ondemand::value named;
      if (field.key().get(key) || field.value().get(named)) {
        return error{errc::invalid_json, "malformed object"};
      }
      if (!is_key(key, m.name)) continue;
      json_value value{named, outline_};
      auto decoded = decode_enumeration(*m.value.type, value, at_offset(out_, m.offset));
      if (!decoded) return within(m.name, std::move(decoded).error());
      break;
    }
    if (object.reset().error()) return error{errc::invalid_json, "malformed object"};
    return {};
  }

  result<void> decode_member(std::string_view name, ondemand::value member_value) {
    std::size_t i = 0;
    while (i < node_.members.size() && node_.members[i].name != name) ++i;
    if (i == node_.members.size()) {
      return refuse(errc::invalid_input, known_members(), "that name" + meant_by(name));
    }
    if (seen(i)) return refuse(errc::invalid_input, "one member of that name", "a second one");
    seen_ |= std::uint64_t{1} << i;
    const member& m = node_.members[i];
    void* const place = at_offset(out_, m.offset);
    if (m.dtype_member != m.no_dtype) {
      const member& d = node_.members[m.dtype_member];
      static_cast<numbers*>(place)->type =
          dtype_of_member(*d.value.type, at_offset(out_, d.offset));
    }
    json_value value{member_value, outline_};
    return codec_steps::decode(m.value, value, place, memory_, nullptr);
  }

  std::string known_members() const {
    std::string names;
    for (const member& m : node_.members)
      names += (names.empty() ? "" : ", ") + std::string{m.name};
    return "one of the members " + names;
  }

  /// Of the members that have not come yet.
  std::string meant_by(std::string_view name) const {
    std::vector<std::string_view> open;
    for (std::size_t i = 0; i < node_.members.size(); ++i) {
      if (!seen(i)) open.push_back(node_.members[i].name);
    }
    return did_you_mean(name, open);
  }

  result<void> check_required() const {
    for (std::size_t i = 0; i < node_.members.size(); ++i) {
      if (node_.members[i].required && !seen(i)) {
        return within(node_.members[i].name, refuse(errc::invalid_input, "a value", "nothing"));
      }
    }
    return {};
  }

  const node& node_;
  void* out_;
  arena& memory_;
  const json_outline* outline_ = nullptr;
  std::uint64_t seen_ = 0;
};

}  // namespace

result<void> codec_steps::decode(const node& n, json_value& value, void* out, arena& memory,
                                 std::string* params_used) {
  switch (n.type->kind) {
    case type_kind::boolean:
      return decode_boolean(value, *static_cast<bool*>(out));
    case type_kind::number:
      return visit_dtype(n.type->element, [&](auto zero) {
        return decode_number(n.rules, value, *static_cast<decltype(zero)*>(out));
      });
    case type_kind::text:
      return decode_text(n.rules, value, *static_cast<text*>(out), memory);
    case type_kind::enumeration:
      return decode_enumeration(*n.type, value, out);
    case type_kind::optional:
      return decode(*n.inner, value, n.type->emplace(out), memory, nullptr);
    case type_kind::array:
      if (n.inner) return decode_elements(n, value, out, memory);
      return visit_dtype(n.type->element, [&](auto zero) {
        return decode_array<decltype(zero)>(n.rules, value, out, memory);
      });
    case type_kind::numbers:
      return decode_numbers(n.rules, value, *static_cast<numbers*>(out), memory);
    case type_kind::matrix:
      return visit_dtype(n.type->element, [&](auto zero) {
        return decode_matrix(n.rules, value, *static_cast<matrix<decltype(zero)>*>(out), memory);
      });
    case type_kind::graph:
      return decode_graph(n.rules, value, *static_cast<csr_graph*>(out), memory);
    case type_kind::bounded_text:
      return decode_bounded_text(n, value, out);
    case type_kind::bounded_array:
      return decode_bounded_array(n, value, out, memory);
    case type_kind::structure:
      break;
  }
  structure_decoder decoder{n, out, memory};
  if (auto decoded = decoder.decode(value); !decoded) return decoded;
  if (params_used != nullptr) decoder.append_defaults(*params_used);
  return {};
}

}  // namespace kernd
