#include "server/api/dead_letters.hpp"

#include "server/api/actor_json.hpp"
#include "server/api/parameters.hpp"
#include "server/http/problem.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <utility>

namespace kernd::api {

namespace {

constexpr std::int64_t largest_id = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t most_letters = 1000;

error refuse(std::string_view name, std::int64_t min, std::int64_t max, std::string_view found) {
  return {errc::invalid_request, std::string{name} + ": integer from " + std::to_string(min) +
                                     " to " + std::to_string(max) + " expected, found '" +
                                     std::string{found.substr(0, 40)} + "'"};
}

result<std::int64_t> read_query(const http::request& req, std::string_view name, std::int64_t min,
                                std::int64_t max, std::int64_t otherwise) {
  const auto text = req.query_param(name);
  if (!text) return otherwise;
  if (const auto value = read_integer(*text, min, max)) return *value;
  return refuse(name, min, max, *text);
}

result<std::uint64_t> letter_id(const http::request& req) {
  const std::string_view text = req.path_param("id");
  if (const auto id = read_integer(text, 1, largest_id)) return static_cast<std::uint64_t>(*id);
  return refuse("id", 1, largest_id, text);
}

http::parameter_document id_parameter() {
  return {"id", "path", "The dead letter's id.", R"({"type":"integer","minimum":1})"};
}

http::route_document list_document() {
  return {.operation = "list_dead_letters",
          .summary = "What could not be delivered, oldest first",
          .tag = "dead letters",
          .parameters = {{"after", "query", "Only those with a greater id.",
                          R"({"type":"integer","minimum":0,"default":0})"},
                         {"max", "query", "How many at most.",
                          R"({"type":"integer","minimum":1,"maximum":1000,"default":100})"}},
          .responses = {{200, "The dead letters", "application/json", "dead_letter_list"},
                        http::problem_document(400, "INVALID_REQUEST")}};
}

http::route_document replay_document() {
  return {.operation = "replay_dead_letter",
          .summary = "Send it again, to the actor that it was for",
          .tag = "dead letters",
          .parameters = {id_parameter()},
          .responses = {{202, "It is in the mailbox", "application/json", "message_accepted"},
                        http::problem_document(400, "INVALID_REQUEST"),
                        http::problem_document(404, "NOT_FOUND or ACTOR_NOT_FOUND"),
                        http::problem_document(410, "ACTOR_TERMINATED"),
                        http::problem_document(429, "QUEUE_FULL"),
                        http::problem_document(503, "SERVICE_UNAVAILABLE")}};
}

http::route_document remove_document() {
  return {.operation = "delete_dead_letter",
          .summary = "Forget it",
          .tag = "dead letters",
          .parameters = {id_parameter()},
          .responses = {{204, "Gone", "", ""},
                        http::problem_document(400, "INVALID_REQUEST"),
                        http::problem_document(404, "NOT_FOUND")}};
}

}  // namespace

dead_letter_api::dead_letter_api(const kernel_registry& registry, ring_runtime& actors)
    : registry_{registry}, actors_{actors} {}

void dead_letter_api::add_routes(http::router& routes, std::string_view prefix) {
  const std::string base = std::string{prefix} + "/dead-letters";
  routes.add({.verb = http::method::get,
              .pattern = base,
              .handle = [this](http::request& req) { return list(req); },
              .document = list_document()});
  routes.add({.verb = http::method::post,
              .pattern = base + "/{id}/replay",
              .handle = [this](http::request& req) { return replay(req); },
              .success = 202,
              .document = replay_document()});
  routes.add({.verb = http::method::delete_,
              .pattern = base + "/{id}",
              .handle = [this](http::request& req) { return remove(req); },
              .success = 204,
              .document = remove_document()});
}

/// The kernel of the actor that it was for, or of the first that handles its type, or emits it: its
/// payload can be shown then. Null when there is none.
const ring_entry* dead_letter_api::receiver_of(const dead_letter& letter) const {
  if (const auto to = actors_.find(letter.actor_id)) {
    return registry_.find(to->kernel().info.id, kernel_mode::ring)->ring.get();
  }
  const ring_entry* emitter = nullptr;
  for (const kernel_entry* entry : registry_.find_all({.mode = kernel_mode::ring})) {
    const auto* type = entry->ring->find(letter.header.type);
    if (type == nullptr) continue;
    if (type->is_handled) return entry->ring.get();
    if (emitter == nullptr) emitter = entry->ring.get();
  }
  return emitter;
}

// GET /dead-letters?after=&max=
http::response dead_letter_api::list(const http::request& req) const {
  const auto after = read_query(req, "after", 0, largest_id, 0);
  if (!after) return http::problem(after.error(), req.request_id);
  const auto max = read_query(req, "max", 1, most_letters, 100);
  if (!max) return http::problem(max.error(), req.request_id);

  const dead_letter_queue& queue = actors_.dead_letters();
  text_buffer text;
  text.append("{\"total\":");
  append_integer(text, queue.size());
  text.append(",\"added\":");
  append_integer(text, queue.added());
  text.append(",\"dropped\":");
  append_integer(text, queue.dropped());
  text.append(",\"dead_letters\":[");
  bool is_first = true;
  for (const dead_letter& letter :
       queue.list(static_cast<std::uint64_t>(*after), static_cast<std::size_t>(*max))) {
    if (!std::exchange(is_first, false)) text.push_back(',');
    const auto appended = append_dead_letter(text, letter, receiver_of(letter));
    if (!appended) return http::problem(appended.error(), req.request_id);
  }
  text.append("]}");
  http::response answer;
  answer.body[0] = std::move(text);
  return answer;
}

// POST /dead-letters/{id}/replay
http::response dead_letter_api::replay(const http::request& req) {
  const auto id = letter_id(req);
  if (!id) return http::problem(id.error(), req.request_id);
  const auto sent = actors_.replay(*id);
  if (!sent) return http::problem(sent.error(), req.request_id);
  text_buffer text;
  text.push_back('{');
  append_message_id(text, *sent);
  text.push_back('}');
  return http::json_response(text.view(), 202);
}

// DELETE /dead-letters/{id}
http::response dead_letter_api::remove(const http::request& req) {
  const auto id = letter_id(req);
  if (!id) return http::problem(id.error(), req.request_id);
  if (!actors_.dead_letters().take(*id)) {
    const error none{errc::not_found, "there is no dead letter " + std::to_string(*id)};
    return http::problem(none, req.request_id);
  }
  http::response none;
  none.status = 204;
  return none;
}

}  // namespace kernd::api
