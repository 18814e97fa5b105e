#include "server/api/metrics.hpp"

namespace kernd::api {

void add_metrics_route(http::router& routes, const exposition& page) {
  routes.add({http::method::get, "/metrics", [&page](http::request&) {
                http::response answer = http::json_response(page.text());
                answer.content_type = "text/plain; version=0.0.4; charset=utf-8";
                return answer;
              }});
}

}  // namespace kernd::api
