#pragma once

#include "kernd/monitor.hpp"
#include "kernd/registry.hpp"
#include "server/http/request.hpp"
#include "server/http/response.hpp"
#include "server/http/router.hpp"

#include <string>
#include <string_view>

namespace kernd::api {

/// The entities of the execution monitor: the component `executor` and an app per batch kernel,
/// with the id `app:domain/name`. Its handlers run on the event loops and only read what is
/// recorded.
class component_api {
 public:
  /// Both outlive it; the monitor's tasks are the registry's kernels, by index.
  component_api(const kernel_registry& registry, execution_monitor& monitor);

  /// Adds the routes below `prefix`, such as `/api/v1`.
  void add_routes(http::router& routes, std::string_view prefix);

 private:
  void add_component_routes(http::router& routes);
  void add_app_routes(http::router& routes);

  http::response list_components() const;
  http::response get_executor() const;
  http::response clear_executor();
  http::response list_apps() const;
  http::response get_app(const http::request& req) const;
  http::response clear_app(const http::request& req);

  result<const kernel_entry*> find(const http::request& req) const;

  const kernel_registry& registry_;
  execution_monitor& monitor_;
  std::string prefix_;
};

}  // namespace kernd::api
