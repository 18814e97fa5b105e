#pragma once

#include <boost/asio/awaitable.hpp>

#include <string_view>

namespace kernd::http {

/// One server-sent event.
struct server_event {
  std::string_view data;        ///< Any text; its lines arrive as lines.
  std::string_view event = {};  ///< Its type, without line ends; empty: a plain message.
  std::string_view id = {};     ///< What a client comes back with as `Last-Event-ID`, without line
                                ///< ends and zero bytes; empty: none.
};

/// Server-sent events to one client. Given to a route's handler, which uses it until it returns;
/// only on the handler's event loop, and from one coroutine at a time.
///
/// `request::disconnected` is requested when the client leaves, when it is dropped because it is
/// too slow, and when the server stops: whoever waits for something to write waits for that too.
class event_stream {
 public:
  /// Sends status 200 and the head. An error that the handler returns without this, or a `write`,
  /// is answered as a problem. False when there is nothing to write for: the request was HEAD, the
  /// client left, the server stops.
  virtual boost::asio::awaitable<bool> open() = 0;

  /// Sends an event, after `open` if need be. Returns at once while the client keeps up, and waits
  /// for it when 64 KiB are unsent; a client that takes nothing for `limits.write_timeout` is
  /// dropped. False when the stream is over. The texts of `event` outlive the await; GCC 12 wants
  /// it bound to a name before.
  virtual boost::asio::awaitable<bool> write(server_event event) = 0;

 protected:
  ~event_stream() = default;
};

}  // namespace kernd::http
