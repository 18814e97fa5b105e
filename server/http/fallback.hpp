#pragma once

#include "server/http/request.hpp"
#include "server/http/response.hpp"
#include "server/http/router.hpp"

namespace kernd::http {

/// A CORS preflight: asks whether another request may be sent.
bool is_preflight(const request& req);

/// The answer when no route matched: 204 for OPTIONS of a known path or of `*`, else 405 or 404.
response answer_without_route(const request& req, const route_match& match);

}  // namespace kernd::http
