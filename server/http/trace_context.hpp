#pragma once

#include <optional>
#include <string_view>

namespace kernd::http {

/// The ids of a W3C `traceparent`; views into it.
struct trace_context {
  std::string_view trace_id;  ///< 32 lower-case hex digits, not all zero.
  std::string_view span_id;   ///< 16 lower-case hex digits, not all zero.
};

/// Version 00 only, strictly; nothing for anything malformed.
std::optional<trace_context> parse_traceparent(std::string_view value) noexcept;

}  // namespace kernd::http
