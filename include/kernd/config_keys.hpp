#pragma once

#include "kernd/config.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace kernd {

/// The value of any key, as a file holds it: durations are counts of the unit in the key's name,
/// enumerators are their names.
using config_value =
    std::variant<bool, std::int64_t, double, std::string, std::vector<std::string>>;

struct integer_range {
  std::int64_t min, max;
};
struct number_range {
  double min, max;
};
struct one_of {
  std::span<const std::string_view> names;
};
/// A string, or each string of a list, that `accepts` accepts; `says` finishes "expected …".
struct text_rule {
  std::string_view says;
  bool (*accepts)(std::string_view);
};
struct list_of {
  text_rule item;
};

/// What a key accepts; the alternative is its type, and `std::monostate` is a boolean.
using config_range =
    std::variant<std::monostate, integer_range, number_range, one_of, text_rule, list_of>;

/// Named sets of defaults. `development` is what a default-constructed `config` holds.
enum class preset : std::uint8_t { development, production, high_performance, testing };
inline constexpr std::array<std::string_view, 4> preset_names = {"development", "production",
                                                                 "high_performance", "testing"};

/// One row of the table that files, environment, flags, printing and reloading are driven by.
struct config_key {
  std::string_view name;  ///< `section.key`.
  std::string_view doc;   ///< One sentence.
  config_range range;
  bool reloadable;                      ///< A running daemon can change it.
  std::array<config_value, 4> presets;  ///< Indexed by `preset`.
  config_value (*get)(const config&);
  void (*set)(config&, const config_value&);  ///< Precondition: `accepts(key, value)`.

  [[nodiscard]] std::string_view section() const { return name.substr(0, name.find('.')); }
  /// The name inside the section.
  [[nodiscard]] std::string_view leaf() const { return name.substr(name.find('.') + 1); }
  /// `KERND_SECTION__KEY`.
  [[nodiscard]] std::string environment_name() const;
};

/// All keys, section by section, in the order of the reference file.
std::span<const config_key> config_keys();
/// Null when there is no such key.
const config_key* find_config_key(std::string_view name);
/// What a mistyped `section.key`, or a key in the wrong section or in none, was meant to be; null
/// when nothing is close.
const config_key* closest_config_key(std::string_view name);

/// Whether `value` has the key's type and lies in its range.
bool accepts(const config_key& key, const config_value& value);
/// What the key accepts, to finish "expected …": `an integer from 0 to 65535`.
std::string expectation(const config_key& key);
/// Reads `text` as a flag or the environment gives it; lists are separated by commas. Nothing when
/// it does not have the key's type; the range is not looked at.
std::optional<config_value> parse_value(const config_key& key, std::string_view text);
/// `value` in TOML's syntax.
std::string to_toml(const config_value& value);

}  // namespace kernd
