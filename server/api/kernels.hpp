#pragma once

#include "kernd/config.hpp"
#include "kernd/executor.hpp"
#include "kernd/registry.hpp"
#include "kernd/ring/runtime.hpp"
#include "server/http/request.hpp"
#include "server/http/response.hpp"
#include "server/http/router.hpp"

#include <boost/asio/awaitable.hpp>

#include <atomic>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace kernd::api {

/// The resource `/kernels`: list, describe, execute. Its handlers run on the event loops.
class kernel_api {
 public:
  /// All outlive it; the registry is complete. `execute_ring_kernels`: on their default actors.
  kernel_api(const kernel_registry& registry, executor& jobs, ring_runtime& actors,
             const executor_config& options, bool execute_ring_kernels);

  /// Adds the routes below `prefix`, such as `/api/v1`.
  void add_routes(http::router& routes, std::string_view prefix);

  /// Takes new timeouts. Any thread.
  void reconfigure(const executor_config& options);

 private:
  /// How long a request may take, and before which others: what it asked for, within the configured
  /// bounds.
  struct admission {
    std::chrono::milliseconds timeout;
    int priority;
  };

  http::response list(const http::request& req) const;
  http::response describe(const http::request& req) const;
  boost::asio::awaitable<http::response> execute(http::request& req);

  boost::asio::awaitable<result<job_output>> run(const kernel_entry& entry, job_request job,
                                                 execution_context context);

  result<const kernel_entry*> find(const http::request& req) const;
  result<admission> admit(const http::request& req, const job_metadata& body) const;
  job_metadata peek(const http::request& req) const;
  /// What the head alone says of the deadline.
  std::chrono::milliseconds time_limit(const http::request& req) const;

  const kernel_registry& registry_;
  executor& executor_;
  ring_runtime& actors_;
  const bool execute_ring_kernels_;
  // Each is read alone; a reload between two reads is harmless: relaxed.
  std::atomic<std::chrono::milliseconds> default_timeout_;
  std::atomic<std::chrono::milliseconds> max_timeout_;
};

}  // namespace kernd::api
