#include "server/app.hpp"

#include "kernd/version.hpp"
#include "kernels/catalogue.hpp"
#include "server/api/metrics.hpp"
#include "server/api/openapi.hpp"
#include "server/http/metrics.hpp"
#include "server/self_test.hpp"

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <thread>
#include <utility>

namespace kernd {

namespace {

using clock = std::chrono::steady_clock;

std::string url_of(const server_config& server, std::uint16_t port) {
  std::string host = server.host;
  if (host == "0.0.0.0" || host == "::") host = "127.0.0.1";
  if (host.find(':') != std::string::npos) host = "[" + host + "]";
  return "http://" + host + ":" + std::to_string(port);
}

kernel_registry filled_registry() {
  kernel_registry registry;
  kernels::add_all(registry).value();
  return registry;
}

std::chrono::milliseconds until(clock::time_point end) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - clock::now());
  return std::max(left, std::chrono::milliseconds{0});
}

std::string joined(const std::vector<std::string_view>& names) {
  std::string result;
  for (const auto name : names) result += (result.empty() ? "" : ", ") + std::string{name};
  return result;
}

}  // namespace

app::app(loaded_config configuration, config_sources sources)
    : config_{std::move(configuration)},
      sources_{std::move(sources)},
      log_{config_.values.log.level, config_.values.log.format},
      access_log_{log_},
      registry_{filled_registry()},
      bodies_{config_.values.limits.body_memory_bytes},
      executor_{registry_, config_.values.executor, config_.values.limits},
      health_{registry_, executor_.outcomes(), config_.values.health},
      kernel_api_{registry_, executor_, config_.values.executor},
      component_api_{registry_, executor_.monitor()},
      health_api_{lifecycle_, registry_, executor_, health_,
                  [this](std::chrono::milliseconds limit) { return server_->loops_alive(limit); }},
      metrics_page_{{std::string{version()}, std::string{revision()}, __VERSION__}} {
  lifecycle_.subscribe([this](const lifecycle_event& event) {
    log_.debug(
        "lifecycle",
        {{"event", name_of(event.kind)}, {"kernel", event.kernel}, {"healthy", event.healthy}});
  });
  lifecycle_.subscribe([this](const lifecycle_event& event) { executor_.monitor().follow(event); });
  kernel_api_.add_routes(router_, config_.values.server.api_prefix);
  component_api_.add_routes(router_, config_.values.server.api_prefix);
  if (config_.values.server.health_endpoints) health_api_.add_routes(router_);
  if (config_.values.server.metrics_endpoint) {
    metrics_page_.add(executor_);
    metrics_page_.add(lifecycle_);
    metrics_page_.add(log_metrics_);
    metrics_page_.add(process_metrics_.emplace());
    api::add_metrics_route(router_, metrics_page_);
  }
  api::add_openapi_route(router_, registry_);
  server_.emplace(router_, config_.values.server, config_.values.limits, bodies_, &access_log_);
  metrics_page_.add(server_->http_metrics());
}

void app::log_metrics::collect(metric_families& out) const {
  metric_family{out, metric_family::kind::counter, "kernd_log_dropped_total",
                "Log lines dropped because the output could not keep up."}
      .add({}, static_cast<double>(log.dropped()));
}

app::~app() {
  server_->stop();
}

bool app::start(const std::atomic<bool>& stop) {
  lifecycle_.move_to(lifecycle_state::starting).value();
  for (const kernel_entry* entry : registry_.find_all()) {
    lifecycle_.emit(
        {.kind = lifecycle_event_kind::kernel_registered, .kernel = entry->kernel.info.id});
  }
  // relaxed, here and below: nothing else is read because of it
  if (stop.load(std::memory_order_relaxed)) return false;
  try {
    server_->start();
  } catch (...) {
    lifecycle_.move_to(lifecycle_state::failed).value();
    throw;
  }
  if (config_.values.runtime.self_test) run_self_tests(stop);
  if (stop.load(std::memory_order_relaxed)) return false;
  lifecycle_.move_to(lifecycle_state::running).value();
  log_.info("started", {{"url", url_of(config_.values.server, port())},
                        {"version", version()},
                        {"kernels", std::uint64_t{registry_.size()}}});
  return true;
}

void app::run_self_tests(const std::atomic<bool>& stop) {
  for (const kernel_entry* entry : registry_.find_all()) {
    auto passed = self_test(*entry, config_.values, stop);
    if (stop.load(std::memory_order_relaxed)) return;  // it says nothing: it was told to stop, too
    if (passed) continue;
    const std::string reason = std::string{entry->kernel.info.id} + ": " + passed.error().message;
    log_.error("self-test failed", {{"reason", reason}, {"error", passed.error().internal}});
    health_api_.add_self_test_failure(reason);
  }
}

std::string app::banner() const {
  const std::string url = url_of(config_.values.server, port());
  const std::string kernels = url + config_.values.server.api_prefix + "/kernels";
  const kernel_entry& shown = *registry_.find("core/axpy");
  std::string text = "kernd " + std::string{version()} + "  " + url + "  (" +
                     std::to_string(registry_.size()) + " kernels on cpu)\n";
  text += "  kernels  " + kernels + "\n";
  if (config_.values.server.health_endpoints) text += "  health   " + url + "/health\n";
  if (config_.values.server.metrics_endpoint) text += "  metrics  " + url + "/metrics\n";
  text += "  try      curl -s " + kernels +
          "/core/axpy/execute -H 'Content-Type: application/json' -d '{\"input\":" +
          std::string{shown.kernel.info.example.input} + "}'\n";
  return text;
}

void app::check_health() {
  const health_report report = health_.check(lifecycle_);
  if (report.status == health_status::healthy) return;
  for (const component_health& c : report.components) {
    if (c.status == health_status::healthy) continue;
    log_.warn("health",
              {{"component", c.name}, {"status", name_of(c.status)}, {"message", c.message}});
  }
}

void app::reload() {
  if (!config_.values.runtime.hot_reload) {
    log_.warn("reload refused: runtime.hot_reload is false");
    return;
  }
  auto loaded = load_config(sources_);
  if (!loaded) {
    const config_errors errors = loaded.error();
    for (const std::string& message : errors.messages) {
      log_.error("reload refused", {{"reason", message}});
    }
    return;
  }
  const config_changes changes = compare(config_.values, loaded->values);
  if (!changes.need_restart.empty()) {
    log_.error("reload refused: a restart is needed",
               {{"keys", std::string_view{joined(changes.need_restart)}}});
    return;
  }
  apply(std::move(*loaded));
  lifecycle_.emit({.kind = lifecycle_event_kind::config_reloaded});
  log_.info("configuration reloaded", {{"keys", std::string_view{joined(changes.reloadable)}}});
}

void app::apply(loaded_config next) {
  config_ = std::move(next);
  const config& values = config_.values;
  log_.set_level(values.log.level);
  log_.set_format(values.log.format);
  bodies_.set_limit(values.limits.body_memory_bytes);
  executor_.reconfigure(values.executor, values.limits);
  health_.reconfigure(values.health);
  kernel_api_.reconfigure(values.executor);
  server_->reconfigure(values.server, values.limits);
}

bool app::drain() {
  const config& values = config_.values;
  const bool was_ready = lifecycle_.state() == lifecycle_state::running;
  lifecycle_.move_to(lifecycle_state::draining).value();
  log_.info("draining", {{"jobs", std::uint64_t{executor_.in_flight()}}});
  server_->drain();
  if (was_ready) std::this_thread::sleep_for(values.server.grace_delay);
  server_->close_listener();
  const auto end = clock::now() + values.executor.drain_timeout;
  const bool closed = server_->wait_closed(until(end));
  executor_.drain();
  const bool idle = executor_.wait_idle(until(end));
  if (!idle || !closed) {
    log_.error("drain timed out",
               {{"jobs", std::uint64_t{executor_.in_flight()}}, {"connections_closed", closed}});
    log_.flush();
  }
  if (!idle) return false;
  for (const kernel_entry* entry : registry_.find_all()) {
    lifecycle_.emit(
        {.kind = lifecycle_event_kind::kernel_unregistered, .kernel = entry->kernel.info.id});
  }
  lifecycle_.move_to(lifecycle_state::stopped).value();
  log_.info("stopped");
  return true;
}

}  // namespace kernd
