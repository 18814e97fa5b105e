#pragma once

#include "kernd/body_budget.hpp"
#include "kernd/config.hpp"
#include "kernd/exposition.hpp"
#include "server/api/health.hpp"
#include "server/http/access_log.hpp"
#include "server/http/router.hpp"
#include "server/http/server.hpp"

#include <cstdint>

namespace kernd {

/// A listener for probes and scrapes alone, with a thread, connections and limits of its own: they
/// are answered whatever becomes of the loops that serve everybody else, from the start to the end
/// of the process.
class probe_listener {
 public:
  /// On `options.probe_port`. `page` is null where there are no metrics. All outlive it, `options`
  /// excepted.
  probe_listener(const server_config& options, api::health_api& health, const exposition* page,
                 http::access_log* log);

  /// Binds and answers. Throws `http::listen_error`.
  void start() { server_.start(); }
  std::uint16_t port() const noexcept { return server_.port(); }
  void reconfigure(const server_config& options);
  /// Ends the thread at once.
  void stop() { server_.stop(); }

  /// `kernd_probe_…`: apart from those of the API, so that both are true.
  const http::metrics& http_metrics() const noexcept { return server_.http_metrics(); }

 private:
  http::router router_;
  body_budget bodies_;
  http::server server_;
};

}  // namespace kernd
