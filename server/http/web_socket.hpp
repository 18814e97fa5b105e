#pragma once

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace kernd::http {

/// RFC 6455, 7.4.1. Those that answer what a client did wrong are sent without the handler: 1002
/// for broken frames, 1003 for a binary message, 1007 for text that is not UTF-8, 1009 for too
/// much.
enum class close_code : std::uint16_t {
  normal = 1000,
  going_away = 1001,
  unsupported_data = 1003,
  policy = 1008,
  internal_error = 1011,
  try_again_later = 1013,
};

/// A WebSocket with one client: text messages both ways. Given to a route's handler, which uses it
/// until it returns; only on the handler's event loop. One coroutine may read while others write.
///
/// `request::disconnected` is requested when the socket closes, whoever closes it: whoever waits
/// for something to write waits for that too. The client's pings, its close and its absence are
/// noticed while somebody reads, so there should always be a read under way; see `run`.
///
/// What is awaited here is bound to a name before it is tested, and so is what is awaited on: GCC
/// 12 has miscompiled `if (co_await socket.read())` in handlers.
class web_socket {
 public:
  /// Answers 101. An error that the handler returns without this is answered as a problem. False
  /// when the client left or the server stops.
  virtual boost::asio::awaitable<bool> accept() = 0;

  /// The next message, valid until the next `read`; one read at a time. Nothing when the socket is
  /// closed or closing.
  virtual boost::asio::awaitable<std::optional<std::string_view>> read() = 0;

  /// Sends `text`, which is UTF-8 and outlives the await, as one message. Waits until the system
  /// has taken all of it, and before that for the writes of other coroutines; a client that takes
  /// nothing for `limits.write_timeout` is dropped. False when the socket is closed or closing.
  virtual boost::asio::awaitable<bool> write(std::string_view text) = 0;

  /// Begins to close; nothing is read or written after. A client that does not answer within two
  /// seconds is dropped. A handler that returns closes with `normal`; one that returns an error
  /// with `policy`, `try_again_later` or `internal_error`, by its status, and the error's code as
  /// reason. `reason` is cut after 123 bytes; before that it is one line of ASCII.
  virtual void close(close_code code, std::string_view reason = {}) = 0;

  /// Runs both at once and returns when both have ended. The end of either closes the socket, which
  /// ends what the other waits for here. What one throws is thrown when both have ended.
  boost::asio::awaitable<void> run(boost::asio::awaitable<void> reading,
                                   boost::asio::awaitable<void> writing);

 protected:
  ~web_socket() = default;
};

}  // namespace kernd::http
