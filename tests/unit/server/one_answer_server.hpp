#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include <string>
#include <thread>

namespace kernd::test {

/// Accepts one connection, reads one request's header, sends `answer`, and keeps what else comes
/// until the client closes it.
class one_answer_server {
 public:
  explicit one_answer_server(std::string answer)
      : answer_{std::move(answer)}, thread_{[this] { serve(); }} {}

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  /// Waits until the client is gone.
  const std::string& request() {
    thread_.join();
    return request_;
  }

 private:
  void serve() {
    boost::system::error_code ignored;
    auto socket = acceptor_.accept();
    boost::asio::read_until(socket, boost::asio::dynamic_buffer(request_), "\r\n\r\n", ignored);
    boost::asio::write(socket, boost::asio::buffer(answer_), ignored);
    char rest[64];
    while (const auto size = socket.read_some(boost::asio::buffer(rest), ignored)) {
      request_.append(rest, size);
    }
  }

  boost::asio::io_context loop_;
  boost::asio::ip::tcp::acceptor acceptor_{loop_, {boost::asio::ip::address_v4::loopback(), 0}};
  std::string answer_;
  std::string request_;
  std::jthread thread_;
};

/// A port that was free a moment ago, so that nobody listens on it.
inline std::uint16_t closed_port() {
  boost::asio::io_context loop;
  return boost::asio::ip::tcp::acceptor{loop, {boost::asio::ip::address_v4::loopback(), 0}}
      .local_endpoint()
      .port();
}

}  // namespace kernd::test
