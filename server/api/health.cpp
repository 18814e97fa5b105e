#include "server/api/health.hpp"

#include "kernd/gpu/backend.hpp"
#include "kernd/version.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace kernd::api {

namespace {

using json = nlohmann::ordered_json;

constexpr std::chrono::seconds longest_loop_turn{10};
constexpr std::chrono::seconds longest_overrun{60};

unsigned status_of(bool good) {
  return good ? 200 : 503;
}

http::response text_response(const std::string& body, unsigned status) {
  http::response answer = http::json_response(body, status);
  answer.content_type = "text/plain; charset=utf-8";
  return answer;
}

/// Of a route that answers 200 or 503, as JSON, or with ?verbose as one line per check.
http::route_document document(std::string operation, std::string summary, std::string_view schema) {
  constexpr std::string_view text = "text/plain; charset=utf-8";
  return {
      .operation = std::move(operation),
      .summary = std::move(summary),
      .tag = "health",
      .parameters = {{"verbose", "query", "One line of text per check.", R"({"type":"string"})"}},
      .responses = {{200, "Well", "application/json", schema},
                    {200, "Well", text},
                    {503, "Not well, with reasons", "application/json", schema},
                    {503, "Not well, with reasons", text}}};
}

http::response uncached(http::response answer) {
  answer.headers.emplace_back("Cache-Control", "no-store");
  return answer;
}

/// `[+]workers ok`, `[~]execution_engine degraded: why`, `[-]lifecycle failed: why`.
std::string line(health_status status, std::string_view name, std::string_view message) {
  std::string text = "[+]";
  std::string_view verdict = " ok";
  if (status == health_status::degraded) text = "[~]", verdict = " degraded";
  if (status == health_status::unhealthy) text = "[-]", verdict = " failed";
  text.append(name).append(verdict);
  if (!message.empty()) text.append(": ").append(message);
  return text + "\n";
}

std::string line(bool good, std::string_view name, std::string_view message) {
  return line(good ? health_status::healthy : health_status::unhealthy, name, message);
}

}  // namespace

health_api::health_api(const lifecycle& life, const kernel_registry& registry, const executor& jobs,
                       const health_monitor& monitor,
                       std::function<bool(std::chrono::milliseconds)> loops_alive,
                       std::function<clock::time_point()> now)
    : lifecycle_{life},
      registry_{registry},
      executor_{jobs},
      monitor_{monitor},
      loops_alive_{std::move(loops_alive)},
      now_{std::move(now)} {}

void health_api::add_routes(http::router& routes) {
  const auto add = [&](const char* path, const char* label, http::route_document document,
                       http::response (health_api::*handle)(const http::request&) const) {
    routes.add(
        {.verb = http::method::get,
         .pattern = path,
         .handle = [this, handle](http::request& req) { return uncached((this->*handle)(req)); },
         .label = label,
         .document = std::move(document)});
  };
  add("/health", "/health", document("get_health", "The components, and what is wrong", "health"),
      &health_api::health);
  const auto live = document("get_live", "Whether a restart would help: 503 if so", "probe");
  add("/health/live", "/health/live", live, &health_api::live);
  add("/livez", "/health/live", {}, &health_api::live);
  const auto ready = document("get_ready", "Whether to send requests here: 503 if not", "probe");
  add("/health/ready", "/health/ready", ready, &health_api::ready);
  add("/readyz", "/health/ready", {}, &health_api::ready);
  add("/health/startup", "/health/startup",
      document("get_startup", "Whether start-up is over: 503 until then", "probe"),
      &health_api::startup);
}

void health_api::add_self_test_failure(std::string reason) {
  const std::lock_guard lock{mutex_};
  self_test_failures_.push_back(std::move(reason));
}

// GET /health?verbose
http::response health_api::health(const http::request& req) const {
  const health_report report = monitor_.report(now_());
  const unsigned status = status_of(report.status != health_status::unhealthy);
  if (req.query_param("verbose")) {
    std::string lines;
    for (const auto& c : report.components) lines += line(c.status, c.name, c.message);
    return text_response(lines + "health: " + std::string{name_of(report.status)} + "\n", status);
  }
  const auto uptime = std::chrono::duration_cast<std::chrono::seconds>(lifecycle_.stats().uptime);
  json document = {{"status", name_of(report.status)},
                   {"version", version()},
                   {"uptime_secs", uptime.count()},
                   {"components", json::array()}};
  for (const auto& c : report.components) {
    document["components"].push_back(
        {{"name", c.name}, {"status", name_of(c.status)}, {"message", c.message}});
  }
  return http::json_response(document.dump(), status);
}

std::vector<health_api::check> health_api::live_checks() const {
  std::vector<check> checks = {{"event_loops", ""}, {"workers", ""}, {"devices", ""}};
  if (!loops_alive_(longest_loop_turn)) checks[0].failure = "an event loop has not turned for 10 s";
  if (executor_.overdue(longest_overrun, now_()) == executor_.workers()) {
    checks[1].failure = "every worker is past its job's deadline by more than 60 s";
  }
  if (const auto* devices = executor_.devices()) checks[2].failure = devices->lost();
  return checks;
}

std::vector<health_api::check> health_api::ready_checks() const {
  std::vector<check> checks = {{"lifecycle", ""},
                               {"kernel_registry", ""},
                               {"self_test", ""},
                               {"workers", ""},
                               {"devices", ""}};
  const lifecycle_state state = lifecycle_.state();
  if (state != lifecycle_state::running) checks[0].failure = std::string{name_of(state)};
  if (registry_.empty()) checks[1].failure = "no kernel is registered";
  if (executor_.abandoned_workers() >= executor_.workers()) {
    checks[3].failure = "every worker runs a job that nobody waits for any more";
  }
  if (const auto* devices = executor_.devices()) checks[4].failure = devices->required_failure();
  const std::lock_guard lock{mutex_};
  for (const std::string& reason : self_test_failures_) {
    checks[2].failure += (checks[2].failure.empty() ? "" : "; ") + reason;
  }
  return checks;
}

std::vector<health_api::check> health_api::startup_checks() const {
  const lifecycle_state state = lifecycle_.state();
  const bool starting = state == lifecycle_state::created || state == lifecycle_state::starting;
  return {{"startup", starting ? std::string{name_of(state)} : std::string{}}};
}

// GET /health/live, /livez
http::response health_api::live(const http::request& req) const {
  return answer(req, "alive", "stuck", live_checks());
}

// GET /health/ready, /readyz
http::response health_api::ready(const http::request& req) const {
  return answer(req, "ready", "not_ready", ready_checks());
}

// GET /health/startup
http::response health_api::startup(const http::request& req) const {
  return answer(req, "started", "starting", startup_checks());
}

http::response health_api::answer(const http::request& req, std::string_view status,
                                  std::string_view failed_status, std::vector<check> checks) {
  const bool good =
      std::all_of(checks.begin(), checks.end(), [](const check& c) { return c.failure.empty(); });
  if (req.query_param("verbose")) {
    std::string lines;
    for (const check& c : checks) lines += line(c.failure.empty(), c.name, c.failure);
    return text_response(lines, status_of(good));
  }
  if (good) return http::json_response("{\"status\":\"" + std::string{status} + "\"}");
  json document = {{"status", failed_status}, {"reasons", json::array()}};
  for (const check& c : checks) {
    if (!c.failure.empty()) {
      document["reasons"].push_back(std::string{c.name} + ": " + c.failure);
    }
  }
  return http::json_response(document.dump(), 503);
}

}  // namespace kernd::api
