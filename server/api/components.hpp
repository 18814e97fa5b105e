#pragma once

#include "kernd/monitor.hpp"
#include "kernd/registry.hpp"
#include "kernd/ring/runtime.hpp"
#include "server/http/request.hpp"
#include "server/http/response.hpp"
#include "server/http/router.hpp"

#include <string>
#include <string_view>
#include <variant>

namespace kernd::api {

/// The entities of the execution monitor: the component `executor`, an app per batch kernel, with
/// the id `app:domain/name`, and one per actor, `app:` and its id, which has no `/`. Its handlers
/// run on the event loops and only read what is recorded.
class component_api {
 public:
  /// All outlive it; the monitor's tasks are the registry's kernels, by index.
  component_api(const kernel_registry& registry, execution_monitor& monitor,
                const ring_runtime& actors);

  /// Adds the routes below `prefix`, such as `/api/v1`.
  void add_routes(http::router& routes, std::string_view prefix);

 private:
  void add_component_routes(http::router& routes);
  void add_app_routes(http::router& routes);

  http::response list_components() const;
  http::response get_executor() const;
  http::response clear_executor();
  http::response list_apps() const;
  http::response get_app(const http::request& req);
  http::response clear_app(const http::request& req);

  using app = std::variant<const kernel_entry*, actor>;
  result<app> find(const http::request& req) const;

  const kernel_registry& registry_;
  execution_monitor& monitor_;
  const ring_runtime& actors_;
  std::string prefix_;
};

}  // namespace kernd::api
