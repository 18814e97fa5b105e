#include "server/api/actors.hpp"
#include "server/api/parameters.hpp"

#include <utility>

namespace kernd::api {

namespace {

constexpr std::string_view actor_id_schema =
    R"({"type":"string","pattern":"^[A-Za-z0-9._-]{1,64}$"})";

http::parameter_document actor_parameter() {
  return {"actor", "path", "The actor's id.", actor_id_schema};
}

http::route_document document(std::string operation, std::string summary,
                              http::response_document success,
                              std::vector<http::response_document> problems) {
  http::route_document result{.operation = std::move(operation),
                              .summary = std::move(summary),
                              .tag = "actors",
                              .responses = {std::move(success)}};
  for (auto& p : problems) result.responses.push_back(std::move(p));
  return result;
}

http::route_document actor_document_of(std::string operation, std::string summary,
                                       http::response_document success,
                                       std::vector<http::response_document> problems = {}) {
  problems.push_back(http::problem_document(404, "ACTOR_NOT_FOUND"));
  auto result =
      document(std::move(operation), std::move(summary), std::move(success), std::move(problems));
  result.parameters = {actor_parameter()};
  return result;
}

http::response_document actor_status_document(unsigned status = 200) {
  return {status, "The actor", "application/json", "actor"};
}

std::vector<http::response_document> message_problems() {
  return {http::problem_document(400, "INVALID_JSON, INVALID_REQUEST or INVALID_INPUT"),
          http::problem_document(410, "ACTOR_TERMINATED"),
          http::problem_document(413, "MESSAGE_TOO_LARGE or BODY_TOO_LARGE"),
          http::problem_document(415, "UNSUPPORTED_MEDIA_TYPE"),
          http::problem_document(429, "QUEUE_FULL"),
          http::problem_document(503, "SERVICE_UNAVAILABLE")};
}

http::parameter_document timeout_header() {
  return {"X-Request-Timeout-Ms", "header", "Deadline, counted from the first byte of the request.",
          R"({"type":"integer","minimum":1})"};
}

http::route_document call_document() {
  auto problems = message_problems();
  problems.push_back(http::problem_document(409, "ACTOR_NOT_ACTIVE"));
  problems.push_back(http::problem_document(500, "EXECUTION_FAILED"));
  problems.push_back(http::problem_document(504, "EXECUTION_TIMEOUT"));
  problems.push_back(http::problem_document(508, "MAX_HOPS_EXCEEDED"));
  auto result =
      actor_document_of("call_actor", "Send a message and wait for the reply",
                        {200, "The reply", "application/json", "actor_reply"}, std::move(problems));
  result.request = "call_request";
  result.parameters.push_back(timeout_header());
  return result;
}

http::route_document send_document() {
  auto result = actor_document_of(
      "send_to_actor", "Send a message",
      {202, "It is in the mailbox, or among the dead letters where its overflow policy says so",
       "application/json", "message_accepted"},
      message_problems());
  result.request = "message_request";
  result.parameters.push_back(timeout_header());
  return result;
}

http::route_document launch_document() {
  auto success = actor_status_document(201);
  success.headers = {
      {"Location", "The actor's path.", R"({"type":"string","format":"uri-reference"})"}};
  auto result = document(
      "launch_actor", "Start an actor of a ring kernel", std::move(success),
      {http::problem_document(400, "INVALID_JSON or INVALID_REQUEST"),
       http::problem_document(404, "KERNEL_NOT_FOUND"),
       http::problem_document(409, "ALREADY_EXISTS"), http::problem_document(413, "BODY_TOO_LARGE"),
       http::problem_document(415, "UNSUPPORTED_MEDIA_TYPE"),
       http::problem_document(503,
                              "SERVICE_UNAVAILABLE, MEMORY_EXHAUSTED or BACKEND_UNAVAILABLE")});
  result.request = "launch_request";
  return result;
}

http::route_document output_document() {
  auto result = actor_document_of(
      "read_actor_output", "What the actor emitted, apart from replies that somebody waited for",
      {200, "Messages, oldest first", "application/json", "actor_output"},
      {http::problem_document(400, "INVALID_REQUEST")});
  result.parameters.push_back({"after", "query",
                               "Acknowledges all up to this position, and reads on behind it.",
                               R"({"type":"integer","minimum":0,"default":0})"});
  result.parameters.push_back({"max", "query", "How many at most.",
                               R"({"type":"integer","minimum":1,"maximum":1000,"default":100})"});
  result.parameters.push_back({"wait_ms", "query", "How long to wait when there is nothing.",
                               R"({"type":"integer","minimum":0,"maximum":60000,"default":0})"});
  return result;
}

http::route_document stream_document() {
  auto result = actor_document_of(
      "stream_actor",
      "What the actor emits, as server-sent events; as a WebSocket, messages both ways",
      {200, "Events: each has the position as id, the message's name as type, the message as data",
       "text/event-stream", ""},
      {http::problem_document(400, "INVALID_REQUEST or BAD_REQUEST"),
       http::problem_document(403, "PERMISSION_DENIED"),
       http::problem_document(426, "UPGRADE_REQUIRED")});
  result.responses.insert(result.responses.begin() + 1,
                          {101, "A WebSocket, for a request that upgrades to one", "", ""});
  result.parameters.push_back({"after", "query",
                               "Begin behind this position; at the end unless set.",
                               R"({"type":"integer","minimum":0})"});
  result.parameters.push_back(
      {"Last-Event-ID", "header", "Likewise, and wins.", R"({"type":"integer","minimum":0})"});
  return result;
}

}  // namespace

void actor_api::add_routes(http::router& routes, std::string_view prefix) {
  base_ = std::string{prefix} + "/actors";
  add_actor_routes(routes, base_);
  add_message_routes(routes, base_ + "/{actor}");
  add_stream_route(routes, base_ + "/{actor}");
}

void actor_api::add_actor_routes(http::router& routes, const std::string& base) {
  routes.add({.verb = http::method::get,
              .pattern = base,
              .handle = [this](http::request&) { return list(); },
              .document = document("list_actors", "The actors, sorted by id",
                                   {200, "The actors", "application/json", "actor_list"}, {})});
  routes.add({.verb = http::method::post,
              .pattern = base,
              .handle = [this](http::request& req) { return launch(req); },
              .success = 201,
              .document = launch_document()});
  const std::string one = base + "/{actor}";
  routes.add({.verb = http::method::get,
              .pattern = one,
              .handle = [this](http::request& req) { return get(req); },
              .document = actor_document_of("get_actor", "One actor", actor_status_document())});
  routes.add({.verb = http::method::delete_,
              .pattern = one,
              .handle = [this](http::request& req) { return remove(req); },
              .success = 204,
              .document = actor_document_of("terminate_actor", "End an actor and forget it",
                                            {204, "It has ended", "", ""},
                                            {http::problem_document(504, "EXECUTION_TIMEOUT")})});
  const auto add_change = [&](std::string_view name, std::string_view alias,
                              result<void> (actor::*transition)(), std::string summary) {
    for (const std::string_view path : {name, alias}) {
      routes.add(
          {.verb = http::method::post,
           .pattern = one + "/" + std::string{path},
           .handle = [this, transition](http::request& req) { return change(req, transition); },
           .document =
               actor_document_of(std::string{path} + "_actor", summary, actor_status_document(),
                                 {http::problem_document(409, "INVALID_STATE_TRANSITION")})});
    }
  };
  add_change("activate", "resume", &actor::activate, "Let it handle its mail");
  add_change("deactivate", "suspend", &actor::deactivate, "Let it keep its mail");
}

void actor_api::add_message_routes(http::router& routes, const std::string& base) {
  routes.add({.verb = http::method::post,
              .pattern = base + "/messages",
              .handle = [this](http::request& req) { return send(req); },
              .success = 202,
              .document = send_document()});
  routes.add({.verb = http::method::get,
              .pattern = base + "/messages",
              .handle = [this](http::request& req) { return read_output(req); },
              .document = output_document()});
  routes.add({.verb = http::method::post,
              .pattern = base + "/call",
              .handle = [this](http::request& req) { return call(req); },
              .time_limit =
                  [this](const http::request& req) {
                    const auto max = max_timeout_.load(std::memory_order_relaxed);
                    const auto asked =
                        read_integer_header(req, "X-Request-Timeout-Ms", 1, max.count());
                    if (asked && *asked) return std::chrono::milliseconds{**asked};
                    return default_timeout_.load(std::memory_order_relaxed);
                  },
              .document = call_document()});
}

void actor_api::add_stream_route(http::router& routes, const std::string& base) {
  routes.add({.verb = http::method::get,
              .pattern = base + "/stream",
              .handle = http::stream_handlers{
                  .events = [this](http::request& req,
                                   http::event_stream& events) { return follow(req, events); },
                  .socket = [this](http::request& req,
                                   http::web_socket& socket) { return converse(req, socket); }},
              .document = stream_document()});
}

}  // namespace kernd::api
