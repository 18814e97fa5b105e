#pragma once

#include "src/codec_node.hpp"
#include "src/json_value.hpp"

#include <cfloat>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <type_traits>

/// Numbers from JSON text to memory: the hot loops of the codec.
namespace kernd {

/// The f32 nearest to the decimal text of `value`; `parsed` when the text does not say.
float nearest_f32_of_token(double parsed, simdjson::ondemand::value value);

/// The f32 nearest to the decimal text of `value`, of which `parsed` is the nearest f64. Rounding
/// twice is wrong only for an f64 exactly between two f32 and for subnormals: those go back to the
/// text.
inline float nearest_f32(double parsed, simdjson::ondemand::value value) {
  constexpr std::uint64_t dropped_bits = (std::uint64_t{1} << 29) - 1;
  constexpr std::uint64_t halfway = std::uint64_t{1} << 28;
  std::uint64_t bits = 0;
  std::memcpy(&bits, &parsed, sizeof bits);
  const bool doubtful = (bits & dropped_bits) == halfway || std::fabs(parsed) < double{FLT_MIN};
  if (doubtful && parsed != 0) return nearest_f32_of_token(parsed, value);
  return static_cast<float>(parsed);
}

/// What a reader of the error must write instead, from what they wrote.
error refuse_number(dtype wanted, simdjson::ondemand::value found);

/// `rules.min_size` against the elements of an array, or what else `unit` counts.
result<void> check_size(const field_info& rules, std::size_t size,
                        std::string_view unit = "elements");

/// Opens an array and counts its elements.
result<std::size_t> open_array(simdjson::ondemand::value& value, simdjson::ondemand::array& out);

/// False when `value` is not a number that T holds.
template <number_type T>
[[gnu::always_inline]] inline bool read_number(simdjson::ondemand::value& value, T& out) {
  if constexpr (std::is_same_v<T, double>) {
    return value.get_double().get(out) == simdjson::SUCCESS;
  } else if constexpr (std::is_same_v<T, float>) {
    double wide = 0;
    if (value.get_double().get(wide)) return false;
    out = nearest_f32(wide, value);
    return std::isfinite(out);
  } else if constexpr (std::is_unsigned_v<T>) {
    std::uint64_t wide = 0;
    if (value.get_uint64().get(wide) || wide > std::numeric_limits<T>::max()) return false;
    out = static_cast<T>(wide);
    return true;
  } else {
    std::int64_t wide = 0;
    if (value.get_int64().get(wide) || wide > std::numeric_limits<T>::max() ||
        wide < std::numeric_limits<T>::min()) {
      return false;
    }
    out = static_cast<T>(wide);
    return true;
  }
}

template <number_type T>
std::string print(T value) {
  char text[number_text_bytes];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

/// What T and a bound are compared as. An f32 meets the f32 nearest to the bound, so that whoever
/// sends the bound itself is let in; 64-bit integers are not rounded.
template <number_type T>
using bound_type =
    std::conditional_t<std::is_same_v<T, float>, float,
                       std::conditional_t<std::is_integral_v<T>, long double, double>>;

/// The allowed range of one element, when the field has one.
template <number_type T>
result<void> check_range(const field_info& rules, T value) {
  using bound = bound_type<T>;
  const auto wide = static_cast<bound>(value);
  if (rules.min && wide < static_cast<bound>(*rules.min)) {
    return refuse(errc::invalid_input, "number ≥ " + print(*rules.min), print(value));
  }
  if (rules.max && wide > static_cast<bound>(*rules.max)) {
    return refuse(errc::invalid_input, "number ≤ " + print(*rules.max), print(value));
  }
  return {};
}

template <number_type T>
result<void> check_ranges(const field_info& rules, std::span<const T> values) {
  if (!rules.min && !rules.max) return {};
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (auto checked = check_range(rules, values[i]); !checked) {
      return within(i, std::move(checked).error());
    }
  }
  return {};
}

/// Reads exactly `count` numbers; the caller has counted them.
template <number_type T>
result<void> read_elements(simdjson::ondemand::array& elements, T* out, std::size_t count) {
  std::size_t i = 0;
  for (auto element : elements) {
    simdjson::ondemand::value value;
    if (element.get(value)) return error{errc::invalid_json, "malformed array"};
    if (i == count) return error{errc::invalid_json, "malformed array"};
    if (!read_number(value, out[i])) return within(i, refuse_number(dtype_of<T>, value));
    ++i;
  }
  if (i != count) return error{errc::invalid_json, "malformed array"};
  return {};
}

}  // namespace kernd
