#include "config_key_depth.hpp"

#include <algorithm>

namespace kernd {
namespace {

/// Behind the string that opens at `at`, or at the end of what it can reach.
std::size_t skip_string(std::string_view text, std::size_t at) {
  const char quote = text[at];
  const std::string_view three = quote == '"' ? R"(""")" : "'''";
  const bool is_long = text.substr(at).starts_with(three);
  const std::string_view end = is_long ? three : three.substr(0, 1);
  at += end.size();
  while (at < text.size() && !text.substr(at).starts_with(end)) {
    if (text[at] == '\n' && !is_long) return at;
    at += quote == '"' && text[at] == '\\' ? 2 : 1;
  }
  return std::min(at + end.size(), text.size());
}

}  // namespace

std::size_t line_of_deep_key(std::string_view text, std::size_t most) {
  constexpr std::string_view ends_of_keys = "=,[]{}\n";
  std::size_t at = 0, parts = 1;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '#') {
      at = std::min(text.find('\n', at), text.size());
    } else if (c == '"' || c == '\'') {
      at = skip_string(text, at);
    } else {
      if (ends_of_keys.find(c) != ends_of_keys.npos) parts = 1;
      if (c == '.' && ++parts > most) {
        return static_cast<std::size_t>(1 + std::count(text.begin(), text.begin() + at, '\n'));
      }
      ++at;
    }
  }
  return 0;
}

}  // namespace kernd
