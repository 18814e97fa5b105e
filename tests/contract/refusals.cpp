#include "contract/refusals.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <limits>
#include <stdexcept>
#include <string_view>
#include <type_traits>
#include <utility>

namespace kernd::test {

namespace {

/// A value and where it is wrong, from the value on.
struct bad_value {
  std::string text;
  std::string pointer = {};
};
using bad_values = std::vector<bad_value>;

template <class T>
std::string text_of(T value) {
  std::array<char, 64> text;
  return {text.begin(), std::to_chars(text.begin(), text.end(), value).ptr};
}

/// The number of type T that is next to `bound` on the side of `towards`.
template <class T>
std::string just_beyond(double bound, double towards) {
  const T nearest = static_cast<T>(bound);
  if constexpr (std::is_integral_v<T>) {
    return std::to_string(static_cast<long long>(nearest) + (towards > 0 ? 1 : -1));
  } else {
    const bool is_beyond = towards > 0 ? double{nearest} > bound : double{nearest} < bound;
    return text_of(is_beyond ? nearest : std::nextafter(nearest, static_cast<T>(towards)));
  }
}

/// Beyond what T holds: one more in the last digit, which is a 9 for no type.
template <class T>
std::vector<std::string> beyond_type() {
  if constexpr (std::is_floating_point_v<T>) {
    const std::string huge = sizeof(T) == 4 ? "3.4028236e38" : "1.7976931348623159e308";
    return {huge, "-" + huge, "NaN", "Infinity", "-Infinity"};
  } else {
    std::string above = std::to_string(std::numeric_limits<T>::max());
    std::string below =
        std::is_signed_v<T> ? std::to_string(std::numeric_limits<T>::lowest()) : "-0";
    ++above.back();
    ++below.back();
    return {above, below, "0.5", "1e0"};
  }
}

bad_values bad_numbers(dtype type, const field_info& rules) {
  bad_values result;
  visit_dtype(type, [&](auto zero) {
    using T = decltype(zero);
    constexpr double infinity = std::numeric_limits<double>::infinity();
    if (rules.min) result.push_back({just_beyond<T>(*rules.min, -infinity)});
    if (rules.max) result.push_back({just_beyond<T>(*rules.max, infinity)});
    for (auto& text : beyond_type<T>()) result.push_back({std::move(text)});
  });
  for (const char* text : {"null", "true", R"("1")", "[]", "{}"}) result.push_back({text});
  return result;
}

std::string good_number(const field_info& rules) {
  return text_of(rules.min.value_or(rules.max.value_or(1)));
}

bad_values bad_arrays(const bad_values& elements, const std::string& good,
                      const field_info& rules) {
  bad_values result;
  for (const auto& [text, pointer] : elements) {
    result.push_back({"[" + good + "," + text + "]", "/1" + pointer});
  }
  if (rules.min_size.value_or(0) > 0) {
    std::string few;
    for (std::size_t i = 1; i < *rules.min_size; ++i) few += (i > 1 ? "," : "") + good;
    result.push_back({"[" + few + "]"});
  }
  return result;
}

bad_values bad_matrices(dtype type, const field_info& rules) {
  const std::string good = good_number(rules);
  bad_values result = {
      {"[[" + good + "," + good + "],[" + good + "]]", "/1"},
      {"[[" + good + "]," + good + "]", "/1"},
      {R"({"shape":[1,2],"data":[)" + good + "]}", "/data"},
      {R"({"shape":[1],"data":[)" + good + "]}", "/shape"},
      {R"({"shape":[-1,1],"data":[]})", "/shape/0"},
      {R"({"shape":[4294967296,4294967296],"data":[]})", "/data"},
      {R"({"shape":[0,1048577],"data":[]})", "/shape/1"},
      {R"({"shape":[0,0]})", "/data"},
      {R"({"data":[]})", "/shape"},
  };
  for (const auto& [text, pointer] : bad_numbers(type, rules)) {
    result.push_back({"[[" + good + "," + text + "]]", "/0/1" + pointer});
    result.push_back(
        {R"({"shape":[1,2],"data":[)" + good + "," + text + "]}", "/data/1" + pointer});
  }
  if (rules.min_size.value_or(0) > 0) {
    for (const char* text : {"[]", "[[]]", R"({"shape":[0,0],"data":[]})"})
      result.push_back({text});
  }
  return result;
}

bad_values bad_graphs(const field_info& rules) {
  bad_values result = {
      {R"({"num_nodes":2,"edges":[[0,2]]})", "/edges/0/1"},
      {R"({"num_nodes":2,"edges":[[0,1],[2,0]]})", "/edges/1/0"},
      {R"({"num_nodes":2,"edges":[[-1,0]]})", "/edges/0/0"},
      {R"({"num_nodes":2,"edges":[[0,1,1]]})", "/edges/0"},
      {R"({"num_nodes":2,"edges":[[0,1]],"weights":[1,1]})", "/weights"},
      {R"({"num_nodes":2,"edges":[],"col_indices":[]})", "/col_indices"},
      {R"({"num_nodes":2,"row_offsets":[0,1],"col_indices":[0]})", "/row_offsets"},
      {R"({"num_nodes":2,"row_offsets":[1,1,1],"col_indices":[0]})", "/row_offsets/0"},
      {R"({"num_nodes":2,"row_offsets":[0,2,1],"col_indices":[0]})", "/row_offsets/2"},
      {R"({"num_nodes":2,"row_offsets":[0,1,2],"col_indices":[0]})", "/col_indices"},
      {R"({"num_nodes":2,"row_offsets":[0,1,1],"col_indices":[2]})", "/col_indices/0"},
      {R"({"num_nodes":2,"row_offsets":[0,0,1],"col_indices":[0],"weights":[]})", "/weights"},
      {R"({"num_nodes":1,"row_offsets":[0,0],"col_indices":[],"directed":true})", "/directed"},
      {R"({"num_nodes":1,"row_offsets":[0,0],"col_indices":[],"edges":[]})", "/edges"},
      {R"({"num_nodes":1,"row_offsets":[0,0]})", "/col_indices"},
      {R"({"num_nodes":1})", ""},
      {R"({"num_nodes":-1,"edges":[]})", "/num_nodes"},
      {R"({"num_nodes":4294967296,"edges":[]})", "/num_nodes"},
      {R"({"edges":[]})", "/num_nodes"},
  };
  for (const auto& [text, pointer] : bad_numbers(dtype::f32, rules)) {
    result.push_back(
        {R"({"num_nodes":1,"edges":[[0,0]],"weights":[)" + text + "]}", "/weights/0" + pointer});
    result.push_back(
        {R"({"num_nodes":1,"row_offsets":[0,1],"col_indices":[0],"weights":[)" + text + "]}",
         "/weights/0" + pointer});
  }
  return result;
}

bad_values bad_enumerators(const type_info& type) {
  std::string name{type.enumerators.front().name};
  bad_values result = {{R"("no-such-name")"}, {R"("")"}, {"0"}, {"\"" + name + " \""}};
  name[0] = static_cast<char>(name[0] - 'a' + 'A');
  result.push_back({"\"" + name + "\""});
  return result;
}

bad_values bad_values_of(const type_info& type, const field_info& rules) {
  switch (type.kind) {
    case type_kind::boolean:
      return {{"0"}, {"1"}, {R"("true")"}, {"null"}};
    case type_kind::number:
      return bad_numbers(type.element, rules);
    case type_kind::enumeration:
      return bad_enumerators(type);
    case type_kind::optional:
      return bad_values_of(*type.inner, rules);
    case type_kind::array:
      if (type.inner == nullptr) {
        return bad_arrays(bad_numbers(type.element, rules), good_number(rules), rules);
      }
      if (type.inner->kind == type_kind::enumeration) {
        const std::string good = "\"" + std::string{type.inner->enumerators.front().name} + "\"";
        return bad_arrays(bad_enumerators(*type.inner), good, rules);
      }
      break;
    case type_kind::bounded_text:
      return {{"7"}, {"null"}, {"[]"}, {"\"" + std::string(type.limit + 1, 'x') + "\""}};
    case type_kind::matrix:
      return bad_matrices(type.element, rules);
    case type_kind::graph:
      return bad_graphs(rules);
    default:
      break;
  }
  throw std::logic_error("no shipped kernel had a member of this type: say here what is bad");
}

/// The dtypes that a kernel offers for its `numbers`, by their names.
std::vector<std::pair<std::string_view, dtype>> dtypes_of(const type_info& input) {
  constexpr std::pair<std::string_view, dtype> all[] = {
      {"f32", dtype::f32}, {"f64", dtype::f64}, {"i32", dtype::i32}, {"i64", dtype::i64},
      {"u32", dtype::u32}, {"u64", dtype::u64}, {"u8", dtype::u8}};
  std::vector<std::pair<std::string_view, dtype>> result;
  for (const member_info& member : input.members) {
    if (member.name != "dtype") continue;
    for (const auto& [name, value] : member.type->enumerators) {
      for (const auto& known : all) {
        if (known.first == name) result.push_back(known);
      }
    }
  }
  return result;
}

template <class F>
void for_each_field_of_input(const kernel& kernel, F visit) {
  for (const field_info& rules : kernel.info.fields) {
    if (rules.owner == kernel.input) visit(kernel.input->members[rules.member], rules);
  }
}

}  // namespace

std::vector<forbidden> forbidden_values(const kernel& kernel) {
  std::vector<forbidden> result;
  for_each_field_of_input(kernel, [&](const member_info& member, const field_info& rules) {
    const std::string name{member.name};
    const auto add = [&](const bad_values& values, std::string_view dtype) {
      for (const auto& [text, pointer] : values) {
        result.push_back({name, text, "/" + name + pointer, std::string{dtype}});
      }
    };
    if (member.type->kind != type_kind::numbers) return add(bad_values_of(*member.type, rules), "");
    for (const auto& [dtype, type] : dtypes_of(*kernel.input)) {
      add(bad_arrays(bad_numbers(type, rules), good_number(rules), rules), dtype);
    }
  });
  return result;
}

std::vector<forbidden> extreme_values(const kernel& kernel) {
  std::vector<forbidden> result;
  for_each_field_of_input(kernel, [&](const member_info& member, const field_info& rules) {
    const type_info& type =
        member.type->kind == type_kind::optional ? *member.type->inner : *member.type;
    for (const auto& bound : {rules.min, rules.max}) {
      if (!bound) continue;
      const bool is_integer = type.kind == type_kind::number && type.element != dtype::f32 &&
                              type.element != dtype::f64;
      const std::string number = is_integer ? text_of(std::llround(*bound)) : text_of(*bound);
      const std::string name{member.name};
      const std::string value =
          type.kind == type_kind::array    ? "[" + number + "]"
          : type.kind == type_kind::matrix ? "[[" + number + "]]"
          : type.kind == type_kind::graph
              ? R"({"num_nodes":1,"edges":[[0,0]],"weights":[)" + number + "]}"
              : number;
      result.push_back({name, value, "/" + name});
    }
  });
  return result;
}

}  // namespace kernd::test
