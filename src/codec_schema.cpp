#include "src/codec_graph.hpp"
#include "src/codec_node.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <limits>

namespace kernd {

namespace {

using json = nlohmann::ordered_json;
using node = codec_steps::node;

/// A bound as it is written: whole numbers without a fraction, where a double counts them.
json bound(double value) {
  constexpr double exact = 1LL << 53;
  if (std::trunc(value) != value || std::fabs(value) > exact) return value;
  return static_cast<std::int64_t>(value);
}

/// The range of a field, where it is narrower than that of the element's type.
void add_range(const field_info& rules, json& number) {
  if (rules.min && (!number.contains("minimum") || number["minimum"] < *rules.min)) {
    number["minimum"] = bound(*rules.min);
  }
  if (rules.max && (!number.contains("maximum") || number["maximum"] > *rules.max)) {
    number["maximum"] = bound(*rules.max);
  }
}

json number_schema(dtype d, const field_info& rules) {
  json result;
  visit_dtype(d, [&](auto zero) {
    using T = decltype(zero);
    if constexpr (std::is_floating_point_v<T>) {
      result = {{"type", "number"}, {"format", sizeof(T) == 4 ? "float" : "double"}};
    } else {
      result = {{"type", "integer"},
                {"minimum", std::numeric_limits<T>::min()},
                {"maximum", std::numeric_limits<T>::max()}};
    }
  });
  add_range(rules, result);
  return result;
}

json array_schema(json items, const field_info& rules) {
  json result = {{"type", "array"}, {"items", std::move(items)}};
  if (rules.min_size) result["minItems"] = *rules.min_size;
  return result;
}

json text_schema(const field_info& rules) {
  json result = {{"type", "string"}};
  if (rules.min_size) result["minLength"] = *rules.min_size;
  return result;
}

json matrix_schema(const node& n) {
  const json element = number_schema(n.type->element, n.rules);
  const json size = {{"type", "integer"}, {"minimum", 0}};
  json shaped = {{"type", "object"}};
  shaped["properties"]["shape"] = {
      {"type", "array"}, {"items", size}, {"minItems", 2}, {"maxItems", 2}};
  shaped["properties"]["data"] = array_schema(element, n.rules);
  shaped["required"] = {"shape", "data"};
  shaped["additionalProperties"] = false;
  field_info some{};  // elements there must be: then rows and columns too
  if (n.rules.min_size.value_or(0) > 0) some.min_size = 1;
  json result;
  result["oneOf"] = {array_schema(array_schema(element, some), some), shaped};
  return result;
}

/// The elements of `numbers`: what the narrowest and the widest of the dtypes allow is for the
/// codec to check, so the schema says only what holds for all.
json numbers_schema(const node& n) {
  json items = {{"type", "number"}};
  add_range(n.rules, items);
  return array_schema(std::move(items), n.rules);
}

json structure_schema(const node& n) {
  json result = {{"type", "object"}, {"properties", json::object()}};
  json required = json::array();
  for (const auto& m : n.members) {
    json member = codec_steps::schema(m.value);
    member["description"] = m.value.rules.doc;
    if (!m.value.rules.unit.empty()) member["x-unit"] = m.value.rules.unit;
    if (!m.default_text.empty()) {
      member["default"] = json::parse("{" + m.default_text + "}").begin().value();
    }
    if (m.value.rules.varies) member["x-varies"] = true;
    if (m.required) required.push_back(m.name);
    result["properties"][std::string{m.name}] = std::move(member);
  }
  if (!required.empty()) result["required"] = std::move(required);
  result["additionalProperties"] = false;
  return result;
}

}  // namespace

json codec_steps::schema(const node& n) {
  switch (n.type->kind) {
    case type_kind::boolean:
      return {{"type", "boolean"}};
    case type_kind::number:
      return number_schema(n.type->element, n.rules);
    case type_kind::text:
      return text_schema(n.rules);
    case type_kind::enumeration: {
      json names = json::array();
      for (const enumerator_info& e : n.type->enumerators) names.push_back(e.name);
      return {{"type", "string"}, {"enum", std::move(names)}};
    }
    case type_kind::optional:
      return schema(*n.inner);
    case type_kind::array:
      return array_schema(n.inner ? schema(*n.inner) : number_schema(n.type->element, n.rules),
                          n.rules);
    case type_kind::numbers:
      return numbers_schema(n);
    case type_kind::matrix:
      return matrix_schema(n);
    case type_kind::graph:
      return graph_schema(n.rules);
    case type_kind::bounded_text: {
      json result = text_schema(n.rules);
      result["maxLength"] = n.type->limit;  // a character has at least a byte
      result["x-max-bytes"] = n.type->limit;
      return result;
    }
    case type_kind::bounded_array: {
      json result = array_schema(schema(*n.inner), n.rules);
      result["maxItems"] = n.type->limit;
      return result;
    }
    case type_kind::structure:
      break;
  }
  return structure_schema(n);
}

}  // namespace kernd
