#include "server/api/actors.hpp"

#include "server/api/actor_call.hpp"
#include "server/api/actor_json.hpp"
#include "server/api/actor_options.hpp"
#include "server/api/kernel_documents.hpp"
#include "server/api/media_type.hpp"
#include "server/api/parameters.hpp"
#include "server/http/problem.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <limits>
#include <utility>

namespace kernd::api {

namespace asio = boost::asio;

namespace {

using json = nlohmann::ordered_json;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t largest_launch_bytes = std::size_t{64} << 10;
constexpr std::size_t largest_message_body = std::size_t{1} << 20;
constexpr std::size_t message_memory_bytes = std::size_t{4} << 20;
constexpr std::size_t message_depth = 64;
constexpr std::int64_t most_messages = 1000;
constexpr std::int64_t longest_wait_ms = 60'000;

http::response answer(const json& document, unsigned status = 200) {
  return http::json_response(document.dump(-1, ' ', false, json::error_handler_t::replace), status);
}

/// A message of the request's body, in `memory`.
result<message_body> read_message(const http::request& req, const ring_entry& ring, arena& memory,
                                  milliseconds max_time, bool may_wait) {
  if (auto refused = refused_media(req)) return *std::move(refused);
  if (req.body.size() > largest_message_body) {
    return error{errc::message_too_large, "a message of " + std::to_string(req.body.size()) +
                                              " bytes; limit " +
                                              std::to_string(largest_message_body)};
  }
  json_reader reader{message_depth};
  return decode_message_body(reader, req.body, form_for(ring, max_time, may_wait), memory);
}

outgoing_message outgoing(const message_body& body) {
  return {.type = body.type,
          .payload = body.payload,
          .priority = body.priority,
          .deadline = body.deadline};
}

/// The query's number, `otherwise` when it is absent.
result<std::int64_t> read_query(const http::request& req, std::string_view name, std::int64_t min,
                                std::int64_t max, std::int64_t otherwise) {
  const auto text = req.query_param(name);
  if (!text) return otherwise;
  if (const auto value = read_integer(*text, min, max)) return *value;
  return error{errc::invalid_request, std::string{name} + ": integer from " + std::to_string(min) +
                                          " to " + std::to_string(max) + " expected, found '" +
                                          std::string{text->substr(0, 40)} + "'"};
}

struct output_query {
  std::uint64_t after;
  std::size_t max;
  milliseconds wait;
};

result<output_query> read_output_query(const http::request& req) {
  const auto after = read_query(req, "after", 0, std::numeric_limits<std::int64_t>::max(), 0);
  if (!after) return after.error();
  const auto max = read_query(req, "max", 1, most_messages, 100);
  if (!max) return max.error();
  const auto wait = read_query(req, "wait_ms", 0, longest_wait_ms, 0);
  if (!wait) return wait.error();
  return output_query{static_cast<std::uint64_t>(*after), static_cast<std::size_t>(*max),
                      milliseconds{*wait}};
}

}  // namespace

message_form form_for(const ring_entry& ring, milliseconds max_time, bool may_wait) {
  const auto choose = [&ring](const ring_message_entry* type,
                              const std::string& name) -> result<message_choice> {
    if (type != nullptr && type->is_handled) {
      return message_choice{type->type.type_id, &type->coder};
    }
    std::string known;
    for (const message_type& m : ring.kernel.handled) {
      known += (known.empty() ? "" : ", ") + std::to_string(m.type_id) + " " + std::string{m.name};
    }
    return refuse_value(errc::invalid_input, {}, "one of " + known, name);
  };
  return {.has_timeout = may_wait,
          .max_time = max_time,
          .by_id = [&ring,
                    choose](std::uint32_t id) { return choose(ring.find(id), std::to_string(id)); },
          .by_name =
              [&ring, choose](std::string_view name) {
                return choose(ring.find(name), "'" + std::string{name.substr(0, 40)} + "'");
              }};
}

actor_api::actor_api(const kernel_registry& registry, ring_runtime& actors,
                     const ring_config& options, const executor_config& times,
                     milliseconds end_patience)
    : registry_{registry},
      actors_{actors},
      options_{options},
      end_patience_{end_patience},
      default_timeout_{times.default_timeout},
      max_timeout_{times.max_timeout} {}

void actor_api::reconfigure(const executor_config& times) {
  default_timeout_.store(times.default_timeout, std::memory_order_relaxed);
  max_timeout_.store(times.max_timeout, std::memory_order_relaxed);
}

http::response actor_api::answer_status(const actor& of, unsigned status) const {
  const auto* entry = registry_.find(of.kernel().info.id, kernel_mode::ring);
  return answer(actor_document(of.status(), *entry->ring), status);
}

result<actor_api::addressee> actor_api::find(const http::request& req) const {
  const std::string_view id = req.path_param("actor");
  auto found = actors_.find(id);
  if (!found) return error{errc::actor_not_found, "there is no actor '" + std::string{id} + "'"};
  const auto* entry = registry_.find(found->kernel().info.id, kernel_mode::ring);
  return addressee{*std::move(found), *entry->ring};
}

// POST /actors
http::response actor_api::launch(const http::request& req) {
  if (const auto refused = refused_media(req)) return http::problem(*refused, req.request_id);
  if (req.body.size() > largest_launch_bytes) {
    const error large{errc::body_too_large, "a launch of " + std::to_string(req.body.size()) +
                                                " bytes; limit " +
                                                std::to_string(largest_launch_bytes)};
    return http::problem(large, req.request_id);
  }
  const auto wanted = read_launch(req.body.view(), options_);
  if (!wanted) return http::problem(wanted.error(), req.request_id);
  const kernel_entry* entry = registry_.find(wanted->kernel_id, kernel_mode::ring);
  if (entry == nullptr) {
    const bool is_batch = registry_.find(wanted->kernel_id) != nullptr;
    const std::string why = is_batch
                                ? "' is a batch kernel; only ring kernels are launched"
                                : "'" + suggest(registry_, wanted->kernel_id, kernel_mode::ring);
    const error none{errc::kernel_not_found,
                     (is_batch ? "'" : "there is no kernel '") + wanted->kernel_id + why};
    return http::problem(none, req.request_id);
  }
  auto launched = actors_.launch(entry->ring->kernel, wanted->actor_id, wanted->options);
  if (!launched) return http::problem(launched.error(), req.request_id);
  auto response = answer_status(*launched, 201);
  response.headers.emplace_back("Location", base_ + "/" + launched->id());
  return response;
}

// GET /actors
http::response actor_api::list() const {
  json actors = json::array();
  for (const actor& a : actors_.list()) {
    const auto* entry = registry_.find(a.kernel().info.id, kernel_mode::ring);
    actors.push_back(actor_document(a.status(), *entry->ring));
  }
  const std::size_t total = actors.size();
  return answer({{"total", total}, {"actors", std::move(actors)}});
}

// GET /actors/{actor}
http::response actor_api::get(const http::request& req) const {
  const auto found = find(req);
  if (!found) return http::problem(found.error(), req.request_id);
  return answer(actor_document(found->to.status(), found->ring));
}

// POST /actors/{actor}/activate, …
http::response actor_api::change(const http::request& req, result<void> (actor::*transition)()) {
  auto found = find(req);
  if (!found) return http::problem(found.error(), req.request_id);
  const auto changed = (found->to.*transition)();
  if (!changed) return http::problem(changed.error(), req.request_id);
  return answer(actor_document(found->to.status(), found->ring));
}

// DELETE /actors/{actor}
asio::awaitable<http::response> actor_api::remove(http::request& req) {
  auto found = find(req);
  if (!found) co_return http::problem(found.error(), req.request_id);
  found->to.request_end();
  const auto until = steady_clock::now() + end_patience_;
  const bool has_ended = co_await wait_for_end(found->to, until);
  if (!actors_.find(found->to.number())) {  // while this waited, another request forgot it
    const error gone{errc::actor_not_found, "there is no actor '" + found->to.id() + "' any more"};
    co_return http::problem(gone, req.request_id);
  }
  const auto removed =
      actors_.remove(found->to.id(), has_ended ? until : steady_clock::time_point{});
  if (!removed) co_return http::problem(removed.error(), req.request_id);
  http::response none;
  none.status = 204;
  co_return none;
}

// POST /actors/{actor}/messages
asio::awaitable<http::response> actor_api::send(http::request& req) {
  auto found = find(req);
  if (!found) co_return http::problem(found.error(), req.request_id);
  const auto max_time = max_timeout_.load(std::memory_order_relaxed);
  const auto header = read_integer_header(req, "X-Request-Timeout-Ms", 1, max_time.count());
  if (!header) co_return http::problem(header.error(), req.request_id);
  arena memory{message_memory_bytes};
  const auto body = read_message(req, found->ring, memory, max_time, false);
  if (!body) co_return http::problem(body.error(), req.request_id);

  auto patience = body->deadline.value_or(default_timeout_.load(std::memory_order_relaxed));
  if (*header) patience = std::min(patience, milliseconds{**header});
  const outgoing_message message = outgoing(*body);
  const auto sent =
      co_await send_to_actor(found->to, message, req.received + patience, req.disconnected);
  if (!sent) co_return http::problem(sent.error(), req.request_id);
  text_buffer text;
  text.push_back('{');
  append_message_id(text, *sent);
  text.push_back('}');
  co_return http::json_response(text.view(), 202);
}

// POST /actors/{actor}/call
asio::awaitable<http::response> actor_api::call(http::request& req) {
  auto found = find(req);
  if (!found) co_return http::problem(found.error(), req.request_id);
  const auto max_time = max_timeout_.load(std::memory_order_relaxed);
  const auto header = read_integer_header(req, "X-Request-Timeout-Ms", 1, max_time.count());
  if (!header) co_return http::problem(header.error(), req.request_id);
  arena memory{message_memory_bytes};
  const auto body = read_message(req, found->ring, memory, max_time, true);
  if (!body) co_return http::problem(body.error(), req.request_id);

  auto timeout = default_timeout_.load(std::memory_order_relaxed);
  if (*header) timeout = milliseconds{**header};
  if (body->timeout) timeout = *header ? std::min(timeout, *body->timeout) : *body->timeout;
  const outgoing_message message = outgoing(*body);
  const auto reply =
      co_await call_actor(found->to, message, req.received + timeout, req.disconnected);
  if (!reply) co_return http::problem(reply.error(), req.request_id);

  text_buffer text;
  text.append("{\"request_id\":");
  http::append_quoted(text, req.request_id);
  text.append(",\"actor_id\":");
  http::append_quoted(text, found->to.id());
  text.push_back(',');
  const auto written = append_message(text, reply->header, reply->payload, found->ring);
  if (!written) co_return http::problem(written.error(), req.request_id);
  text.append(",\"metadata\":{\"duration_us\":");
  const auto took = steady_clock::now() - req.received;
  append_integer(text, static_cast<std::uint64_t>(
                           std::chrono::duration_cast<std::chrono::microseconds>(took).count()));
  text.append("}}");
  http::response response;
  response.body[0] = std::move(text);
  co_return response;
}

// GET /actors/{actor}/messages?after=&max=&wait_ms=
asio::awaitable<http::response> actor_api::read_output(http::request& req) {
  auto found = find(req);
  if (!found) co_return http::problem(found.error(), req.request_id);
  const auto query = read_output_query(req);
  if (!query) co_return http::problem(query.error(), req.request_id);

  const auto reached = check_position(found->to, "after", query->after);
  if (!reached) co_return http::problem(reached.error(), req.request_id);

  // HEAD looks and leaves everything as it is.
  const bool is_head = req.verb == http::method::head;
  const std::uint64_t acknowledged = is_head ? 0 : query->after;
  if (query->wait.count() > 0 && !is_head) {
    // Before it waits: for want of room the actor may wait itself.
    found->to.read_output(query->after, 0, [](std::uint64_t, const message_view&) {});
    const auto until = req.received + query->wait;
    const auto draining = draining_.get_token();
    co_await wait_for_output(found->to, query->after, until, req.disconnected, draining);
  }
  text_buffer text;
  text.append("{\"messages\":[");
  result<void> failure;
  std::uint64_t last = query->after;
  const auto append = [&](std::uint64_t position, const message_view& m) {
    if (!failure) return;
    text.append(text.view().back() == '[' ? "{\"position\":" : ",{\"position\":");
    append_integer(text, position);
    text.push_back(',');
    failure = append_message(text, m.header, m.payload, found->ring);
    text.push_back('}');
    last = position;
  };
  found->to.read_output(acknowledged, query->after, query->max, append);
  if (!failure) co_return http::problem(failure.error(), req.request_id);
  text.append("],\"next_after\":");
  append_integer(text, last);
  text.push_back('}');
  http::response response;
  response.body[0] = std::move(text);
  co_return response;
}

}  // namespace kernd::api
