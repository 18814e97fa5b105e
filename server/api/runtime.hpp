#pragma once

#include "kernd/error.hpp"
#include "kernd/executor.hpp"
#include "kernd/lifecycle.hpp"
#include "kernd/live_config.hpp"
#include "kernd/ring/runtime.hpp"
#include "server/api/control_desk.hpp"
#include "server/http/request.hpp"
#include "server/http/response.hpp"
#include "server/http/router.hpp"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <string>
#include <string_view>

namespace kernd::api {

/// What an operator may have done by a request as by a signal; called on the thread that serves the
/// desk.
struct runtime_actions {
  std::function<result<reload_report>()> reload;
  std::function<result<void>()> drain;
};

/// The resource `/runtime`: the daemon as its operators see it. Its handlers run on the event
/// loops.
class runtime_api {
 public:
  /// All outlive it.
  runtime_api(const lifecycle& life, const executor& jobs, const ring_runtime& actors,
              const live_config& configuration, control_desk& desk, runtime_actions actions);

  /// Adds the routes below `prefix`, such as `/api/v1`.
  void add_routes(http::router& routes, std::string_view prefix);

 private:
  http::response show(const http::request& req) const;
  http::response show_config(const http::request& req) const;
  boost::asio::awaitable<http::response> reload(http::request& req);
  boost::asio::awaitable<http::response> drain(http::request& req);

  result<void> may_control(const http::request& req) const;
  boost::asio::awaitable<http::response> control(http::request& req, control_desk::task what);
  http::response reload_now(const std::string& request_id) const;
  http::response drain_now(const std::string& request_id) const;

  const lifecycle& lifecycle_;
  const executor& executor_;
  const ring_runtime& actors_;
  const live_config& config_;
  control_desk& desk_;
  const runtime_actions actions_;
};

}  // namespace kernd::api
