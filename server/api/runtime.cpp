#include "server/api/runtime.hpp"

#include "kernd/gpu/backend.hpp"
#include "kernd/version.hpp"
#include "server/http/problem.hpp"

#include <boost/asio/ip/address.hpp>
#include <nlohmann/json.hpp>

#include <chrono>
#include <ctime>
#include <utility>

namespace kernd::api {

namespace {

namespace asio = boost::asio;
using json = nlohmann::ordered_json;
using std::chrono::duration_cast;
using std::chrono::seconds;

/// `2026-01-02T03:04:05Z`
std::string date_time(std::chrono::system_clock::time_point when) {
  const std::time_t time = std::chrono::system_clock::to_time_t(when);
  std::tm parts{};
  gmtime_r(&time, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

bool is_this_machine(const asio::ip::address& peer) {
  if (peer.is_v4()) return peer.is_loopback();
  const auto v6 = peer.to_v6();
  // What comes by IPv4 to a socket of both.
  if (v6.is_v4_mapped()) return asio::ip::make_address_v4(asio::ip::v4_mapped, v6).is_loopback();
  return v6.is_loopback();
}

/// Until there is authentication, only who can send a signal as well: no other machine, no page in
/// a browser here, nobody behind a proxy here.
result<void> check_operator(const http::request& req) {
  if (!is_this_machine(req.peer)) {
    return error{errc::permission_denied, req.path + " answers only to the daemon's own machine"};
  }
  for (const std::string_view field : {"Origin", "Forwarded", "X-Forwarded-For"}) {
    if (req.has_header(field)) {
      return error{errc::permission_denied,
                   req.path + " answers neither to browsers nor through proxies; the request has " +
                       std::string{field}};
    }
  }
  return {};
}

http::route_document get_document(std::string operation, std::string summary,
                                  std::string_view schema) {
  return {.operation = std::move(operation),
          .summary = std::move(summary),
          .tag = "runtime",
          .responses = {{200, "As it is now", "application/json", schema}}};
}

http::route_document control_document(std::string operation, std::string summary,
                                      std::string conflicts, std::string_view schema) {
  return {.operation = std::move(operation),
          .summary = std::move(summary),
          .tag = "runtime",
          .responses = {{200, "Done", "application/json", schema},
                        http::problem_document(403, "PERMISSION_DENIED"),
                        http::problem_document(409, std::move(conflicts)),
                        http::problem_document(503, "SERVICE_UNAVAILABLE"),
                        http::problem_document(504, "EXECUTION_TIMEOUT")}};
}

}  // namespace

runtime_api::runtime_api(const lifecycle& life, const executor& jobs, const ring_runtime& actors,
                         const live_config& configuration, control_desk& desk,
                         runtime_actions actions)
    : lifecycle_{life},
      executor_{jobs},
      actors_{actors},
      config_{configuration},
      desk_{desk},
      actions_{std::move(actions)} {}

void runtime_api::add_routes(http::router& routes, std::string_view prefix) {
  const std::string base = std::string{prefix} + "/runtime";
  routes.add({.verb = http::method::get,
              .pattern = base,
              .handle = [this](http::request& req) { return show(req); },
              .document = get_document("get_runtime", "What state the daemon is in", "runtime")});
  routes.add({.verb = http::method::get,
              .pattern = base + "/config",
              .handle = [this](http::request& req) { return show_config(req); },
              .document = get_document("get_runtime_config",
                                       "The configuration in force, each value with its origin",
                                       "runtime_config")});
  routes.add({.verb = http::method::post,
              .pattern = base + "/reload",
              .handle = [this](http::request& req) { return reload(req); },
              .document = control_document(
                  "reload_config", "Read the configuration again, as on SIGHUP: all of it or none",
                  "CONFIGURATION_INVALID, RESTART_REQUIRED, RELOAD_DISABLED or "
                  "INVALID_STATE_TRANSITION",
                  "reload_report")});
  routes.add({.verb = http::method::post,
              .pattern = base + "/drain",
              .handle = [this](http::request& req) { return drain(req); },
              .document = control_document(
                  "drain", "Not ready from now on, no new jobs after the grace delay; no exit",
                  "INVALID_STATE_TRANSITION", "drain_report")});
}

namespace {

struct device_memory_totals {
  std::uint64_t used = 0;
  std::uint64_t peak = 0;  ///< Of each device, whenever that was.
};

device_memory_totals memory_of(const gpu::cuda_backend* devices) {
  device_memory_totals all;
  if (devices == nullptr) return all;
  for (const gpu::device_status& device : devices->devices()) {
    if (!device.memory) continue;
    all.used += device.memory->used;
    all.peak += device.memory->peak;
  }
  return all;
}

}  // namespace

// GET /runtime
http::response runtime_api::show(const http::request&) const {
  const lifecycle_stats life = lifecycle_.stats();
  const auto config = config_.current();
  const ring_metrics ring = actors_.metrics();
  const device_memory_totals device_memory = memory_of(executor_.devices());
  const json document = {{"state", name_of(life.state)},
                         {"in_state_secs", duration_cast<seconds>(life.in_state).count()},
                         {"uptime_secs", duration_cast<seconds>(life.uptime).count()},
                         {"version", version()},
                         {"configuration",
                          {{"revision", config->revision},
                           {"loaded_at", date_time(config->loaded_at)},
                           {"hot_reload", config->loaded.values.runtime.hot_reload}}},
                         {"stats",
                          {{"kernels_registered", life.kernels_registered},
                           {"kernels_active", ring.active_actors},
                           {"messages_processed", ring.messages_processed},
                           {"messages_in_flight", ring.messages_in_flight},
                           {"jobs_in_flight", executor_.in_flight()},
                           {"jobs_running", executor_.running()},
                           {"jobs_abandoned", executor_.abandoned()},
                           {"workers", executor_.workers()},
                           {"gpu_memory_bytes", device_memory.used},
                           {"gpu_memory_peak_bytes", device_memory.peak}}},
                         {"ring",
                          {{"active_kernels", ring.active_actors},
                           {"total_launched", ring.total_launched},
                           {"messages_sent", ring.messages_sent},
                           {"messages_received", ring.messages_received},
                           {"calls_waiting", ring.calls_waiting},
                           {"host_memory_used", ring.host_memory_bytes}}}};
  return http::json_response(document.dump());
}

// GET /runtime/config
http::response runtime_api::show_config(const http::request&) const {
  const auto config = config_.current();
  // A path need not be UTF-8.
  return http::json_response(
      to_json(config->loaded).dump(-1, ' ', false, json::error_handler_t::replace));
}

result<void> runtime_api::may_control(const http::request& req) const {
  auto allowed = check_operator(req);
  if (!allowed) return allowed;
  const lifecycle_state state = lifecycle_.state();
  if (state == lifecycle_state::running) return {};
  return error{errc::invalid_state_transition,
               "the daemon is " + std::string{name_of(state)} + ", not Running"};
}

asio::awaitable<http::response> runtime_api::control(http::request& req, control_desk::task what) {
  const auto allowed = may_control(req);
  if (!allowed) co_return http::problem(allowed.error(), req.request_id);
  auto asked = desk_.ask(std::move(what));
  auto answer = co_await std::move(asked);
  if (!answer) co_return http::problem(answer.error(), req.request_id);
  co_return std::move(*answer);
}

// POST /runtime/reload
asio::awaitable<http::response> runtime_api::reload(http::request& req) {
  return control(req, [this, id = req.request_id] { return reload_now(id); });
}

http::response runtime_api::reload_now(const std::string& request_id) const {
  const auto done = actions_.reload();
  if (!done) return http::problem(done.error(), request_id);
  return http::json_response(json{{"revision", done->revision}, {"changed", done->changed}}.dump());
}

// POST /runtime/drain
asio::awaitable<http::response> runtime_api::drain(http::request& req) {
  return control(req, [this, id = req.request_id] { return drain_now(id); });
}

http::response runtime_api::drain_now(const std::string& request_id) const {
  const auto done = actions_.drain();
  if (!done) return http::problem(done.error(), request_id);
  return http::json_response(json{
      {"state", name_of(lifecycle_.state())},
      {"jobs_in_flight",
       executor_.in_flight()}}.dump());
}

}  // namespace kernd::api
