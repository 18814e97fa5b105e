#pragma once

#include <cstdint>
#include <string_view>

namespace kernd::http {

/// What became of one request. The views are valid during the call only.
struct access_record {
  std::string_view method;    ///< `_OTHER` for an unknown or unread one.
  std::string_view route;     ///< The route's label, or `unmatched`.
  unsigned status;            ///< 499 when the client went away before the answer.
  std::string_view code;      ///< The problem's `code`; empty when none.
  std::uint64_t bytes_in;     ///< Head and body, as received.
  std::uint64_t bytes_out;    ///< Head and body, as sent.
  std::uint64_t duration_us;  ///< From the request's first byte to the answer's last.
  std::string_view request_id;
  std::string_view trace_id;
  std::string_view parent_span_id;
  std::string_view tenant_id;
  std::string_view peer;        ///< The client's address, without port.
  std::string_view error_text;  ///< Internal detail that the client was not told.
};

/// Where the front end reports every request. Outlives it.
class access_log {
 public:
  virtual ~access_log() = default;
  /// Called on the event loops, several at a time; does not block.
  virtual void record(const access_record& r) noexcept = 0;
};

}  // namespace kernd::http
