#include "server/api/components.hpp"

#include "server/http/problem.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
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

json app_entity(const std::string& prefix, std::string_view name, std::string_view description,
                const task_snapshot& now) {
  const std::string id = std::string{app_prefix} + std::string{name};
  json result = entity(prefix, "apps", "app", id, name, description);
  result["x_medkit"]["is_online"] = now.state == task_state::running;
  result["health"] = now.state == task_state::error ? "error" : "ok";
  result["data"] = {{"liveness", liveness(now)}, {"timing", timing(now.timing)}};
  return result;
}

json app_entity(const std::string& prefix, const kernel_entry& entry,
                const execution_monitor& monitor) {
  const kernel_info& info = entry.kernel.info;
  return app_entity(prefix, info.id, info.description, monitor.snapshot(entry.index));
}

json app_entity(const std::string& prefix, const actor& a) {
  const std::string description = "An actor of " + std::string{a.kernel().info.id} + ".";
  return app_entity(prefix, a.id(), description, a.task());
}

json describe_app(const std::string& prefix, const std::variant<const kernel_entry*, actor>& app,
                  const execution_monitor& monitor) {
  const auto* const kernel = std::get_if<const kernel_entry*>(&app);
  if (kernel != nullptr) return app_entity(prefix, **kernel, monitor);
  return app_entity(prefix, std::get<actor>(app));
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

http::route_document actor_app_document(std::string operation, std::string summary) {
  auto result = document(std::move(operation), std::move(summary), "app");
  result.parameters = {{"id", "path", "`app:` and the actor's id.", text_schema}};
  result.responses.push_back(http::problem_document(404, "ACTOR_NOT_FOUND"));
  return result;
}

}  // namespace

component_api::component_api(const kernel_registry& registry, execution_monitor& monitor,
                             const ring_runtime& actors)
    : registry_{registry}, monitor_{monitor}, actors_{actors} {}

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
  const auto add = [&](http::method verb, const std::string& path, auto handle,
                       http::route_document described) {
    routes.add({.verb = verb,
                .pattern = base + path,
                .handle = [this, handle](http::request& req) { return (this->*handle)(req); },
                .document = std::move(described)});
  };
  const auto get = &component_api::get_app;
  const auto clear = &component_api::clear_app;
  routes.add({.verb = http::method::get,
              .pattern = base,
              .handle = [this](http::request&) { return list_apps(); },
              .document = document("list_apps", "An app per batch kernel and per actor, by id",
                                   "app_list")});
  add(http::method::get, "/{domain}/{name}", get,
      app_document("get_app", "What a kernel's jobs did"));
  add(http::method::post, "/{domain}/{name}/clear", clear,
      app_document("clear_app", "Forget a kernel's failure"));
  // A kernel's, too, when its / is escaped.
  add(http::method::get, "/{id}", get,
      actor_app_document("get_actor_app", "What an actor's messages did"));
  add(http::method::post, "/{id}/clear", clear,
      actor_app_document("clear_actor_app", "Forget an actor's failure"));
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
  for (const actor& a : actors_.list()) apps.push_back(app_entity(prefix_, a));
  std::sort(apps.begin(), apps.end(), [](const json& a, const json& b) {
    return a["id"].get_ref<const std::string&>() < b["id"].get_ref<const std::string&>();
  });
  return answer({{"total", apps.size()}, {"apps", std::move(apps)}});
}

result<component_api::app> component_api::find(const http::request& req) const {
  std::string id{req.path_param("id")};
  if (id.empty()) {
    id = std::string{req.path_param("domain")} + "/" + std::string{req.path_param("name")};
  }
  const bool is_app = id.starts_with(app_prefix);
  const std::string name = is_app ? id.substr(app_prefix.size()) : std::string{};
  const bool is_kernel = id.find('/') != std::string::npos;
  if (is_kernel) {
    if (const auto* entry = registry_.find(name, kernel_mode::batch)) return app{entry};
  } else if (auto found = actors_.find(name)) {
    return app{*std::move(found)};
  }
  return error{
      is_kernel ? errc::kernel_not_found : errc::actor_not_found,
      "there is no app '" + id + "'; its id is app: and the id of a batch kernel or an actor"};
}

// GET /apps/{id}
http::response component_api::get_app(const http::request& req) {
  const auto found = find(req);
  if (!found) return http::problem(found.error(), req.request_id);
  return answer(describe_app(prefix_, *found, monitor_));
}

// POST /apps/{id}/clear
http::response component_api::clear_app(const http::request& req) {
  auto found = find(req);
  if (!found) return http::problem(found.error(), req.request_id);
  if (auto* const a = std::get_if<actor>(&*found)) {
    a->clear_failure();
  } else {
    monitor_.clear(std::get<const kernel_entry*>(*found)->index);
  }
  return answer(describe_app(prefix_, *found, monitor_));
}

}  // namespace kernd::api
