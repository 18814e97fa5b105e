#include "server/api/kernels.hpp"

#include "kernd/execute_body.hpp"
#include "server/api/actor_execute.hpp"
#include "server/api/execute_response.hpp"
#include "server/api/kernel_documents.hpp"
#include "server/api/media_type.hpp"
#include "server/api/parameters.hpp"
#include "server/http/problem.hpp"

#include <algorithm>
#include <utility>

namespace kernd::api {

namespace {

constexpr int default_priority = 5;
constexpr int highest_priority = 10;
constexpr std::size_t peeked_depth = 64;  // what nests deeper is left to the worker

std::string kernel_id_of(const http::request& req) {
  const std::string_view whole = req.path_param("id");
  if (!whole.empty()) return std::string{whole};
  return std::string{req.path_param("domain")} + "/" + std::string{req.path_param("name")};
}

constexpr std::string_view text_schema = R"({"type":"string"})";
constexpr std::string_view mode_schema = R"({"type":"string","enum":["batch","ring"]})";

http::parameter_document mode_parameter() {
  return {"mode", "query", "Which of two kernels with one id; batch unless set.", mode_schema};
}

http::route_document list_document() {
  return {
      .operation = "list_kernels",
      .summary = "The kernels, sorted by id",
      .tag = "kernels",
      .parameters = {{"domain", "query", "Display name, or what is before the / in an id.",
                      text_schema},
                     {"mode", "query", "Only kernels of that mode.", mode_schema},
                     {"backend", "query", "Only kernels that run there.",
                      R"({"type":"string","enum":["cpu","cuda"]})"},
                     {"q", "query", "Text in the id or the description, in any case.", text_schema},
                     {"limit", "query", "How many to list.",
                      R"({"type":"integer","minimum":1,"maximum":1000,"default":1000})"},
                     {"cursor", "query", "`next_cursor` of the page before.", text_schema}},
      .responses = {{200, "The kernels", "application/json", "kernel_list"},
                    http::problem_document(400, "INVALID_REQUEST")}};
}

std::vector<http::parameter_document> id_parameters() {
  return {{"domain", "path", "What is before the / in the id.", text_schema},
          {"name", "path", "What is behind it.", text_schema},
          mode_parameter()};
}

http::route_document describe_document() {
  return {.operation = "get_kernel",
          .summary = "One kernel: its types, its example and what was measured",
          .tag = "kernels",
          .parameters = id_parameters(),
          .responses = {{200, "The kernel", "application/json", "kernel"},
                        http::problem_document(400, "INVALID_REQUEST"),
                        http::problem_document(404, "KERNEL_NOT_FOUND")}};
}

http::route_document execute_document() {
  auto parameters = id_parameters();
  parameters.push_back({"X-Request-Timeout-Ms", "header",
                        "Deadline, counted from the first byte of the request.",
                        R"({"type":"integer","minimum":1})"});
  parameters.push_back({"X-Request-Priority", "header", "Higher first.",
                        R"({"type":"integer","minimum":0,"maximum":10,"default":5})"});
  return {.operation = "execute_kernel",
          .summary = "Run any kernel",
          .tag = "kernels",
          .parameters = std::move(parameters),
          .request = "execute_request",
          .responses = {
              {200, "What the kernel gave", "application/json", "execute_result"},
              http::problem_document(400, "INVALID_JSON, INVALID_REQUEST or INVALID_INPUT"),
              http::problem_document(404, "KERNEL_NOT_FOUND"),
              http::problem_document(409, "ACTOR_NOT_ACTIVE or ALREADY_EXISTS"),
              http::problem_document(410, "ACTOR_TERMINATED"),
              http::problem_document(413, "BODY_TOO_LARGE or MEMORY_LIMIT_EXCEEDED"),
              http::problem_document(415, "UNSUPPORTED_MEDIA_TYPE"),
              http::problem_document(422, "RING_KERNEL_REST_UNSUPPORTED"),
              http::problem_document(429, "QUEUE_FULL"),
              http::problem_document(500, "EXECUTION_FAILED, NON_FINITE_OUTPUT or DEVICE_ERROR"),
              http::problem_document(503, "SERVICE_UNAVAILABLE or MEMORY_EXHAUSTED"),
              http::problem_document(504, "EXECUTION_TIMEOUT")}};
}

/// What the body says of trace, span and tenant, for the access log and the answer. The headers'
/// trace and span win; so does the body's tenant.
void note_ids(http::request& req, job_metadata&& named) {
  if (req.trace_id.empty() && named.trace_id) req.trace_id = *std::move(named.trace_id);
  if (req.parent_span_id.empty() && named.span_id) req.parent_span_id = *std::move(named.span_id);
  if (named.tenant_id) req.tenant_id = *std::move(named.tenant_id);
}

}  // namespace

kernel_api::kernel_api(const kernel_registry& registry, executor& jobs, ring_runtime& actors,
                       const executor_config& options, bool execute_ring_kernels)
    : registry_{registry},
      executor_{jobs},
      actors_{actors},
      execute_ring_kernels_{execute_ring_kernels},
      default_timeout_{options.default_timeout},
      max_timeout_{options.max_timeout} {}

void kernel_api::reconfigure(const executor_config& options) {
  default_timeout_.store(options.default_timeout, std::memory_order_relaxed);
  max_timeout_.store(options.max_timeout, std::memory_order_relaxed);
}

void kernel_api::add_routes(http::router& routes, std::string_view prefix) {
  const std::string base = std::string{prefix} + "/kernels";
  const std::string label = base + "/{domain}/{name}";
  routes.add({.verb = http::method::get,
              .pattern = base,
              .handle = [this](http::request& req) { return list(req); },
              .document = list_document()});
  for (const std::string id : {"/{domain}/{name}", "/{id}"}) {
    const bool is_alias = id == "/{id}";
    routes.add({.verb = http::method::get,
                .pattern = base + id,
                .handle = [this](http::request& req) { return describe(req); },
                .label = label,
                .document = is_alias ? http::route_document{} : describe_document()});
    routes.add({.verb = http::method::post,
                .pattern = base + id + "/execute",
                .handle = [this](http::request& req) { return execute(req); },
                .label = label + "/execute",
                .time_limit = [this](const http::request& req) { return time_limit(req); },
                .document = is_alias ? http::route_document{} : execute_document()});
  }
}

// GET /kernels?domain=&mode=&backend=&q=&limit=&cursor=
http::response kernel_api::list(const http::request& req) const {
  auto page = read_kernel_page(req);
  if (!page) return http::problem(page.error(), req.request_id);
  return http::json_response(
      kernel_list(registry_, *page, {executor_.devices(), execute_ring_kernels_}));
}

result<const kernel_entry*> kernel_api::find(const http::request& req) const {
  std::optional<kernel_mode> mode;
  if (const auto named = req.query_param("mode")) {
    auto read = read_mode(*named);
    if (!read) return std::move(read).error();
    mode = *read;
  }
  const std::string id = kernel_id_of(req);
  if (const kernel_entry* entry = registry_.find(id, mode)) return entry;
  const bool exists = registry_.find(id) != nullptr;
  return error{errc::kernel_not_found,
               "there is no kernel '" + id + "'" +
                   (exists ? " in that mode" : suggest(registry_, id, mode))};
}

// GET /kernels/{id}
http::response kernel_api::describe(const http::request& req) const {
  const auto entry = find(req);
  if (!entry) return http::problem(entry.error(), req.request_id);
  const auto document = kernel_document(**entry, {executor_.devices(), execute_ring_kernels_});
  return http::json_response(with_measured(document, executor_.metrics().totals((*entry)->index)));
}

std::chrono::milliseconds kernel_api::time_limit(const http::request& req) const {
  const auto max = max_timeout_.load(std::memory_order_relaxed);
  const auto asked = read_integer_header(req, "X-Request-Timeout-Ms", 1, max.count());
  if (asked && *asked) return std::chrono::milliseconds{**asked};
  return default_timeout_.load(std::memory_order_relaxed);
}

/// Of a small body; nothing of a larger one.
job_metadata kernel_api::peek(const http::request& req) const {
  if (req.body.size() > small_body_bytes) return {};
  json_reader reader{peeked_depth};
  return peek_metadata(reader, req.body, max_timeout_.load(std::memory_order_relaxed));
}

result<kernel_api::admission> kernel_api::admit(const http::request& req,
                                                const job_metadata& body) const {
  const auto max_timeout = max_timeout_.load(std::memory_order_relaxed);
  const auto header_timeout =
      read_integer_header(req, "X-Request-Timeout-Ms", 1, max_timeout.count());
  if (!header_timeout) return header_timeout.error();
  const auto header_priority = read_integer_header(req, "X-Request-Priority", 0, highest_priority);
  if (!header_priority) return header_priority.error();

  std::chrono::milliseconds timeout = default_timeout_.load(std::memory_order_relaxed);
  if (*header_timeout) timeout = std::chrono::milliseconds{**header_timeout};
  if (body.timeout) timeout = *header_timeout ? std::min(timeout, *body.timeout) : *body.timeout;
  const auto priority = static_cast<int>(header_priority->value_or(default_priority));
  return admission{timeout, body.priority.value_or(priority)};
}

boost::asio::awaitable<result<job_output>> kernel_api::run(const kernel_entry& entry,
                                                           job_request job,
                                                           execution_context context) {
  if (entry.ring == nullptr) return executor_.run(entry, std::move(job), std::move(context));
  return execute_on_actor(actors_, entry, std::move(job), std::move(context),
                          max_timeout_.load(std::memory_order_relaxed));
}

// POST /kernels/{id}/execute
// Body: {"input": <kernel input>, "metadata": {"timeout_ms": <integer>, …}}
// `req` lives in the session's frame, which awaits this coroutine.
boost::asio::awaitable<http::response> kernel_api::execute(http::request& req) {
  const auto entry = find(req);
  if (!entry) co_return http::problem(entry.error(), req.request_id);
  if ((*entry)->ring != nullptr && !execute_ring_kernels_) {
    const error refused{errc::ring_kernel_rest_unsupported,
                        "'" + std::string{(*entry)->kernel.info.id} +
                            "' is a ring kernel, and ring.execute_over_rest is off; launch an "
                            "actor of it and call that"};
    co_return http::problem(refused, req.request_id);
  }
  if (const auto refused = refused_media(req)) co_return http::problem(*refused, req.request_id);
  const bool is_small = req.body.size() <= small_body_bytes;
  job_metadata named = peek(req);
  const auto admitted = admit(req, named);
  note_ids(req, std::move(named));
  if (!admitted) co_return http::problem(admitted.error(), req.request_id);

  execution_context context{req.received,     req.received + admitted->timeout, admitted->priority,
                            req.disconnected, is_small ? nullptr : &named,      req.request_id};
  job_request job{std::move(req.body), std::move(req.body_memory)};
  named = {};
  auto output = co_await run(**entry, std::move(job), std::move(context));
  note_ids(req, output ? std::move(output->metadata) : std::move(named));
  if (!output) co_return http::problem(output.error(), req.request_id);
  co_return execute_response(req, **entry, std::move(*output));
}

}  // namespace kernd::api
