#pragma once

#include "kernd/error.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kernd::http {

using query_list = std::vector<std::pair<std::string, std::string>>;

/// A request target, taken apart and decoded.
struct target_parts {
  std::vector<std::string> segments;  ///< Of the path; an escaped slash stays inside its segment.
  query_list query;
};

/// Takes an origin-form (`/a/b?c=d`) or an absolute-form (`http://host/a/b?c=d`) apart.
/// Errors: `bad_request`, also for an invalid escape or an escaped control byte.
result<target_parts> parse_target(std::string_view target);

}  // namespace kernd::http
