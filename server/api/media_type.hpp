#pragma once

#include "kernd/error.hpp"
#include "server/http/request.hpp"

#include <optional>

namespace kernd::api {

/// Why the body cannot be read as JSON, by what the head says of it: `unsupported_media_type`.
/// Nothing for JSON in UTF-8, and for a body of which the head says nothing.
std::optional<error> refused_media(const http::request& req);

}  // namespace kernd::api
