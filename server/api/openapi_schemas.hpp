#pragma once

#include <string_view>

namespace kernd::api {

/// The component schemas of the OpenAPI document that do not come from kernel types, as one JSON
/// object. Tests hold real responses against them.
std::string_view openapi_schemas();

/// Those of the execution monitor's entities, likewise.
std::string_view component_schemas();
/// Of actors, routes and dead letters.
std::string_view actor_schemas();
/// Of what is sent to launch, reach and route to actors.
std::string_view actor_request_schemas();
/// Of what kernels run on.
std::string_view device_schemas();

}  // namespace kernd::api
