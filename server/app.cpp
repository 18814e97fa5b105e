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

void warn_of_device(void* log, const char* what) noexcept {
  static_cast<logger*>(log)->warn("cuda", {{"error", what}});
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

error refuse(std::string_view what, lifecycle_state state) {
  return {errc::invalid_state_transition, "cannot " + std::string{what} + ": the daemon is " +
                                              std::string{name_of(state)} + ", not Running"};
}

}  // namespace

app::app(loaded_config configuration, config_sources sources, std::function<void()> ring)
    : config_{std::move(configuration), std::move(sources)},
      log_{config_.values().log.level, config_.values().log.format},
      access_log_{log_},
      registry_{filled_registry()},
      module_host_{&log_, warn_of_device},
      cuda_{gpu::look_for_cuda(registry_, module_host_, config_.values().gpu)},
      devices_{registry_, cuda_, config_.values().gpu, &log_},
      bodies_{config_.values().limits.body_memory_bytes},
      executor_{registry_, config_.values().executor, config_.values().limits, &devices_},
      actors_{config_.values().ring, &log_},
      health_{registry_, executor_.outcomes(), config_.values().health},
      kernel_api_{registry_, executor_, actors_, config_.values().executor,
                  config_.values().ring.execute_over_rest},
      actor_api_{registry_, actors_, config_.values().ring, config_.values().executor},
      dispatch_api_{registry_, actors_, config_.values().executor},
      dead_letter_api_{registry_, actors_},
      actor_metrics_{actors_},
      component_api_{registry_, executor_.monitor(), actors_},
      health_api_{lifecycle_, registry_, executor_, health_,
                  [this](std::chrono::milliseconds limit) { return server_->loops_alive(limit); }},
      desk_{std::move(ring)},
      runtime_api_{lifecycle_, executor_,
                   actors_,    config_,
                   desk_,      {[this] { return reload(); }, [this] { return begin_drain(); }}},
      metrics_page_{{std::string{version()}, std::string{revision()}, __VERSION__}} {
  lifecycle_.subscribe([this](const lifecycle_event& event) {
    log_.debug(
        "lifecycle",
        {{"event", name_of(event.kind)}, {"kernel", event.kernel}, {"healthy", event.healthy}});
  });
  lifecycle_.subscribe([this](const lifecycle_event& event) { executor_.monitor().follow(event); });
  health_.add([this] { return actor_metrics_.judge(); });
  health_.add([this] { return devices_.judge(); });
  add_routes();
  const config& values = config_.values();
  server_.emplace(router_, values.server, values.limits, bodies_, &access_log_);
  metrics_page_.add(server_->http_metrics());
  if (values.server.probe_port == 0) return;
  const exposition* const page = values.server.metrics_endpoint ? &metrics_page_ : nullptr;
  probes_.emplace(values.server, health_api_, page, &access_log_);
  metrics_page_.add(probes_->http_metrics());
}

void app::add_routes() {
  const server_config& options = config_.values().server;
  kernel_api_.add_routes(router_, options.api_prefix);
  actor_api_.add_routes(router_, options.api_prefix);
  dispatch_api_.add_routes(router_, options.api_prefix);
  dead_letter_api_.add_routes(router_, options.api_prefix);
  component_api_.add_routes(router_, options.api_prefix);
  device_api_.add_routes(router_, options.api_prefix);
  runtime_api_.add_routes(router_, options.api_prefix);
  if (options.health_endpoints) health_api_.add_routes(router_);
  if (options.metrics_endpoint) {
    metrics_page_.add(executor_);
    metrics_page_.add(actor_metrics_);
    metrics_page_.add(devices_);
    metrics_page_.add(lifecycle_);
    metrics_page_.add(config_);
    metrics_page_.add(log_metrics_);
    metrics_page_.add(process_metrics_.emplace());
    api::add_metrics_route(router_, metrics_page_);
  }
  api::add_openapi_route(router_, registry_, config_.values().ring.execute_over_rest);
}

void app::log_metrics::collect(metric_families& out) const {
  metric_family{out, metric_family::kind::counter, "kernd_log_dropped_total",
                "Log lines dropped because the output could not keep up."}
      .add({}, static_cast<double>(log.dropped()));
}

app::~app() {
  if (probes_) probes_->stop();
  server_->stop();
}

bool app::start(const std::atomic<bool>& stop) {
  lifecycle_.move_to(lifecycle_state::starting).value();
  log_devices();
  for (const kernel_entry* entry : registry_.find_all()) {
    lifecycle_.emit(
        {.kind = lifecycle_event_kind::kernel_registered, .kernel = entry->kernel.info.id});
  }
  // relaxed, here and below: nothing else is read because of it
  if (stop.load(std::memory_order_relaxed)) return false;
  try {
    server_->start();
    if (probes_) probes_->start();  // later: liveness looks at loops that turn
  } catch (...) {
    lifecycle_.move_to(lifecycle_state::failed).value();
    throw;
  }
  if (config_.values().runtime.self_test) {
    run_self_tests(stop);
    test_devices(stop);
  }
  devices_.calibrate(stop);
  if (stop.load(std::memory_order_relaxed)) return false;
  next_check_ = clock::now() + config_.values().health.check_interval;
  lifecycle_.move_to(lifecycle_state::running).value();
  log_.info("started", {{"url", url_of(config_.values().server, port())},
                        {"version", version()},
                        {"kernels", std::uint64_t{registry_.size()}}});
  return true;
}

void app::log_devices() {
  const auto level = cuda_.is_fault() ? log_level::warn : log_level::info;
  log_.write(level, "cuda",
             {{"state", gpu::name_of(cuda_.state)},
              {"found", std::string_view{cuda_.found}},
              {"advice", std::string_view{cuda_.advice}},
              {"detail", std::string_view{cuda_.detail}}});
  for (const std::string& line : devices_.misnamed()) {
    log_.warn("configuration", {{"reason", std::string_view{line}}});
  }
}

void app::run_self_tests(const std::atomic<bool>& stop) {
  for (const kernel_entry* entry : registry_.find_all()) {
    auto passed = self_test(*entry, config_.values(), stop);
    if (stop.load(std::memory_order_relaxed)) return;  // it says nothing: it was told to stop, too
    if (passed) continue;
    const std::string reason = std::string{entry->kernel.info.id} + ": " + passed.error().message;
    log_.error("self-test failed", {{"reason", reason}, {"error", passed.error().internal}});
    health_api_.add_self_test_failure(reason);
  }
}

/// A twin that gets its example wrong is left alone: the CPU has got it right.
void app::test_devices(const std::atomic<bool>& stop) {
  for (const kernel_entry* entry : registry_.find_all({.mode = kernel_mode::batch})) {
    const auto place = devices_.find(*entry);
    if (!place || place->where == gpu::placement::cpu) continue;
    if (!devices_.await_usable()) return;  // the twin before may have failed the device
    auto passed = self_test(*entry, config_.values(), stop, &devices_);
    if (stop.load(std::memory_order_relaxed)) return;
    if (passed) continue;
    log_.error("self-test failed on the device", {{"kernel", entry->kernel.info.id},
                                                  {"reason", passed.error().message},
                                                  {"error", passed.error().internal}});
    devices_.distrust(*entry, passed.error().message);
  }
}

std::string app::banner() const {
  const std::string url = url_of(config_.values().server, port());
  const std::string kernels = url + config_.values().server.api_prefix + "/kernels";
  const kernel_entry& shown = *registry_.find("core/axpy");
  std::string text = "kernd " + std::string{version()} + "  " + url + "  (" +
                     std::to_string(registry_.size()) + " kernels on " + devices_.places() + ")\n";
  text += "  kernels  " + kernels + "\n";
  if (config_.values().server.health_endpoints) text += "  health   " + url + "/health\n";
  if (config_.values().server.metrics_endpoint) text += "  metrics  " + url + "/metrics\n";
  if (probes_) text += "  probes   " + url_of(config_.values().server, probes_->port()) + "\n";
  text += "  try      curl -s " + kernels +
          "/core/axpy/execute -H 'Content-Type: application/json' -d '{\"input\":" +
          std::string{shown.kernel.info.example.input} + "}'\n";
  return text;
}

result<reload_report> app::reload() {
  const lifecycle_state state = lifecycle_.state();
  if (state != lifecycle_state::running) return refuse("reload", state);
  auto done = config_.reload();
  if (!done) {
    log_.error("reload refused", {{"reason", std::string_view{done.error().message}}});
    return done;
  }
  apply(config_.values());
  lifecycle_.emit({.kind = lifecycle_event_kind::config_reloaded});
  log_.info("configuration reloaded",
            {{"revision", done->revision}, {"keys", std::string_view{joined(done->changed)}}});
  return done;
}

void app::apply(const config& values) {
  log_.set_level(values.log.level);
  log_.set_format(values.log.format);
  bodies_.set_limit(values.limits.body_memory_bytes);
  executor_.reconfigure(values.executor, values.limits);
  health_.reconfigure(values.health);
  kernel_api_.reconfigure(values.executor);
  actor_api_.reconfigure(values.executor);
  dispatch_api_.reconfigure(values.executor);
  server_->reconfigure(values.server, values.limits);
  if (probes_) probes_->reconfigure(values.server);
}

clock::time_point app::next_duty() const {
  const bool drains = lifecycle_.state() == lifecycle_state::draining;
  return drains && admits_work_ ? std::min(next_check_, grace_ends_) : next_check_;
}

void app::do_duties() {
  const auto now = clock::now();
  if (lifecycle_.state() == lifecycle_state::draining && admits_work_ && now >= grace_ends_) {
    refuse_work();
  }
  if (now >= next_check_) {
    check_health();
    next_check_ = now + config_.values().health.check_interval;
  }
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

result<void> app::begin_drain() {
  const lifecycle_state state = lifecycle_.state();
  if (state != lifecycle_state::running) return refuse("drain", state);
  enter_drain();
  return {};
}

void app::enter_drain() {
  const bool was_ready = lifecycle_.state() == lifecycle_state::running;
  lifecycle_.move_to(lifecycle_state::draining).value();
  grace_ends_ = clock::now();
  if (was_ready) grace_ends_ += config_.values().server.grace_delay;
  server_->drain();
  log_.info("draining", {{"jobs", std::uint64_t{executor_.in_flight()}}});
}

void app::refuse_work() {
  executor_.drain();
  actors_.drain();
  admits_work_ = false;
}

bool app::drain() {
  if (lifecycle_.state() != lifecycle_state::draining) enter_drain();
  desk_.close();
  std::this_thread::sleep_until(grace_ends_);
  server_->close_listener();
  actor_api_.drain();
  const auto end = clock::now() + config_.values().executor.drain_timeout;
  const bool closed = wait_closed(end);
  refuse_work();
  const bool actors_ended = end_actors(end);
  const bool idle = executor_.wait_idle(until(end)) && actors_ended && devices_end(end);
  if (!idle || !closed) log_remaining(closed);
  if (!idle) return false;
  for (const kernel_entry* entry : registry_.find_all()) {
    lifecycle_.emit(
        {.kind = lifecycle_event_kind::kernel_unregistered, .kernel = entry->kernel.info.id});
  }
  lifecycle_.move_to(lifecycle_state::stopped).value();
  log_.info("stopped");
  return true;
}

/// Whether all connections have. Calls of an actor that is held back would wait till the end:
/// nobody can come any more who reads its output.
bool app::wait_closed(clock::time_point until) {
  constexpr std::chrono::milliseconds between_looks{100};  // at each of ten thousand actors, maybe
  while (!server_->wait_closed(between_looks)) {
    if (clock::now() >= until) return false;
    for (actor& a : actors_.list()) {
      if (a.status().is_held_back) a.request_end();
    }
  }
  return true;
}

/// Whether no device is being reset any more, which cannot be interrupted.
bool app::devices_end(clock::time_point until) const {
  constexpr std::chrono::milliseconds between_looks{1};
  while (!devices_.is_idle() && clock::now() < until) std::this_thread::sleep_for(between_looks);
  return devices_.is_idle();
}

/// Lets actors handle the mail that they have, then ends them. Nobody reads their output any more:
/// those that wait for that are not waited for.
bool app::end_actors(clock::time_point until) {
  constexpr std::chrono::milliseconds between_looks{1};
  /// Also when the time is up, or those that only have much mail would count as stuck.
  constexpr std::chrono::milliseconds least_to_end{500};
  const auto queued = [this] {
    std::size_t messages = 0;
    for (const actor& a : actors_.list()) {
      const actor_status now = a.status();
      if (now.state == actor_state::active && !now.is_held_back) messages += now.input_queue_depth;
    }
    return messages;
  };
  while (queued() > 0 && clock::now() < until) std::this_thread::sleep_for(between_looks);
  const bool ended = actors_.shutdown(std::max(until, clock::now() + least_to_end));
  const dead_letter_queue& letters = actors_.dead_letters();
  if (letters.size() > 0) {
    log_.warn("dead letters are lost", {{"messages", std::uint64_t{letters.size()}}});
  }
  for (const actor& a : actors_.list()) {
    if (a.state() != actor_state::terminating) continue;
    log_.error("actor abandoned at the drain timeout", {{"actor", std::string_view{a.id()}}});
  }
  return ended;
}

void app::log_remaining(bool connections_closed) {
  const auto running = executor_.running_jobs();
  for (const running_job& job : running) {
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(job.age).count();
    log_.error("job abandoned at the drain timeout",
               {{"kernel", job.kernel},
                {"request_id", std::string_view{job.request_id}},
                {"age_ms", std::int64_t{ms}}});
  }
  log_.error("drain timed out", {{"running", std::uint64_t{running.size()}},
                                 {"queued", std::uint64_t{executor_.queued()}},
                                 {"connections_closed", connections_closed}});
  log_.flush();
}

}  // namespace kernd
