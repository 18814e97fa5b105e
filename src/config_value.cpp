#include "kernd/config_keys.hpp"

#include <charconv>
#include <cmath>

namespace kernd {
namespace {

/// For `std::visit` with one lambda per alternative.
template <class... F>
struct overload : F... {
  using F::operator()...;
};
template <class... F>
overload(F...) -> overload<F...>;  // clang 14 does not deduce aggregates

template <class Number>
std::optional<config_value> parse_number(std::string_view text) {
  Number number{};
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> items;
  if (trim(text).empty()) return items;
  for (;;) {
    const auto comma = text.find(',');
    items.emplace_back(trim(text.substr(0, comma)));
    if (comma == std::string_view::npos) return items;
    text.remove_prefix(comma + 1);
  }
}

std::string number_text(double number) {
  char buffer[32];
  const auto [end, failed] = std::to_chars(buffer, buffer + sizeof buffer, number);
  std::string text{buffer, end};
  if (text.find_first_of(".en") == std::string::npos) text += ".0";  // TOML tells 1 from 1.0.
  return text;
}

std::string quoted(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string result = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      result += {'\\', c};
    } else if (byte < 0x20 || byte == 0x7f) {
      result += {'\\', 'u', '0', '0', digits[byte >> 4], digits[byte & 15]};
    } else {
      result += c;
    }
  }
  return result += '"';
}

}  // namespace

bool accepts(const config_key& key, const config_value& value) {
  const auto within = [&]<class T>(const auto& range) {
    const auto* number = std::get_if<T>(&value);
    return number != nullptr && *number >= range.min && *number <= range.max;
  };
  return std::visit(
      overload{[&](std::monostate) { return std::holds_alternative<bool>(value); },
               [&](const integer_range& r) { return within.template operator()<std::int64_t>(r); },
               [&](const number_range& r) { return within.template operator()<double>(r); },
               [&](const one_of& r) {
                 const auto* text = std::get_if<std::string>(&value);
                 if (text == nullptr) return false;
                 for (const auto name : r.names) {
                   if (name == *text) return true;
                 }
                 return false;
               },
               [&](const text_rule& r) {
                 const auto* text = std::get_if<std::string>(&value);
                 return text != nullptr && r.accepts(*text);
               },
               [&](const list_of& r) {
                 const auto* items = std::get_if<std::vector<std::string>>(&value);
                 if (items == nullptr) return false;
                 for (const auto& item : *items) {
                   if (!r.item.accepts(item)) return false;
                 }
                 return true;
               }},
      key.range);
}

std::string expectation(const config_key& key) {
  return std::visit(
      overload{[](std::monostate) -> std::string { return "true or false"; },
               [](const integer_range& r) {
                 return "an integer from " + std::to_string(r.min) + " to " + std::to_string(r.max);
               },
               [](const number_range& r) {
                 return "a number from " + number_text(r.min) + " to " + number_text(r.max);
               },
               [](const one_of& r) {
                 std::string text = "one of ";
                 for (const auto name : r.names) {
                   if (name != r.names.front()) text += ", ";
                   text += name;
                 }
                 return text;
               },
               [](const text_rule& r) { return std::string{r.says}; },
               [](const list_of& r) { return "a list, each " + std::string{r.item.says}; }},
      key.range);
}

std::optional<config_value> parse_value(const config_key& key, std::string_view text) {
  using parsed = std::optional<config_value>;
  return std::visit(overload{[&](std::monostate) -> parsed {
                               if (text == "true") return true;
                               if (text == "false") return false;
                               return std::nullopt;
                             },
                             [&](const integer_range&) { return parse_number<std::int64_t>(text); },
                             [&](const number_range&) { return parse_number<double>(text); },
                             [&](const one_of&) -> parsed { return std::string{text}; },
                             [&](const text_rule&) -> parsed { return std::string{text}; },
                             [&](const list_of&) -> parsed { return split(text); }},
                    key.range);
}

std::string to_toml(const config_value& value) {
  return std::visit(overload{[](bool b) -> std::string { return b ? "true" : "false"; },
                             [](std::int64_t i) { return std::to_string(i); },
                             [](double d) { return number_text(d); },
                             [](const std::string& s) { return quoted(s); },
                             [](const std::vector<std::string>& items) {
                               std::string text = "[";
                               for (std::size_t i = 0; i < items.size(); ++i) {
                                 text += (i == 0 ? "" : ", ") + quoted(items[i]);
                               }
                               return text += "]";
                             }},
                    value);
}

}  // namespace kernd
