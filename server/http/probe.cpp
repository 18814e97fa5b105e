#include "server/http/probe.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

#include <optional>
#include <vector>

namespace kernd::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;
using tcp = asio::ip::tcp;
using clock = std::chrono::steady_clock;

/// One request on a loop of its own, which turns only inside the calls.
class probe {
 public:
  explicit probe(clock::time_point deadline) : deadline_{deadline} {}

  error_code connect(const std::string& host, std::uint16_t port) {
    error_code failed;
    const auto endpoints = resolve(host, port, failed);
    if (failed) return failed;
    return wait([&](auto handler) { asio::async_connect(socket_, endpoints, handler); });
  }

  error_code send(const std::string& authority, const std::string& target) {
    request_.method(beast::http::verb::get);
    request_.target(target);
    request_.set(beast::http::field::host, authority);
    request_.set(beast::http::field::user_agent, "kernd-healthcheck");
    request_.keep_alive(false);
    return wait([&](auto handler) { beast::http::async_write(socket_, request_, handler); });
  }

  error_code receive() {
    return wait([&](auto handler) {
      beast::http::async_read_header(socket_, buffer_, response_, handler);
    });
  }

  unsigned status() const { return response_.get().result_int(); }

 private:
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

  std::vector<tcp::endpoint> resolve(const std::string& host, std::uint16_t port,
                                     error_code& failed) {
    error_code not_numeric;
    const auto address = asio::ip::make_address(host, not_numeric);
    if (!not_numeric) return {{address, port}};
    // Without the resolver, whose time nobody bounds.
    if (host == "localhost") {
      return {{asio::ip::address_v4::loopback(), port}, {asio::ip::address_v6::loopback(), port}};
    }
    std::vector<tcp::endpoint> endpoints;
    failed = wait([&](auto handler) {
      resolver_.async_resolve(host, std::to_string(port),
                              [&endpoints, handler](error_code e, const auto& found) {
                                for (const auto& entry : found) endpoints.push_back(entry);
                                handler(e);
                              });
    });
    return endpoints;
  }

  const clock::time_point deadline_;
  std::optional<error_code> outcome_;
  beast::http::request<beast::http::empty_body> request_;
  beast::http::response_parser<beast::http::empty_body> response_;
  beast::flat_buffer buffer_;
  asio::io_context loop_{1};
  tcp::resolver resolver_{loop_};
  tcp::socket socket_{loop_};
};

}  // namespace

result<unsigned> http_get_status(const std::string& host, std::uint16_t port,
                                 const std::string& target, std::chrono::milliseconds timeout) {
  const bool is_v6 = host.find(':') != std::string::npos;
  const std::string authority = (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
  const auto failure = [&](const error_code& e) {
    const std::string why = e == asio::error::timed_out
                                ? "no answer within " + std::to_string(timeout.count()) + " ms"
                                : e.message();
    return error{errc::service_unavailable, authority + ": " + why};
  };
  probe request{clock::now() + timeout};
  if (const auto failed = request.connect(host, port)) return failure(failed);
  if (const auto failed = request.send(authority, target)) return failure(failed);
  if (const auto failed = request.receive()) return failure(failed);
  return request.status();
}

}  // namespace kernd::http
