#include "server/api/dispatch.hpp"
#include "server/api/parameters.hpp"

#include <string>
#include <utility>

namespace kernd::api {

namespace {

http::route_document document(std::string operation, std::string summary,
                              http::response_document success) {
  return {.operation = std::move(operation),
          .summary = std::move(summary),
          .tag = "dispatcher",
          .responses = {std::move(success)}};
}

http::route_document route_document(std::string operation, std::string summary,
                                    http::response_document success, std::string not_found) {
  auto result = document(std::move(operation), std::move(summary), std::move(success));
  result.parameters = {{"type_id", "path", "Of the message type.",
                        R"({"type":"integer","minimum":0,"maximum":4294967295})"}};
  result.responses.push_back(http::problem_document(400, "INVALID_REQUEST"));
  result.responses.push_back(http::problem_document(404, std::move(not_found)));
  return result;
}

http::route_document put_document() {
  auto result = route_document(
      "put_route", "Say which actor gets the messages of a type",
      {200, "The route, and what it replaced", "application/json", "route"}, "ACTOR_NOT_FOUND");
  result.request = "route_request";
  result.responses[1] = http::problem_document(400, "INVALID_JSON or INVALID_REQUEST");
  result.responses.push_back(http::problem_document(413, "BODY_TOO_LARGE"));
  result.responses.push_back(http::problem_document(415, "UNSUPPORTED_MEDIA_TYPE"));
  return result;
}

http::route_document dispatch_document() {
  auto result = document("dispatch", "Send a message to the actor that has its type",
                         {202, "The receipt", "application/json", "receipt"});
  result.parameters = {
      {"reply", "query", "Wait for the reply, and answer 200 with it.",
       R"({"type":"boolean","default":false})"},
      {"timeout_ms", "query", "How long to wait for it.", R"({"type":"integer","minimum":1})"}};
  result.request = "dispatch_request";
  const auto problem = [&](unsigned status, std::string codes) {
    result.responses.push_back(http::problem_document(status, std::move(codes)));
  };
  result.responses.push_back({200, "The reply", "application/json", "actor_reply"});
  problem(400, "INVALID_JSON, INVALID_REQUEST or INVALID_INPUT");
  problem(404, "UNKNOWN_MESSAGE_TYPE or ACTOR_NOT_FOUND");
  problem(409, "ACTOR_NOT_ACTIVE");
  problem(410, "ACTOR_TERMINATED");
  problem(413, "MESSAGE_TOO_LARGE or BODY_TOO_LARGE");
  problem(415, "UNSUPPORTED_MEDIA_TYPE");
  problem(429, "QUEUE_FULL");
  problem(500, "EXECUTION_FAILED");
  problem(503, "SERVICE_UNAVAILABLE");
  problem(504, "EXECUTION_TIMEOUT");
  problem(508, "MAX_HOPS_EXCEEDED");
  return result;
}

}  // namespace

void dispatch_api::add_routes(http::router& routes, std::string_view prefix) {
  add_route_routes(routes, prefix);
  add_dispatch_routes(routes, prefix);
}

void dispatch_api::add_route_routes(http::router& routes, std::string_view prefix) {
  const std::string base = std::string{prefix} + "/routes";
  const std::string one = base + "/{type_id}";
  routes.add({.verb = http::method::get,
              .pattern = base,
              .handle = [this](http::request&) { return list_routes(); },
              .document = document("list_routes", "Which actor gets the messages of which type",
                                   {200, "The routes", "application/json", "route_list"})});
  routes.add({.verb = http::method::get,
              .pattern = one,
              .handle = [this](http::request& req) { return get_route(req); },
              .document = route_document("get_route", "One route",
                                         {200, "The route", "application/json", "route"},
                                         "UNKNOWN_MESSAGE_TYPE")});
  routes.add({.verb = http::method::put,
              .pattern = one,
              .handle = [this](http::request& req) { return put_route(req); },
              .document = put_document()});
  routes.add({.verb = http::method::delete_,
              .pattern = one,
              .handle = [this](http::request& req) { return delete_route(req); },
              .success = 204,
              .document = route_document("delete_route", "Forget a route", {204, "Gone", "", ""},
                                         "UNKNOWN_MESSAGE_TYPE")});
}

void dispatch_api::add_dispatch_routes(http::router& routes, std::string_view prefix) {
  const std::string base = std::string{prefix} + "/dispatch";
  routes.add({.verb = http::method::post,
              .pattern = base,
              .handle = [this](http::request& req) { return dispatch(req); },
              .success = 202,
              .document = dispatch_document()});
  routes.add({.verb = http::method::get,
              .pattern = base + "/metrics",
              .handle = [this](http::request&) { return metrics(); },
              .document = document("get_dispatch_metrics", "What became of what was dispatched",
                                   {200, "The counts", "application/json", "dispatch_metrics"})});
  routes.add({.verb = http::method::post,
              .pattern = base + "/metrics/reset",
              .handle = [this](http::request&) { return reset_metrics(); },
              .document = document("reset_dispatch_metrics",
                                   "Count from zero again here; what Prometheus scrapes goes on",
                                   {200, "The counts", "application/json", "dispatch_metrics"})});
}

}  // namespace kernd::api
