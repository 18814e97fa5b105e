#include "server/api/metrics.hpp"

namespace kernd::api {

void add_metrics_route(http::router& routes, const exposition& page) {
  static constexpr std::string_view content_type = "text/plain; version=0.0.4; charset=utf-8";
  routes.add({.verb = http::method::get,
              .pattern = "/metrics",
              .handle =
                  [&page](http::request&) {
                    http::response answer = http::json_response(page.text());
                    answer.content_type = content_type;
                    return answer;
                  },
              .document = {.operation = "get_metrics",
                           .summary = "Counters and gauges for Prometheus",
                           .tag = "health",
                           .responses = {{200, "Prometheus text format", content_type}}}});
}

}  // namespace kernd::api
