#pragma once

#include "kernd/error.hpp"
#include "server/http/request.hpp"
#include "server/http/response.hpp"
#include "server/http/route_document.hpp"

#include <boost/asio/awaitable.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

namespace kernd::http {

/// Answers at once, on the I/O thread; never blocks.
using handler = std::function<response(request&)>;
/// Answers later, on the same event loop. `request` outlives the coroutine.
using async_handler = std::function<boost::asio::awaitable<response>(request&)>;

class event_stream;
class web_socket;
/// Fills a stream, on the same event loop. `request` and the stream outlive the coroutine.
using event_handler = std::function<boost::asio::awaitable<result<void>>(request&, event_stream&)>;
using socket_handler = std::function<boost::asio::awaitable<result<void>>(request&, web_socket&)>;

/// The streams that a GET route offers: `socket` to requests that upgrade to a WebSocket, `events`
/// to those that accept server-sent events, or to all when it stands alone. One may be absent.
struct stream_handlers {
  event_handler events = {};
  socket_handler socket = {};
  /// Of one message from a client, which is JSON: 64 KiB of payload take at most six characters a
  /// byte, and there is something around them.
  std::size_t max_message_bytes = 512 << 10;
  /// A comment is sent when there was no event for so long: proxies end what is silent.
  std::chrono::milliseconds heartbeat{15'000};
};

/// One path with one method. `pattern` has parameters in braces, each one whole segment:
/// `/api/v1/kernels/{domain}/{name}`.
struct route {
  method verb;
  std::string pattern;
  std::variant<handler, async_handler, stream_handlers> handle;
  /// What metrics and logs call it; the pattern unless set (two patterns may be one route).
  std::string label = {};
  /// The status whose metric series exists from the start.
  unsigned success = 200;
  /// How long a request may take from its first byte, as its head says; while its body arrives the
  /// session answers 504 then. Unless set, all of the body has `limits.body_timeout` to arrive.
  std::function<std::chrono::milliseconds(const request&)> time_limit = {};
  route_document document = {};
};

/// What a request matched.
struct route_match {
  const route* matched = nullptr;  ///< Null: not found, or the method is not allowed.
  std::size_t index = 0;    ///< Into `router::routes()`: what matched, else any route of the path.
  bool path_known = false;  ///< The path exists, perhaps for other methods only.
  std::string allow =
      {};  ///< When only the method does not fit, or for OPTIONS: `GET, HEAD, OPTIONS`.
};

/// Filled before serving, then `const` and safe from any thread.
class router {
 public:
  /// A pair of method and pattern is added once.
  void add(route r);
  /// Fills `req.path`, `path_params` and `query` from the target. HEAD matches GET's route. Of
  /// several patterns that fit, the one whose literal segments come first wins, whatever its
  /// methods.
  /// Errors: `bad_request` for a target that is not a valid origin-, absolute- or asterisk-form.
  result<route_match> match(request& req) const;
  const std::vector<route>& routes() const noexcept { return routes_; }

 private:
  struct segment {
    std::string text;  ///< Literal text, or the parameter's name.
    bool is_parameter;
  };
  /// Index of the route per method, plus one; 0 where there is none.
  using method_table = std::array<std::size_t, method_count>;
  struct path {
    std::string pattern;
    std::vector<segment> segments;
    method_table by_method{};
  };
  struct text_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>{}(text);
    }
  };

  static std::vector<segment> split(std::string_view pattern);
  static bool more_specific(const path& a, const path& b);
  static bool fits(const path& p, const std::vector<std::string>& segments);
  static std::size_t find(const method_table& by_method, method verb);

  /// The literal path as sent, without looking at escapes; null when there is none.
  const route* match_literal(std::string_view raw_path, method verb) const;
  route_match match_segments(request& req, const std::vector<std::string>& segments) const;
  route_match match_server(const request& req) const;

  std::vector<route> routes_;
  std::vector<path> paths_;  ///< Most specific first.
  std::unordered_map<std::string, method_table, text_hash, std::equal_to<>> literals_;
};

}  // namespace kernd::http
