#include "server/api/components.hpp"

#include "server/http/problem.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdint>
#include <utility>

namespace kernd::api {

namespace {

using json = nlohmann::ordered_json;

constexpr std::string_view tag = "components";
constexpr std::string_view app_prefix = "app:";
constexpr std::string_view text_schema = R"({"type":"string"})";

http::response answer(const json& document) {
  // Messages of kernels may quote what the client sent, which need not be UTF-8.
  return http::json_response(document.dump(-1, ' ', false, json::error_handler_t::replace));
}

std::int64_t unix_ms(std::chrono::system_clock::time_point at) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(at.time_since_epoch()).count();
}

/// What every entity has; `collection` is `components` or `apps`.
json entity(const std::string& prefix, std::string_view collection, std::string_view kind,
            const std::string& id, std::string_view name, std::string_view description) {
  return {{"href", prefix + "/" + std::string{collection} + "/" + id},
          {"id", id},
          {"name", name},
          {"kind", kind},
          {"parent_id", nullptr},
          {"description", description}};
}

json executor_entity(const std::string& prefix, const execution_monitor& monitor) {
  const executor_snapshot now = monitor.executor();
  json result =
      entity(prefix, "components", "component", "executor", "executor", "Runs the batch kernels.");
  result["x_medkit"]["is_online"] = now.up;
  result["health"] = now.fault ? "error" : "ok";
  json& data = result["data"]["executor"];
  data = {{"up", now.up},
          {"faulted", now.fault.has_value()},
          {"task_count", monitor.tasks().size()},
          {"unknown_tasks", now.unknown_tasks},
          {"overruns", now.overruns},
          {"fault", nullptr}};
  if (now.fault) {
    const auto allowed = std::chrono::duration_cast<std::chrono::milliseconds>(now.fault->allowed);
    data["fault"] = {{"task", monitor.tasks()[now.fault->task]},
                     {"allowed_ms", allowed.count()},
                     {"at_unix_ms", unix_ms(now.fault->at)}};
  }
  return result;
}

json liveness(const task_snapshot& now) {
  json result = {{"state", name_of(now.state)}, {"online", now.state == task_state::running},
                 {"starts", now.starts},        {"stops", now.stops},
                 {"errors", now.errors},        {"error", nullptr}};
  if (now.failure) {
    result["error"] = {{"code", http::describe(now.failure->code).code},
                       {"message", now.failure->message},
                       {"at_unix_ms", unix_ms(now.failure->at)}};
  }
  return result;
}

json timing(const task_timing& t) {
  json result = {{"executions", t.executions},
                 {"last_took_ns", t.last.count()},
                 {"ewma_took_ns", t.ewma.count()},
                 {"min_took_ns", t.min.count()},
                 {"max_took_ns", t.max.count()},
                 {"period_ns", t.period.count()},
                 {"rate_hz", nullptr}};
  if (t.period.count() != 0) result["rate_hz"] = 1e9 / static_cast<double>(t.period.count());
  return result;
}

json app_entity(const std::string& prefix, const kernel_entry& entry,
                const execution_monitor& monitor) {
  const kernel_info& info = entry.kernel.info;
  const task_snapshot now = monitor.snapshot(entry.index);
  const std::string id = std::string{app_prefix} + std::string{info.id};
  json result = entity(prefix, "apps", "app", id, info.id, info.description);
  result["x_medkit"]["is_online"] = now.state == task_state::running;
  result["health"] = now.state == task_state::error ? "error" : "ok";
  result["data"] = {{"liveness", liveness(now)}, {"timing", timing(now.timing)}};
  return result;
}

http::route_document document(std::string operation, std::string summary, std::string_view schema) {
  return {.operation = std::move(operation),
          .summary = std::move(summary),
          .tag = std::string{tag},
          .responses = {{200, "What is recorded", "application/json", schema}}};
}

http::route_document app_document(std::string operation, std::string summary) {
  auto result = document(std::move(operation), std::move(summary), "app");
  result.parameters = {
      {"domain", "path", "`app:` and what is before the / in the kernel's id.", text_schema},
      {"name", "path", "What is behind it.", text_schema}};
  result.responses.push_back(http::problem_document(404, "KERNEL_NOT_FOUND"));
  return result;
}

}  // namespace

component_api::component_api(const kernel_registry& registry, execution_monitor& monitor)
    : registry_{registry}, monitor_{monitor} {}

void component_api::add_routes(http::router& routes, std::string_view prefix) {
  prefix_ = prefix;
  add_component_routes(routes);
  add_app_routes(routes);
}

void component_api::add_component_routes(http::router& routes) {
  const std::string base = prefix_ + "/components";
  routes.add({.verb = http::method::get,
              .pattern = base,
              .handle = [this](http::request&) { return list_components(); },
              .document = document("list_components", "The components", "component_list")});
  routes.add({.verb = http::method::get,
              .pattern = base + "/executor",
              .handle = [this](http::request&) { return get_executor(); },
              .document = document("get_executor", "What runs the kernels", "component")});
  routes.add({.verb = http::method::post,
              .pattern = base + "/executor/clear",
              .handle = [this](http::request&) { return clear_executor(); },
              .document = document("clear_executor", "Forget the executor's fault", "component")});
}

void component_api::add_app_routes(http::router& routes) {
  const std::string base = prefix_ + "/apps";
  const std::string label = base + "/{domain}/{name}";
  routes.add({.verb = http::method::get,
              .pattern = base,
              .handle = [this](http::request&) { return list_apps(); },
              .document = document("list_apps", "An app per kernel, sorted by id", "app_list")});
  for (const std::string id : {"/{domain}/{name}", "/{id}"}) {
    const bool is_alias = id == "/{id}";
    routes.add({.verb = http::method::get,
                .pattern = base + id,
                .handle = [this](http::request& req) { return get_app(req); },
                .label = label,
                .document = is_alias ? http::route_document{}
                                     : app_document("get_app", "What a kernel's jobs did")});
    routes.add({.verb = http::method::post,
                .pattern = base + id + "/clear",
                .handle = [this](http::request& req) { return clear_app(req); },
                .label = label + "/clear",
                .document = is_alias ? http::route_document{}
                                     : app_document("clear_app", "Forget a kernel's failure")});
  }
}

// GET /components
http::response component_api::list_components() const {
  return answer({{"total", 1}, {"components", {executor_entity(prefix_, monitor_)}}});
}

// GET /components/executor
http::response component_api::get_executor() const {
  return answer(executor_entity(prefix_, monitor_));
}

// POST /components/executor/clear
http::response component_api::clear_executor() {
  monitor_.clear_executor();
  return get_executor();
}

// GET /apps
http::response component_api::list_apps() const {
  json apps = json::array();
  for (const kernel_entry* entry : registry_.find_all({.mode = kernel_mode::batch})) {
    apps.push_back(app_entity(prefix_, *entry, monitor_));
  }
  return answer({{"total", apps.size()}, {"apps", std::move(apps)}});
}

result<const kernel_entry*> component_api::find(const http::request& req) const {
  std::string id{req.path_param("id")};
  if (id.empty()) {
    id = std::string{req.path_param("domain")} + "/" + std::string{req.path_param("name")};
  }
  const bool is_app = id.starts_with(app_prefix);
  const std::string kernel = is_app ? id.substr(app_prefix.size()) : std::string{};
  const kernel_entry* entry = registry_.find(kernel, kernel_mode::batch);
  if (entry != nullptr) return entry;
  return error{errc::kernel_not_found,
               "there is no app '" + id + "'; its id is app: and the id of a kernel"};
}

// GET /apps/{id}
http::response component_api::get_app(const http::request& req) const {
  const auto entry = find(req);
  if (!entry) return http::problem(entry.error(), req.request_id);
  return answer(app_entity(prefix_, **entry, monitor_));
}

// POST /apps/{id}/clear
http::response component_api::clear_app(const http::request& req) {
  const auto entry = find(req);
  if (!entry) return http::problem(entry.error(), req.request_id);
  monitor_.clear((*entry)->index);
  return answer(app_entity(prefix_, **entry, monitor_));
}

}  // namespace kernd::api
