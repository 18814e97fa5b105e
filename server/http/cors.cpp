#include "server/http/cors.hpp"

#include <algorithm>

namespace kernd::http {
namespace {

constexpr std::string_view preflight_lines =
    "Access-Control-Allow-Methods: GET, POST, PUT, DELETE, OPTIONS\r\n"
    "Access-Control-Allow-Headers: Content-Type, Authorization, X-Request-ID, X-Tenant-ID, "
    "X-API-Key, X-Request-Timeout-Ms, X-Request-Priority, traceparent\r\n"
    "Access-Control-Max-Age: 600\r\n";
constexpr std::string_view exposed_line =
    "Access-Control-Expose-Headers: X-Request-ID, Retry-After, Location\r\n";

}  // namespace

cors_policy::cors_policy(bool enabled, std::vector<std::string> origins)
    : enabled_{enabled},
      any_origin_{std::find(origins.begin(), origins.end(), "*") != origins.end()},
      origins_{std::move(origins)} {}

bool cors_policy::allows(std::string_view origin) const {
  return enabled_ &&
         (any_origin_ || std::find(origins_.begin(), origins_.end(), origin) != origins_.end());
}

void cors_policy::write(std::string& head, std::string_view origin, bool preflight) const {
  if (!enabled_) return;
  // A cache must not serve one origin's answer to another, whether or not this one had an origin.
  if (!any_origin_) head += "Vary: Origin\r\n";
  if (origin.empty()) return;
  if (!allows(origin)) return;

  head += "Access-Control-Allow-Origin: ";
  head += any_origin_ ? std::string_view{"*"} : origin;
  head += "\r\n";
  head += preflight ? preflight_lines : exposed_line;
}

}  // namespace kernd::http
