#pragma once

#include "kernd/config.hpp"
#include "server/http/access_log.hpp"
#include "server/http/body_budget.hpp"
#include "server/http/router.hpp"

#include <chrono>
#include <cstdint>
#include <memory>

namespace kernd::http {

class metrics;

/// The HTTP/1.1 front end: event loops with one thread each, a listener that hands connections out
/// round-robin, sessions that stay on their loop. Owns its threads.
/// `routes` and `log` outlive it; it outlives whatever its asynchronous handlers wait for.
/// The public functions may be called from any thread but those of its loops.
class server {
 public:
  /// `log` may be null. `cost` says what a body takes of `limits.body_memory_bytes`.
  server(const router& routes, const server_config& options, const limits_config& limits,
         access_log* log, body_cost cost);
  /// Closes everything at once and joins the threads.
  ~server();

  /// Binds, starts the threads, accepts. Throws `boost::system::system_error` when the address
  /// cannot be bound.
  void start();
  /// The port that was bound.
  std::uint16_t port() const noexcept;

  /// New limits, CORS origins and access log switch, for connections old and new.
  void reconfigure(const server_config& options, const limits_config& limits);

  /// From now on every response closes its connection, and connections that idle after a request
  /// are closed at once. New ones are still served.
  void drain();
  /// Accepts no more connections once it has returned; those that have sent nothing yet are closed.
  void close_listener();
  /// Blocks until every connection has had its last answer and is closed from this side, or until
  /// `timeout` has passed; true when all are.
  bool wait_closed(std::chrono::milliseconds timeout);
  /// Ends the threads at once; connections end when the server is destroyed. Until then what still
  /// completes for a handler finds its event loop, which no longer turns.
  void stop();

  /// Every loop's thread has turned within the `limit`, at least a second, up to `now`.
  bool loops_alive(std::chrono::milliseconds limit, std::chrono::steady_clock::time_point now =
                                                        std::chrono::steady_clock::now()) const;
  const metrics& http_metrics() const noexcept;

 private:
  struct implementation;
  std::unique_ptr<implementation> implementation_;
};

}  // namespace kernd::http
