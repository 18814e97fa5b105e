#pragma once

#include "kernd/error.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string_view>

namespace kernd::api {

/// A small document that is a request's body. Errors: `invalid_json`, and `invalid_request` for an
/// object with two members of one name, of which the parser would silently take the last.
result<nlohmann::json> read_json(std::string_view body);

}  // namespace kernd::api
