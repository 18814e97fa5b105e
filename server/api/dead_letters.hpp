#pragma once

#include "kernd/registry.hpp"
#include "kernd/ring/runtime.hpp"
#include "server/http/request.hpp"
#include "server/http/response.hpp"
#include "server/http/router.hpp"

#include <string_view>

namespace kernd::api {

/// The resource `/dead-letters`: messages that could not be delivered.
class dead_letter_api {
 public:
  /// Both outlive it; the registry is complete.
  dead_letter_api(const kernel_registry& registry, ring_runtime& actors);

  /// Adds the routes below `prefix`, such as `/api/v1`.
  void add_routes(http::router& routes, std::string_view prefix);

 private:
  http::response list(const http::request& req) const;
  http::response replay(const http::request& req);
  http::response remove(const http::request& req);

  const ring_entry* receiver_of(const dead_letter& letter) const;

  const kernel_registry& registry_;
  ring_runtime& actors_;
};

}  // namespace kernd::api
