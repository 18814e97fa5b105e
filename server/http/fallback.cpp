#include "server/http/fallback.hpp"

#include "server/http/problem.hpp"

namespace kernd::http {

bool is_preflight(const request& req) {
  return req.verb == method::options && req.has_header("Origin") &&
         req.has_header("Access-Control-Request-Method");
}

response answer_without_route(const request& req, const route_match& match) {
  if (match.allow.empty()) {
    return problem({errc::not_found, "nothing is at " + req.path}, req.request_id);
  }
  response answer;
  if (req.verb == method::options) {
    answer.status = 204;
  } else {
    answer =
        problem({errc::method_not_allowed, req.path + " allows " + match.allow}, req.request_id);
  }
  answer.headers.emplace_back("Allow", match.allow);
  return answer;
}

}  // namespace kernd::http
