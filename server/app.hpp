#pragma once

#include "kernd/body_budget.hpp"
#include "kernd/config_loader.hpp"
#include "kernd/executor.hpp"
#include "kernd/exposition.hpp"
#include "kernd/gpu/backend.hpp"
#include "kernd/gpu/discovery.hpp"
#include "kernd/health.hpp"
#include "kernd/lifecycle.hpp"
#include "kernd/live_config.hpp"
#include "kernd/log.hpp"
#include "kernd/process_metrics.hpp"
#include "kernd/registry.hpp"
#include "kernd/ring/runtime.hpp"
#include "server/access_log_writer.hpp"
#include "server/api/actor_metrics.hpp"
#include "server/api/actors.hpp"
#include "server/api/components.hpp"
#include "server/api/control_desk.hpp"
#include "server/api/dead_letters.hpp"
#include "server/api/devices.hpp"
#include "server/api/dispatch.hpp"
#include "server/api/health.hpp"
#include "server/api/kernels.hpp"
#include "server/api/runtime.hpp"
#include "server/http/router.hpp"
#include "server/http/server.hpp"
#include "server/probe_listener.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace kernd {

/// The daemon: builds everything in dependency order, serves, drains, ends backwards. Confined to
/// the main thread.
class app {
 public:
  /// `sources` are kept for reloads; `ring`, called on any thread, has the main thread call
  /// `serve_desk`. Throws `std::runtime_error` when a kernel cannot be registered.
  app(loaded_config configuration, config_sources sources, std::function<void()> ring);
  /// Ends the event loops' threads first: they use all the other members.
  ~app();

  /// Binds and starts answering; runs the self-test; then ready. False when `stop` was set before
  /// that: what had been started waits for `drain`. Throws `http::listen_error`.
  bool start(const std::atomic<bool>& stop);

  /// What to print when started: URLs and a curl line that works.
  std::string banner() const;

  /// Reads the configuration again and applies it, or logs why not and changes nothing. Errors: as
  /// `live_config::reload`, and `invalid_state_transition` when it is not running.
  result<reload_report> reload();

  /// Readiness 503; new jobs are refused when the grace delay is over; everything else is answered
  /// on. Error: `invalid_state_transition` when it is not running.
  result<void> begin_drain();

  /// Does what requests asked of the main thread.
  void serve_desk() { desk_.serve(); }

  /// When the main thread has something to do that nobody asks for, and does what is due.
  std::chrono::steady_clock::time_point next_duty() const;
  void do_duties();

  /// The end. Readiness 503, grace delay (unless it was never ready, and as far as it is not over
  /// yet), listener closed, work finished. False when jobs remain at the drain timeout: they are in
  /// the log, their threads cannot be joined, so the process must end without destructors.
  bool drain();

  const config& configuration() const noexcept { return config_.values(); }
  std::uint16_t port() const noexcept { return server_->port(); }

 private:
  struct log_metrics {
    const logger& log;
    void collect(metric_families& out) const;
  };

  void add_routes();
  void run_self_tests(const std::atomic<bool>& stop);
  void apply(const config& values);
  void log_devices();
  void test_devices(const std::atomic<bool>& stop);
  void enter_drain();
  void check_health();
  void refuse_work();
  bool wait_closed(std::chrono::steady_clock::time_point until);
  bool end_actors(std::chrono::steady_clock::time_point until);
  bool devices_end(std::chrono::steady_clock::time_point until) const;
  void log_remaining(bool connections_closed);

  live_config config_;
  logger log_;
  log_metrics log_metrics_{log_};
  access_log_writer access_log_;
  lifecycle lifecycle_;
  kernel_registry registry_;
  const gpu::host_api module_host_;
  const gpu::cuda_report cuda_;
  gpu::cuda_backend devices_;
  http::router router_;
  body_budget bodies_;
  std::optional<http::server> server_;  // its loops outlive the jobs that complete into them
  executor executor_;
  ring_runtime actors_;
  health_monitor health_;
  api::kernel_api kernel_api_;
  api::actor_api actor_api_;
  api::dispatch_api dispatch_api_;
  api::dead_letter_api dead_letter_api_;
  api::actor_metrics actor_metrics_;
  api::component_api component_api_;
  api::device_api device_api_{cuda_, devices_};
  api::health_api health_api_;
  api::control_desk desk_;
  api::runtime_api runtime_api_;
  std::optional<process_metrics> process_metrics_;  // only when there is a page to show them
  exposition metrics_page_;
  std::optional<probe_listener> probes_;
  std::chrono::steady_clock::time_point next_check_;
  std::chrono::steady_clock::time_point grace_ends_;  // once it drains
  bool admits_work_ = true;
};

}  // namespace kernd
