#pragma once

#include "kernd/registry.hpp"
#include "server/http/router.hpp"

#include <string>

namespace kernd::api {

/// The OpenAPI 3.1 document of the routes that have a `route_document`. The route that executes any
/// kernel is followed by one operation per kernel, with the schemas and the example of that kernel;
/// ring kernels are among them when `execute_ring_kernels`.
std::string openapi_document(const http::router& routes, const kernel_registry& registry,
                             bool execute_ring_kernels);

/// Adds GET /openapi.json, the document of the routes that are there by then and of itself.
void add_openapi_route(http::router& routes, const kernel_registry& registry,
                       bool execute_ring_kernels);

}  // namespace kernd::api
