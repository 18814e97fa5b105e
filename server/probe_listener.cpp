#include "server/probe_listener.hpp"

#include "server/api/metrics.hpp"

#include <chrono>

namespace kernd {

namespace {

using namespace std::chrono_literals;

/// Who asks sends a short head and reads at once; a connection that does not makes room.
limits_config probe_limits() {
  limits_config limits;
  limits.max_connections = max_probe_connections;
  limits.max_header_bytes = 8 << 10;
  limits.max_body_bytes = 1 << 10;
  limits.body_memory_bytes = max_probe_connections * limits.max_body_bytes;
  limits.header_timeout = 5s;
  limits.body_timeout = 5s;
  limits.idle_timeout = 20s;
  limits.write_timeout = 10s;
  return limits;
}

server_config probe_options(server_config options) {
  options.port = options.probe_port;
  options.io_threads = 1;
  return options;
}

http::router probe_routes(api::health_api& health, const server_config& options,
                          const exposition* page) {
  http::router routes;
  if (options.health_endpoints) health.add_routes(routes);
  if (page != nullptr) api::add_metrics_route(routes, *page);
  return routes;
}

}  // namespace

probe_listener::probe_listener(const server_config& options, api::health_api& health,
                               const exposition* page, http::access_log* log)
    : router_{probe_routes(health, options, page)},
      bodies_{probe_limits().body_memory_bytes},
      server_{router_,
              probe_options(options),
              probe_limits(),
              bodies_,
              log,
              {.thread = "kernd-probe", .metrics = "kernd_probe"}} {}

void probe_listener::reconfigure(const server_config& options) {
  server_.reconfigure(probe_options(options), probe_limits());
}

}  // namespace kernd
