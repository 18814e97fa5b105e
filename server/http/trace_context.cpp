#include "server/http/trace_context.hpp"

#include <algorithm>

namespace kernd::http {
namespace {

bool is_lower_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_id(std::string_view text) {
  return is_lower_hex(text) && text.find_first_not_of('0') != text.npos;
}

}  // namespace

std::optional<trace_context> parse_traceparent(std::string_view value) noexcept {
  constexpr std::string_view shape = "00-________________________________-________________-__";
  if (value.size() != shape.size() || !value.starts_with("00-")) return std::nullopt;
  if (value[35] != '-' || value[52] != '-') return std::nullopt;

  const trace_context found{value.substr(3, 32), value.substr(36, 16)};
  if (!is_id(found.trace_id) || !is_id(found.span_id)) return std::nullopt;
  if (!is_lower_hex(value.substr(53))) return std::nullopt;
  return found;
}

}  // namespace kernd::http
