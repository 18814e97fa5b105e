#pragma once

#include "kernd/config.hpp"
#include "kernd/message_body.hpp"
#include "kernd/registry.hpp"
#include "kernd/ring/runtime.hpp"
#include "server/http/request.hpp"
#include "server/http/response.hpp"
#include "server/http/router.hpp"

#include <boost/asio/awaitable.hpp>

#include <atomic>
#include <chrono>
#include <optional>
#include <string_view>

namespace kernd::api {

/// The resources `/routes` and `/dispatch`: messages that find their actor by type.
class dispatch_api {
 public:
  /// All outlive it; the registry is complete.
  dispatch_api(const kernel_registry& registry, ring_runtime& actors, const executor_config& times);

  /// Adds the routes below `prefix`, such as `/api/v1`.
  void add_routes(http::router& routes, std::string_view prefix);

  /// Takes new timeouts. Any thread.
  void reconfigure(const executor_config& times);

 private:
  void add_route_routes(http::router& routes, std::string_view prefix);
  void add_dispatch_routes(http::router& routes, std::string_view prefix);

  http::response list_routes() const;
  http::response get_route(const http::request& req) const;
  http::response put_route(const http::request& req);
  http::response delete_route(const http::request& req);
  boost::asio::awaitable<http::response> dispatch(http::request& req);
  http::response metrics() const;
  http::response reset_metrics();

  result<message_body> read_message(const http::request& req, bool may_wait, arena& memory,
                                    std::optional<actor>& to);
  boost::asio::awaitable<http::response> deliver(http::request& req, actor to, outgoing_message m,
                                                 std::chrono::steady_clock::time_point deadline);
  boost::asio::awaitable<http::response> deliver_and_wait(
      http::request& req, actor to, outgoing_message m,
      std::chrono::steady_clock::time_point deadline);
  const ring_entry& kernel_of(const actor& a) const;

  const kernel_registry& registry_;
  ring_runtime& actors_;
  // Each is read alone: relaxed.
  std::atomic<std::chrono::milliseconds> default_timeout_;
  std::atomic<std::chrono::milliseconds> max_timeout_;
};

}  // namespace kernd::api
