#pragma once

#include "kernd/executor.hpp"
#include "kernd/health.hpp"
#include "kernd/lifecycle.hpp"
#include "kernd/registry.hpp"
#include "server/http/request.hpp"
#include "server/http/response.hpp"
#include "server/http/router.hpp"

#include <chrono>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace kernd::api {

/// What probes ask: health, liveness, readiness, start-up. Its handlers run on the event loops.
class health_api {
 public:
  using clock = std::chrono::steady_clock;

  /// `loops_alive` tells whether every event loop has turned within a duration. All outlive it.
  /// `now` is what time it is for the jobs' deadlines and the window of executions.
  health_api(const lifecycle& life, const kernel_registry& registry, const executor& jobs,
             const health_monitor& monitor,
             std::function<bool(std::chrono::milliseconds)> loops_alive,
             std::function<clock::time_point()> now = clock::now);

  void add_routes(http::router& routes);

  /// From now on not ready, with this reason. Any thread.
  void add_self_test_failure(std::string reason);

 private:
  /// One line of a `?verbose` answer.
  struct check {
    std::string_view name;
    std::string failure;  ///< Empty when it passed.
  };

  http::response health(const http::request& req) const;
  http::response live(const http::request& req) const;
  http::response ready(const http::request& req) const;
  http::response startup(const http::request& req) const;

  std::vector<check> live_checks() const;
  std::vector<check> ready_checks() const;
  std::vector<check> startup_checks() const;
  static http::response answer(const http::request& req, std::string_view status,
                               std::string_view failed_status, std::vector<check> checks);

  const lifecycle& lifecycle_;
  const kernel_registry& registry_;
  const executor& executor_;
  const health_monitor& monitor_;
  std::function<bool(std::chrono::milliseconds)> loops_alive_;
  std::function<clock::time_point()> now_;
  mutable std::mutex mutex_;  // guards self_test_failures_
  std::vector<std::string> self_test_failures_;
};

}  // namespace kernd::api
