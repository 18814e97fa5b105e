#pragma once

#include "kernd/deadline_list.hpp"
#include "server/http/event_loop.hpp"
#include "server/http/session.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace kernd::http {

/// Accepts connections on the first loop and hands them out to all, one after the other. Confined
/// to the first loop's thread once it runs.
class listener {
 public:
  /// Binds to an IP `address`. Throws `boost::system::system_error`. `loops` is not empty and
  /// outlives this.
  listener(std::vector<std::unique_ptr<event_loop>>& loops, const std::string& address,
           std::uint16_t port);

  [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  void accept();
  void close();

 private:
  class pause final : public deadline {
   public:
    explicit pause(listener& l) : listener_{l} {}

   private:
    void expired() override { listener_.accept(); }
    listener& listener_;
  };

  void go_on_after_pause();
  void on_accepted(const boost::system::error_code& ec, tcp_socket socket, event_loop& target);
  void hand_over(tcp_socket socket, event_loop& target);

  std::vector<std::unique_ptr<event_loop>>& loops_;
  event_loop& home_;
  boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, boost::asio::io_context::executor_type>
      acceptor_;
  boost::asio::ip::tcp::endpoint peer_;
  pause pause_{*this};
  std::size_t next_ = 0;
};

}  // namespace kernd::http
