#include "kernd/codec.hpp"

#include "src/codec_node.hpp"
#include "src/codec_numbers.hpp"
#include "src/json_value.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace kernd {

namespace {

const field_info& rules_of(const type_info& owner, std::size_t member,
                           std::span<const field_info> fields) {
  const auto found = std::find_if(fields.begin(), fields.end(), [&](const field_info& f) {
    return f.owner == &owner && f.member == member;
  });
  if (found == fields.end() || found->doc.empty()) {
    throw std::logic_error("member '" + std::string{owner.members[member].name} +
                           "' has no field entry with a doc in info()");
  }
  return *found;
}

bool has_default(const type_info& type) {
  return type.kind == type_kind::number || type.kind == type_kind::boolean ||
         type.kind == type_kind::enumeration;
}

bool is_dtype_name(std::string_view name) {
  const auto& dtypes = describe<dtype>().enumerators;
  return std::any_of(dtypes.begin(), dtypes.end(), [&](const auto& d) { return d.name == name; });
}

std::size_t index_of_dtype(const type_info& owner) {
  for (std::size_t i = 0; i < owner.members.size(); ++i) {
    const type_info& type = *owner.members[i].type;
    if (owner.members[i].name != "dtype") continue;
    if (type.kind != type_kind::enumeration) throw std::logic_error("member 'dtype' is no enum");
    for (const enumerator_info& e : type.enumerators) {
      if (!is_dtype_name(e.name)) {
        throw std::logic_error("the 'dtype' enum names '" + std::string{e.name} + "', no dtype");
      }
    }
    return i;
  }
  return codec_steps::member::no_dtype;
}

const type_info& without_optional(const type_info& type) {
  return type.kind == type_kind::optional ? *type.inner : type;
}

const type_info& innermost(const type_info& type) {
  return type.inner == nullptr ? type : innermost(*type.inner);
}

bool holds_numbers(type_kind kind) {
  return kind == type_kind::number || kind == type_kind::numbers || kind == type_kind::array ||
         kind == type_kind::matrix || kind == type_kind::graph || kind == type_kind::bounded_array;
}

bool has_size(type_kind kind) {
  return kind == type_kind::text || kind == type_kind::bounded_text ||
         (holds_numbers(kind) && kind != type_kind::number);
}

/// Refuses what no wire form exists for and rules that nothing would enforce. Null when all is
/// well.
const char* fault_of(const type_info& type, const field_info& rules) {
  for (const type_info* inner = type.inner; inner != nullptr; inner = inner->inner) {
    if (inner->kind == type_kind::optional) return "holds an optional inside an optional or array";
  }
  if (type.inner != nullptr && innermost(type).kind == type_kind::numbers) {
    return "has numbers inside an optional or an array, where no dtype names their type";
  }
  if ((rules.min || rules.max) && !holds_numbers(innermost(type).kind)) {
    return "has a range but no numbers";
  }
  if (rules.min_size && !has_size(without_optional(type).kind)) return "has min_size but no size";
  if (type.kind == type_kind::optional && rules.required.value_or(false)) {
    return "is optional and required";
  }
  return nullptr;
}

}  // namespace

/// Joins types and rules, once, when a kernel is registered.
struct codec_builder {
  std::span<const field_info> fields;
  bool has_defaults = true;

  codec_steps::node build(const type_info& type, const field_info& rules) const {
    codec_steps::node n{&type, rules, {}, nullptr};
    if (type.inner != nullptr) {
      field_info inner_rules = rules;
      if (type.kind != type_kind::optional) inner_rules.min_size.reset();  // said of the outer one
      n.inner = std::make_unique<const codec_steps::node>(build(*type.inner, inner_rules));
    }
    for (std::size_t i = 0; i < type.members.size(); ++i) {
      n.members.push_back(build_member(type, i));
    }
    return n;
  }

  codec_steps::member build_member(const type_info& owner, std::size_t index) const {
    const member_info& m = owner.members[index];
    const field_info& rules = rules_of(owner, index, fields);
    if (const char* const fault = fault_of(*m.type, rules)) {
      throw std::logic_error("member '" + std::string{m.name} + "' " + fault);
    }
    codec_steps::member result{
        .name = m.name,
        .offset = m.offset,
        .value = build(*m.type, rules),
        .required = m.type->kind != type_kind::optional &&
                    (!has_defaults || rules.required.value_or(!has_default(*m.type))),
        .default_text = {}};
    if (m.type->kind == type_kind::numbers) result.dtype_member = index_of_dtype(owner);
    if (!result.required && has_default(*m.type)) result.default_text = default_text(owner, result);
    return result;
  }

  static std::string default_text(const type_info& owner, const codec_steps::member& m) {
    arena memory{1 << 20};
    void* const value = memory.allocate_bytes(owner.size_bytes);
    owner.construct(value);
    text_buffer text;
    text.append("\"" + std::string{m.name} + "\":");
    auto encoded = codec_steps::encode(m.value, at_offset(value, m.offset), text, memory);
    if (encoded && m.value.type->kind == type_kind::number) {
      encoded = visit_dtype(m.value.type->element, [&](auto zero) {
        const void* const number = at_offset(static_cast<const void*>(value), m.offset);
        return check_range(m.value.rules, *static_cast<const decltype(zero)*>(number));
      });
    }
    if (!encoded) {
      throw std::logic_error("member '" + std::string{m.name} +
                             "' has a default that its own rules refuse");
    }
    return std::string{text.view()};
  }
};

codec_steps::node wire_node(const type_info& type, std::span<const field_info> fields) {
  return codec_builder{fields}.build(type, {});
}

codec::codec(const type_info& type, std::span<const field_info> fields, direction which)
    : root_{std::make_unique<const node>(
          codec_builder{fields, which == direction::input}.build(type, {}))} {}
codec::codec(codec&&) noexcept = default;
codec& codec::operator=(codec&&) noexcept = default;
codec::~codec() = default;

const type_info& codec::type() const noexcept {
  return *root_->type;
}

result<void> codec::decode(json_value& value, void* out, arena& memory,
                           std::string& params_used) const {
  return codec_steps::decode(*root_, value, out, memory, &params_used);
}

result<void> codec::decode(std::string_view json, void* out, arena& memory) const {
  constexpr std::size_t max_depth = 64;
  const text_buffer text{json};
  json_reader reader{max_depth};
  const auto decode_root = [&](simdjson::ondemand::document& document,
                               simdjson::error_code failure) -> result<void> {
    simdjson::ondemand::value root;
    const auto opened = failure ? failure : document.get_value().get(root);
    if (opened == simdjson::SCALAR_DOCUMENT_AS_VALUE) {
      return refuse(errc::invalid_input, "object", "a single value");
    }
    if (opened) return error{errc::invalid_json, "not JSON"};
    json_value value{root, nullptr};
    auto decoded = codec_steps::decode(*root_, value, out, memory, nullptr);
    if (decoded && !at_end(document)) return error{errc::invalid_json, "text after the value"};
    return decoded;
  };
  auto decoded = read_document(reader.parser(), text.view(), decode_root);
  if (!decoded) return explain(std::move(decoded).error(), text.view(), max_depth);
  return {};
}

result<void> codec::encode(const void* value, text_buffer& out, arena& memory) const {
  return codec_steps::encode(*root_, value, out, memory);
}

nlohmann::ordered_json codec::schema() const {
  auto document = codec_steps::schema(*root_);
  document["$schema"] = "https://json-schema.org/draft/2020-12/schema";
  return document;
}

std::string_view dtype_name(dtype d) {
  const auto& names = describe<dtype>().enumerators;
  return names[static_cast<std::size_t>(d)].name;
}

const enumerator_info* held_enumerator(const type_info& type, const void* at) {
  for (const enumerator_info& e : type.enumerators) {
    // Little-endian: the low bytes come first, and they are all that the enum has.
    if (std::memcmp(&e.value, at, type.size_bytes) == 0) return &e;
  }
  return nullptr;
}

void store_enum(const type_info& type, void* at, std::int64_t value) {
  std::memcpy(at, &value, type.size_bytes);
}

dtype dtype_of_member(const type_info& type, const void* member) {
  const enumerator_info* const held = held_enumerator(type, member);
  for (const enumerator_info& d : describe<dtype>().enumerators) {
    if (held != nullptr && d.name == held->name) return static_cast<dtype>(d.value);
  }
  return dtype::f32;
}

}  // namespace kernd
