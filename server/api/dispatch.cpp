#include "server/api/dispatch.hpp"

#include "kernd/message_body.hpp"
#include "kernd/ring/clock.hpp"
#include "server/api/actor_call.hpp"
#include "server/api/actor_json.hpp"
#include "server/api/json_body.hpp"
#include "server/api/media_type.hpp"
#include "server/api/parameters.hpp"
#include "server/http/problem.hpp"

#include <nlohmann/json.hpp>

#include <limits>
#include <string>
#include <utility>

namespace kernd::api {

namespace asio = boost::asio;

namespace {

using json = nlohmann::ordered_json;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t largest_route_bytes = std::size_t{64} << 10;
constexpr std::size_t largest_message_body = std::size_t{1} << 20;
constexpr std::size_t message_memory_bytes = std::size_t{4} << 20;
constexpr std::size_t message_depth = 64;

http::response answer(const json& document, unsigned status = 200) {
  return http::json_response(document.dump(-1, ' ', false, json::error_handler_t::replace), status);
}

result<std::uint32_t> type_of(const http::request& req) {
  const std::string_view text = req.path_param("type_id");
  constexpr std::int64_t largest = std::numeric_limits<std::uint32_t>::max();
  if (const auto id = read_integer(text, 0, largest)) return static_cast<std::uint32_t>(*id);
  return error{errc::invalid_request, "type_id: integer from 0 to " + std::to_string(largest) +
                                          " expected, found '" + std::string{text.substr(0, 40)} +
                                          "'"};
}

error no_route(std::uint32_t type) {
  return {errc::unknown_message_type, "no route for messages of type " + std::to_string(type)};
}

/// The body of a route: `{"actor_id": "a"}`.
result<std::string> read_target(const http::request& req) {
  if (auto refused = refused_media(req)) return *std::move(refused);
  if (req.body.size() > largest_route_bytes) {
    return error{errc::body_too_large, "a route of " + std::to_string(req.body.size()) +
                                           " bytes; limit " + std::to_string(largest_route_bytes)};
  }
  const auto read = read_json(req.body.view());
  if (!read) return read.error();
  const nlohmann::json& body = *read;
  if (!body.is_object()) {
    return refuse_value(errc::invalid_request, {}, "object with the member actor_id", "no object");
  }
  for (const auto& [name, value] : body.items()) {
    if (name == "actor_id") continue;
    return refuse_value(errc::invalid_request, "/" + name, "the member actor_id alone",
                        "that name");
  }
  if (body.contains("actor_id") && body["actor_id"].is_string()) {
    return body["actor_id"].get<std::string>();
  }
  return refuse_value(errc::invalid_request, "/actor_id", "the id of an actor",
                      body.contains("actor_id") ? "another value" : "nothing");
}

/// The route may be older than the actor, which may be one of another kernel.
result<message_choice> choose(const ring_entry& ring, std::uint32_t type, const std::string& id) {
  const auto* handled = ring.find(type);
  if (handled != nullptr && handled->is_handled) return message_choice{type, &handled->coder};
  return error{errc::unknown_message_type,
               "messages of type " + std::to_string(type) + " go to actor '" + id + "', one of " +
                   std::string{ring.kernel.info.id} + ", which handles none"};
}

/// What `?reply=true&timeout_ms=` asks for.
struct reply_query {
  bool wanted = false;
  std::optional<milliseconds> timeout;
};

result<reply_query> read_reply_query(const http::request& req, milliseconds max_time) {
  reply_query out;
  if (const auto wanted = req.query_param("reply")) {
    if (*wanted != "true" && *wanted != "false") {
      return error{errc::invalid_request, "reply: true or false expected, found '" +
                                              std::string{wanted->substr(0, 40)} + "'"};
    }
    out.wanted = *wanted == "true";
  }
  if (const auto text = req.query_param("timeout_ms")) {
    const auto ms = read_integer(*text, 1, max_time.count());
    if (!ms) {
      return error{errc::invalid_request,
                   "timeout_ms: integer from 1 to " + std::to_string(max_time.count()) +
                       " expected, found '" + std::string{text->substr(0, 40)} + "'"};
    }
    out.timeout = milliseconds{*ms};
  }
  return out;
}

}  // namespace

dispatch_api::dispatch_api(const kernel_registry& registry, ring_runtime& actors,
                           const executor_config& times)
    : registry_{registry},
      actors_{actors},
      default_timeout_{times.default_timeout},
      max_timeout_{times.max_timeout} {}

void dispatch_api::reconfigure(const executor_config& times) {
  default_timeout_.store(times.default_timeout, std::memory_order_relaxed);
  max_timeout_.store(times.max_timeout, std::memory_order_relaxed);
}

// GET /routes
http::response dispatch_api::list_routes() const {
  json routes = json::array();
  for (const auto& [type, actor_id] : actors_.routes()) {
    routes.push_back({{"type_id", type}, {"actor_id", actor_id}});
  }
  const std::size_t total = routes.size();
  return answer({{"total", total}, {"routes", std::move(routes)}});
}

// GET /routes/{type_id}
http::response dispatch_api::get_route(const http::request& req) const {
  const auto type = type_of(req);
  if (!type) return http::problem(type.error(), req.request_id);
  const auto actor_id = actors_.route(*type);
  if (!actor_id) return http::problem(no_route(*type), req.request_id);
  return answer({{"type_id", *type}, {"actor_id", *actor_id}});
}

// PUT /routes/{type_id}
http::response dispatch_api::put_route(const http::request& req) {
  const auto type = type_of(req);
  if (!type) return http::problem(type.error(), req.request_id);
  auto target = read_target(req);
  if (!target) return http::problem(target.error(), req.request_id);
  const auto to = actors_.find(*target);
  if (!to) {
    const error none{errc::actor_not_found, "there is no actor '" + *target + "'"};
    return http::problem(none, req.request_id);
  }
  const auto* entry = registry_.find(to->kernel().info.id, kernel_mode::ring);
  const auto* handled = entry->ring->find(*type);
  if (handled == nullptr || !handled->is_handled) {
    const error wrong{errc::invalid_request,
                      "'" + *target + "' is an actor of " + std::string{entry->kernel.info.id} +
                          ", which handles no messages of type " + std::to_string(*type)};
    return http::problem(wrong, req.request_id);
  }
  const auto replaced = actors_.set_route(*type, *target);
  json route = {{"type_id", *type}, {"actor_id", *target}, {"replaced", nullptr}};
  if (replaced) route["replaced"] = *replaced;
  return answer(route);
}

// DELETE /routes/{type_id}
http::response dispatch_api::delete_route(const http::request& req) {
  const auto type = type_of(req);
  if (!type) return http::problem(type.error(), req.request_id);
  if (!actors_.remove_route(*type)) return http::problem(no_route(*type), req.request_id);
  http::response none;
  none.status = 204;
  return none;
}

// POST /dispatch?reply=&timeout_ms=
asio::awaitable<http::response> dispatch_api::dispatch(http::request& req) {
  const auto max_time = max_timeout_.load(std::memory_order_relaxed);
  const auto asked = read_reply_query(req, max_time);
  if (!asked) co_return http::problem(asked.error(), req.request_id);
  arena memory{message_memory_bytes};
  std::optional<actor> to;
  const auto body = read_message(req, asked->wanted, memory, to);
  if (!body) co_return http::problem(body.error(), req.request_id);
  outgoing_message message{.type = body->type,
                           .payload = body->payload,
                           .priority = body->priority,
                           .deadline = body->deadline};
  if (body->source) {
    const auto from = actors_.find(*body->source);
    if (!from) {
      actors_.count_dispatched(false);
      const error none{errc::actor_not_found, "/source: there is no actor '" + *body->source + "'"};
      co_return http::problem(none, req.request_id);
    }
    message.source = from->number();
  }
  const auto usual = default_timeout_.load(std::memory_order_relaxed);
  if (!asked->wanted) {
    const auto patience = body->deadline.value_or(usual);
    co_return co_await deliver(req, *to, message, req.received + patience);
  }
  const auto timeout = asked->timeout.value_or(body->timeout.value_or(usual));
  co_return co_await deliver_and_wait(req, *to, message, req.received + timeout);
}

/// Who gets it goes to `to`: its kernel knows the type.
result<message_body> dispatch_api::read_message(const http::request& req, bool may_wait,
                                                arena& memory, std::optional<actor>& to) {
  if (auto refused = refused_media(req)) return *std::move(refused);
  if (req.body.size() > largest_message_body) {
    return error{errc::message_too_large, "a message of " + std::to_string(req.body.size()) +
                                              " bytes; limit " +
                                              std::to_string(largest_message_body)};
  }
  const message_form form{.type_member = "type_id",
                          .has_source = true,
                          .has_timeout = may_wait,
                          .max_time = max_timeout_.load(std::memory_order_relaxed),
                          .by_id = [&](std::uint32_t type) -> result<message_choice> {
                            auto receiver = actors_.resolve(type);
                            if (!receiver) return std::move(receiver).error();
                            to = *receiver;
                            return choose(kernel_of(*to), type, to->id());
                          },
                          .by_name = {}};
  json_reader reader{message_depth};
  auto body = decode_message_body(reader, req.body, form, memory);
  if (!body && to) actors_.count_dispatched(false);
  return body;
}

asio::awaitable<http::response> dispatch_api::deliver(http::request& req, actor to,
                                                      outgoing_message m,
                                                      steady_clock::time_point deadline) {
  const auto sent = co_await send_to_actor(to, m, deadline, req.disconnected);
  actors_.count_dispatched(sent.has_value());
  if (!sent) co_return http::problem(sent.error(), req.request_id);
  text_buffer text;
  text.push_back('{');
  append_message_id(text, *sent);
  text.append(",\"status\":\"delivered\",\"actor_id\":");
  http::append_quoted(text, to.id());
  text.append(",\"timestamp\":");
  append_time(text, system_wall_clock{}());
  text.push_back('}');
  co_return http::json_response(text.view(), 202);
}

asio::awaitable<http::response> dispatch_api::deliver_and_wait(http::request& req, actor to,
                                                               outgoing_message m,
                                                               steady_clock::time_point deadline) {
  bool was_sent = false;
  const auto reply = co_await call_actor(to, m, deadline, req.disconnected, &was_sent);
  actors_.count_dispatched(was_sent);
  if (!reply) co_return http::problem(reply.error(), req.request_id);
  text_buffer text;
  text.append("{\"request_id\":");
  http::append_quoted(text, req.request_id);
  text.append(",\"actor_id\":");
  http::append_quoted(text, to.id());
  text.push_back(',');
  const auto written = append_message(text, reply->header, reply->payload, kernel_of(to));
  if (!written) co_return http::problem(written.error(), req.request_id);
  text.push_back('}');
  http::response response;
  response.body[0] = std::move(text);
  co_return response;
}

const ring_entry& dispatch_api::kernel_of(const actor& a) const {
  return *registry_.find(a.kernel().info.id, kernel_mode::ring)->ring;
}

// GET /dispatch/metrics
http::response dispatch_api::metrics() const {
  const dispatch_metrics m = actors_.dispatched();
  return answer({{"dispatched", m.dispatched},
                 {"delivered", m.delivered},
                 {"pending", m.pending},
                 {"unknown_type", m.unknown_type},
                 {"delivery_errors", m.delivery_errors}});
}

// POST /dispatch/metrics/reset
http::response dispatch_api::reset_metrics() {
  actors_.reset_dispatch_metrics();
  return metrics();
}

}  // namespace kernd::api
