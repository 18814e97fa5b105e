#pragma once

#include "kernd/error.hpp"
#include "kernd/text_buffer.hpp"

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kernd::http {

/// One HTTP response. The session adds Date, Content-Length, X-Request-ID, CORS and Connection.
struct response {
  unsigned status = 200;
  std::string_view content_type = "application/json";  ///< A literal.
  std::vector<std::pair<std::string_view, std::string>>
      headers;                      ///< Further ones; names are literals.
  std::array<text_buffer, 3> body;  ///< Sent one after the other, without copying.
  std::string_view code;            ///< The problem's `code` for log and metrics; empty when none.
  std::string internal;             ///< What only the log may know, such as what a kernel threw.
};

/// `body` as JSON with status 200 or another.
response json_response(std::string_view body, unsigned status = 200);

/// Appends `value` as a JSON string; what is not UTF-8 in it, such as what a client sent, is
/// replaced. Throws `std::bad_alloc`.
void append_quoted(text_buffer& out, std::string_view value);

}  // namespace kernd::http
