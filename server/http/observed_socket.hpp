#pragma once

#include "server/http/session.hpp"

#include <boost/asio/associator.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/websocket/teardown.hpp>

#include <cstddef>
#include <string_view>
#include <utility>

namespace kernd::http {

/// Sees what goes through an `observed_socket`.
class socket_observer {
 public:
  virtual void on_received(std::size_t bytes) = 0;
  virtual void on_write_begun() = 0;
  virtual void on_written(std::size_t bytes) = 0;

 protected:
  ~socket_observer() = default;
};

/// The handler of one operation of an `observed_socket`, which passes on what `next` is associated
/// with.
template <class Handler>
struct observing {
  Handler next;
  socket_observer* observer;
  void (socket_observer::*report)(std::size_t bytes);

  void operator()(boost::system::error_code ec, std::size_t bytes) {
    (observer->*report)(bytes);
    std::move(next)(ec, bytes);
  }
};

/// A session's socket as the stream below a WebSocket: reads begin with what the session has read
/// already, and an observer sees all bytes. The session shuts its socket down and closes it, so
/// the WebSocket does not.
class observed_socket {
 public:
  using executor_type = tcp_socket::executor_type;
  using next_layer_type = tcp_socket;
  using lowest_layer_type = tcp_socket::lowest_layer_type;

  /// Both outlive it.
  observed_socket(tcp_socket& socket, socket_observer& observer)
      : socket_{socket}, observer_{observer} {}

  executor_type get_executor() noexcept { return socket_.get_executor(); }
  tcp_socket& next_layer() noexcept { return socket_; }
  const tcp_socket& next_layer() const noexcept { return socket_; }
  /// Comes before what is read; stays valid until then.
  void set_unread(std::string_view bytes) noexcept { unread_ = bytes; }

  template <class Buffers, class Handler>
  void async_read_some(const Buffers& buffers, Handler&& next) {
    observing<std::decay_t<Handler>> taker{std::forward<Handler>(next), &observer_,
                                           &socket_observer::on_received};
    if (unread_.empty()) return socket_.async_read_some(buffers, std::move(taker));
    const std::size_t bytes =
        boost::asio::buffer_copy(buffers, boost::asio::buffer(unread_.data(), unread_.size()));
    unread_.remove_prefix(bytes);
    boost::asio::post(get_executor(), boost::beast::bind_front_handler(
                                          std::move(taker), boost::system::error_code{}, bytes));
  }

  template <class Buffers, class Handler>
  void async_write_some(const Buffers& buffers, Handler&& next) {
    observer_.on_write_begun();
    socket_.async_write_some(
        buffers, observing<std::decay_t<Handler>>{std::forward<Handler>(next), &observer_,
                                                  &socket_observer::on_written});
  }

 private:
  tcp_socket& socket_;
  socket_observer& observer_;
  std::string_view unread_;
};

/// Found by Beast when a WebSocket has closed. The session waits for the client to close, too.
template <class Handler>
void async_teardown(boost::beast::role_type, observed_socket& socket, Handler&& next) {
  boost::asio::post(
      socket.get_executor(),
      boost::beast::bind_front_handler(std::forward<Handler>(next), boost::system::error_code{}));
}

}  // namespace kernd::http

template <template <class, class> class Associator, class Handler, class Default>
struct boost::asio::associator<Associator, kernd::http::observing<Handler>, Default>
    : Associator<Handler, Default> {
  static auto get(const kernd::http::observing<Handler>& h) noexcept {
    return Associator<Handler, Default>::get(h.next);
  }
  static auto get(const kernd::http::observing<Handler>& h, const Default& fallback) noexcept
      -> decltype(Associator<Handler, Default>::get(h.next, fallback)) {
    return Associator<Handler, Default>::get(h.next, fallback);
  }
};
