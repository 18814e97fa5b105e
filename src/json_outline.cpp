#include "src/json_outline.hpp"

#include <algorithm>

namespace kernd {

namespace {

constexpr std::size_t long_bytes = 64 * 1024;
constexpr std::string_view placeholder = "[?]";

bool is_mark(char c) {
  return c == '"' || c == '[' || c == ']' || c == '{';
}

/// The first of `"`, `[`, `]`, `{` from `at` on, or the end. In strides, of which the compiler
/// compares many bytes at a time.
std::size_t find_mark(std::string_view text, std::size_t at) {
  constexpr std::size_t stride = 64;
  while (at + stride <= text.size()) {
    unsigned char found = 0;
    for (std::size_t i = 0; i < stride; ++i) {
      const char c = text[at + i];
      found |= static_cast<unsigned char>((c == '"') | (c == '[') | (c == ']') | (c == '{'));
    }
    if (found != 0) break;
    at += stride;
  }
  while (at < text.size() && !is_mark(text[at])) ++at;
  return at;
}

/// Behind the string that opens at `at`.
std::size_t skip_string(std::string_view text, std::size_t at) {
  for (++at; at < text.size(); ++at) {
    if (text[at] == '"') return at + 1;
    if (text[at] == '\\') ++at;
  }
  return text.size();
}

/// What stands inside the arrays of `text` that are long and hold neither strings nor lists.
std::vector<std::string_view> find_long_arrays(std::string_view text) {
  std::vector<std::string_view> found;
  std::size_t at = find_mark(text, 0);
  while (at < text.size()) {
    if (text[at] == '"') {
      at = find_mark(text, skip_string(text, at));
      continue;
    }
    const std::size_t next = find_mark(text, at + 1);
    if (text[at] == '[' && next < text.size() && text[next] == ']' && next - at > long_bytes) {
      found.push_back(text.substr(at + 1, next - at - 1));
    }
    at = next;
  }
  return found;
}

}  // namespace

json_outline::json_outline(std::string_view whole) {
  if (whole.size() < long_bytes) return;
  const auto found = find_long_arrays(whole);
  std::size_t left_out = 0;
  for (const std::string_view inside : found) left_out += inside.size();
  if (left_out < whole.size() / 2) return;  // the outline would be as long as the text
  const char* from = whole.data();
  for (const std::string_view inside : found) {
    text_.append({from, inside.data() - 1});
    arrays_.push_back({text_.size(), inside});
    text_.append(placeholder);
    from = inside.data() + inside.size() + 1;
  }
  text_.append({from, whole.data() + whole.size()});
}

std::optional<std::string_view> json_outline::long_array_at(const char* place) const noexcept {
  const auto offset = static_cast<std::size_t>(place - text_.data());
  const auto found = std::ranges::lower_bound(arrays_, offset, {}, &long_array::place);
  if (found == arrays_.end() || found->place != offset) return std::nullopt;
  return found->inside;
}

}  // namespace kernd
