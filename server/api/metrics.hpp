#pragma once

#include "kernd/exposition.hpp"
#include "server/http/router.hpp"

namespace kernd::api {

/// `GET /metrics`: the page in the Prometheus text format. `page` outlives the router.
void add_metrics_route(http::router& routes, const exposition& page);

}  // namespace kernd::api
