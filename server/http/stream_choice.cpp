#include "server/http/stream_choice.hpp"

#include "server/http/problem.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

namespace kernd::http {
namespace {

std::string_view trimmed(std::string_view text) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

/// Takes what stands before the next `separator` off `rest`.
std::string_view take_item(std::string_view& rest, char separator) {
  const std::size_t end = std::min(rest.find(separator), rest.size());
  const std::string_view item = trimmed(rest.substr(0, end));
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return item;
}

/// Any item of the lists in all fields of that name fits.
template <class Fits>
bool any_item(const request& req, std::string_view field, Fits fits) {
  return std::any_of(req.headers.begin(), req.headers.end(), [&](const auto& header) {
    if (!equal_field_names(header.first, field)) return false;
    for (std::string_view rest = header.second; !rest.empty();) {
      if (fits(take_item(rest, ','))) return true;
    }
    return false;
  });
}

bool has_token(const request& req, std::string_view field, std::string_view token) {
  return any_item(req, field,
                  [token](std::string_view item) { return equal_field_names(item, token); });
}

bool accepts_events(const request& req) {
  return any_item(req, "Accept", [](std::string_view item) {
    if (!equal_field_names(take_item(item, ';'), "text/event-stream")) return false;
    while (!item.empty()) {
      const std::string_view parameter = take_item(item, ';');
      // A weight of nothing but zeros.
      if ((parameter.starts_with("q=") || parameter.starts_with("Q=")) &&
          parameter.find_first_not_of("0.", 2) == parameter.npos) {
        return false;
      }
    }
    return true;
  });
}

std::size_t count_fields(const request& req, std::string_view name) {
  return static_cast<std::size_t>(
      std::count_if(req.headers.begin(), req.headers.end(),
                    [&](const auto& field) { return equal_field_names(field.first, name); }));
}

/// 16 bytes in Base64.
bool is_key(std::string_view text) {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  return text.size() == 24 && text.ends_with("==") && text.find_first_not_of(digits) == 22;
}

response upgrade_required(const request& req, std::string message) {
  response answer = problem({errc::upgrade_required, std::move(message)}, req.request_id);
  answer.headers.emplace_back("Connection", "upgrade");  // RFC 9110, 7.8: wherever Upgrade is
  answer.headers.emplace_back("Upgrade", "websocket");
  answer.headers.emplace_back("Sec-WebSocket-Version", "13");
  return answer;
}

std::optional<response> refuse_handshake(const request& req, bool has_body,
                                         const cors_policy& cors) {
  const auto bad = [&](std::string message) {
    return problem({errc::bad_request, "the WebSocket handshake " + message}, req.request_id);
  };
  if (!has_token(req, "Connection", "upgrade")) return bad("has no 'Connection: Upgrade'");
  if (has_body) return bad("has a body");
  if (count_fields(req, "Sec-WebSocket-Version") != 1 ||
      req.header("Sec-WebSocket-Version") != "13") {
    return upgrade_required(req, "only version 13 of WebSockets is spoken here");
  }
  if (count_fields(req, "Sec-WebSocket-Key") != 1 || !is_key(req.header("Sec-WebSocket-Key"))) {
    return bad("needs one Sec-WebSocket-Key of 16 bytes in Base64");
  }
  // Browsers let every page open WebSockets to everywhere, so what CORS is for answers this is
  // here.
  if (req.has_header("Origin") && !cors.allows(req.header("Origin"))) {
    return problem({errc::permission_denied, "WebSockets are not for pages of origin '" +
                                                 std::string{req.header("Origin")} + "'"},
                   req.request_id);
  }
  return std::nullopt;
}

}  // namespace

std::variant<stream_kind, response> choose_stream(const request& req, request_framing framing,
                                                  const stream_handlers& handlers,
                                                  const cors_policy& cors) {
  // RFC 9110, 7.8: HTTP/1.0 knows no upgrade, and a route may ignore one.
  const bool is_upgrade = handlers.socket && !framing.is_http_1_0 && req.verb == method::get &&
                          has_token(req, "Upgrade", "websocket");
  if (is_upgrade) {
    if (auto refusal = refuse_handshake(req, framing.has_body, cors)) return *std::move(refusal);
    return stream_kind::web_socket;
  }
  if (!handlers.socket || (handlers.events && accepts_events(req))) return stream_kind::events;
  return upgrade_required(
      req, req.path + " is a WebSocket" +
               (handlers.events ? ", or events for 'Accept: text/event-stream'" : ""));
}

}  // namespace kernd::http
