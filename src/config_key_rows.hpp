#pragma once

#include "kernd/config_keys.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

// What the rows of the table of keys are made with.

namespace kernd {

namespace key_rows {

using list = std::vector<std::string>;

inline constexpr bool reloadable = true;
inline constexpr bool needs_restart = false;

inline constexpr std::int64_t kib = std::int64_t{1} << 10;
inline constexpr std::int64_t mib = kib << 10;
inline constexpr std::int64_t gib = mib << 10;
inline constexpr std::int64_t tib = gib << 10;
inline constexpr std::int64_t hour_ms = 3'600'000;
inline constexpr std::int64_t day_ms = 24 * hour_ms;

template <class T>
concept duration_type = requires {
  typename T::period;
};

template <class Enum>
constexpr std::span<const std::string_view> names_of() {
  if constexpr (std::is_same_v<Enum, log_level>) {
    return log_level_names;
  } else if constexpr (std::is_same_v<Enum, gpu_use>) {
    return gpu_use_names;
  } else {
    return log_format_names;
  }
}

template <class T>
config_value to_value(const T& member) {
  if constexpr (std::is_enum_v<T>) {
    return std::string{names_of<T>()[static_cast<std::size_t>(member)]};
  } else if constexpr (duration_type<T>) {
    return std::int64_t{member.count()};
  } else if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) {
    return static_cast<std::int64_t>(member);
  } else {
    return member;
  }
}

template <class T>
void from_value(T& member, const config_value& value) {
  if constexpr (std::is_enum_v<T>) {
    const auto names = names_of<T>();
    member = static_cast<T>(std::ranges::find(names, std::get<std::string>(value)) - names.begin());
  } else if constexpr (duration_type<T>) {
    member = T{std::get<std::int64_t>(value)};
  } else if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) {
    member = static_cast<T>(std::get<std::int64_t>(value));
  } else {
    member = std::get<T>(value);
  }
}

/// Adds the rows of one section.
template <auto Section>
struct section_table {
  std::vector<config_key>& keys;

  template <auto Member>
  void add(std::string_view name, config_range range, bool may_reload,
           std::array<config_value, 4> presets, std::string_view doc) {
    keys.push_back({name, doc, range, may_reload, std::move(presets),
                    [](const config& c) { return to_value(c.*Section.*Member); },
                    [](config& c, const config_value& v) { from_value(c.*Section.*Member, v); }});
  }
};

inline std::array<config_value, 4> same(const config_value& value) {
  return {value, value, value, value};
}

/// Whether `text` has only lower-case letters, digits and the characters of `more`.
inline bool consists_of(std::string_view text, std::string_view more) {
  return std::ranges::all_of(text, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           more.find(c) != std::string_view::npos;
  });
}

}  // namespace key_rows

/// The rows of one section each.
void add_ring_keys(std::vector<config_key>& keys);
void add_gpu_keys(std::vector<config_key>& keys);

}  // namespace kernd
