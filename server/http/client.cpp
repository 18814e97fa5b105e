#include "server/http/client.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <array>
#include <optional>
#include <vector>

namespace kernd::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;
using tcp = asio::ip::tcp;
using clock = std::chrono::steady_clock;

/// Lists of many actors are long; more is no answer of ours.
constexpr std::uint64_t most_body_bytes = std::uint64_t{1} << 30;

/// One request on a loop of its own, which turns only inside the calls.
class connection {
 public:
  connection(const server_address& server, std::chrono::milliseconds timeout)
      : host_{server.host}, port_{server.port}, timeout_{timeout} {
    response_.body_limit(most_body_bytes);
    renew();
  }

  /// From now on there is the whole timeout again.
  void renew() { deadline_ = clock::now() + timeout_; }

  error_code connect() {
    error_code failed;
    const auto endpoints = resolve(failed);
    if (failed) return failed;
    return wait([&](auto handler) { asio::async_connect(socket_, endpoints, handler); });
  }

  error_code send(const client_request& asked, const char* agent, const char* accept) {
    request_.method_string(asked.method);
    request_.target(asked.target);
    request_.set(beast::http::field::host, authority());
    request_.set(beast::http::field::user_agent, agent);
    if (accept != nullptr) request_.set(beast::http::field::accept, accept);
    request_.keep_alive(false);
    if (!asked.body.empty()) {
      request_.set(beast::http::field::content_type, "application/json");
      request_.body() = asked.body;
      request_.prepare_payload();
    }
    return wait([&](auto handler) { beast::http::async_write(socket_, request_, handler); });
  }

  error_code receive_head() {
    return wait([&](auto handler) {
      beast::http::async_read_header(socket_, buffer_, response_, handler);
    });
  }

  /// The next bytes of the body, none when it has ended; valid until the next call.
  error_code receive_piece(std::string_view& piece) {
    piece = {};
    while (piece.empty() && !response_.is_done()) {
      response_.get().body().data = piece_.data();
      response_.get().body().size = piece_.size();
      const auto failed = wait([&](auto handler) {
        beast::http::async_read_some(socket_, buffer_, response_, handler);
      });
      if (failed && failed != beast::http::error::need_buffer) return failed;
      piece = {piece_.data(), piece_.size() - response_.get().body().size};
    }
    return {};
  }

  error_code receive_body(std::string& body) {
    for (std::string_view piece;;) {
      if (const auto failed = receive_piece(piece)) return failed;
      if (piece.empty()) return {};
      body += piece;
    }
  }

  unsigned status() const { return response_.get().result_int(); }

  error failure(const error_code& e) const {
    const std::string why = e == asio::error::timed_out
                                ? "no answer within " + std::to_string(timeout_.count()) + " ms"
                                : e.message();
    return error{errc::service_unavailable, authority() + ": " + why};
  }

 private:
  std::string authority() const {
    const bool is_v6 = host_.find(':') != std::string::npos;
    return (is_v6 ? "[" + host_ + "]" : host_) + ":" + std::to_string(port_);
  }

  /// Turns the loop until what `start` began has ended, or the deadline has passed: then the
  /// operation is still pending and ends, without its handler being called, with this object.
  template <class Start>
  error_code wait(Start start) {
    outcome_.reset();
    start([this](error_code e, const auto&...) { outcome_ = e; });
    loop_.restart();
    while (!outcome_ && loop_.run_one_until(deadline_) > 0) {
    }
    return outcome_.value_or(asio::error::timed_out);
  }

  std::vector<tcp::endpoint> resolve(error_code& failed) {
    error_code not_numeric;
    const auto address = asio::ip::make_address(host_, not_numeric);
    if (!not_numeric) return {{address, port_}};
    // Without the resolver, whose time nobody bounds.
    if (host_ == "localhost") {
      return {{asio::ip::address_v4::loopback(), port_}, {asio::ip::address_v6::loopback(), port_}};
    }
    std::vector<tcp::endpoint> endpoints;
    failed = wait([&](auto handler) {
      resolver_.async_resolve(host_, std::to_string(port_),
                              [&endpoints, handler](error_code e, const auto& found) {
                                for (const auto& entry : found) endpoints.push_back(entry);
                                handler(e);
                              });
    });
    return endpoints;
  }

  const std::string host_;
  const std::uint16_t port_;
  const std::chrono::milliseconds timeout_;
  clock::time_point deadline_;
  std::optional<error_code> outcome_;
  beast::http::request<beast::http::string_body> request_;
  beast::http::response_parser<beast::http::buffer_body> response_;
  beast::flat_buffer buffer_;
  std::array<char, 16 << 10> piece_;
  asio::io_context loop_{1};
  tcp::resolver resolver_{loop_};
  tcp::socket socket_{loop_};
};

error_code begin(connection& to, const client_request& asked, const char* agent,
                 const char* accept = nullptr) {
  if (const auto failed = to.connect()) return failed;
  if (const auto failed = to.send(asked, agent, accept)) return failed;
  return to.receive_head();
}

}  // namespace

result<unsigned> http_get_status(const server_address& server, const std::string& target,
                                 std::chrono::milliseconds timeout) {
  connection to{server, timeout};
  if (const auto failed = begin(to, {"GET", target}, "kernd-healthcheck")) {
    return to.failure(failed);
  }
  return to.status();
}

result<client_answer> http_exchange(const server_address& server, const client_request& asked,
                                    std::chrono::milliseconds timeout) {
  connection to{server, timeout};
  if (const auto failed = begin(to, asked, "kernd")) return to.failure(failed);
  client_answer answer{to.status(), {}};
  if (const auto failed = to.receive_body(answer.body)) return to.failure(failed);
  return answer;
}

result<client_answer> http_follow(const server_address& server, const std::string& target,
                                  std::chrono::milliseconds silence, const piece_taker& take) {
  connection to{server, silence};
  const auto failed = begin(to, {"GET", target}, "kernd", "text/event-stream");
  if (failed) return to.failure(failed);
  client_answer answer{to.status(), {}};
  if (answer.status != 200) {
    if (const auto broken = to.receive_body(answer.body)) return to.failure(broken);
    return answer;
  }
  for (std::string_view piece;;) {
    to.renew();
    if (const auto broken = to.receive_piece(piece)) return to.failure(broken);
    if (piece.empty() || !take(piece)) return answer;
  }
}

}  // namespace kernd::http
