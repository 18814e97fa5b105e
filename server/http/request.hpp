#pragma once

#include "kernd/body_budget.hpp"
#include "kernd/text_buffer.hpp"

#include <boost/asio/ip/address.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kernd::http {

enum class method : std::uint8_t { get, head, post, put, delete_, options, other };
inline constexpr std::size_t method_count = 7;

/// As on the wire; `_OTHER` for `method::other`.
std::string_view name_of(method m) noexcept;

/// Field names compare without regard to case.
bool equal_field_names(std::string_view a, std::string_view b) noexcept;

/// One HTTP request, whole: header and body have been read and checked against the limits.
/// Lives in its session's frame; the views are valid as long as it.
class request {
 public:
  boost::asio::ip::address peer;  ///< Of the connection; stays.
  method verb = method::other;
  std::string_view target;  ///< As sent.
  std::string path;         ///< Decoded for display; routing uses the segments.
  std::vector<std::pair<std::string, std::string>> path_params;  ///< Decoded.
  std::vector<std::pair<std::string, std::string>> query;        ///< Decoded, in order.
  std::string request_id;      ///< The client's when it is sane, else a fresh UUID.
  std::string trace_id;        ///< 32 hex digits of `traceparent`, or empty.
  std::string parent_span_id;  ///< 16 hex digits of `traceparent`, or empty.
  std::chrono::steady_clock::time_point received;  ///< First byte.
  std::stop_token disconnected;                    ///< Requested when the client goes away.
  text_buffer body;
  /// What `body` takes of the budget for all bodies. Whoever moves the body out, to outlive the
  /// request, moves this along and keeps it as long as the body.
  body_budget::lease body_memory;
  std::string tenant_id;  ///< For the access log; handlers may fill it in.

  /// The first field of that name, case-insensitive; empty when absent.
  std::string_view header(std::string_view name) const;
  bool has_header(std::string_view name) const;
  std::string_view path_param(std::string_view name) const;  ///< Empty when absent.
  std::optional<std::string_view> query_param(std::string_view name) const;

  std::vector<std::pair<std::string_view, std::string_view>> headers;

  /// Frees what has been read of the body. No read into it is under way.
  void drop_body() noexcept;
  /// Makes it ready for the next request of the connection; keeps the memory of the small things.
  void reset();
};

}  // namespace kernd::http
