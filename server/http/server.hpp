#pragma once

#include "kernd/body_budget.hpp"
#include "kernd/config.hpp"
#include "server/http/access_log.hpp"
#include "server/http/router.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>

namespace kernd::http {

class metrics;

/// Thrown when an address cannot be bound: `cannot listen on HOST port PORT: why`.
class listen_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// What tells the servers of a process apart.
struct server_names {
  std::string thread = "kernd-io";     ///< Of its threads, before their number.
  std::string metrics = "kernd_http";  ///< Of its metrics, before what they count.
};

/// The HTTP/1.1 front end: event loops with one thread each, a listener that hands connections out
/// round-robin, sessions that stay on their loop. Owns its threads.
/// `routes`, `bodies` and `log` outlive it; it outlives whatever its asynchronous handlers wait
/// for. The public functions may be called from any thread but those of its loops.
class server {
 public:
  /// `bodies` bounds what is read of bodies; its limit stays its owner's to set. `log` may be null.
  server(const router& routes, const server_config& options, const limits_config& limits,
         body_budget& bodies, access_log* log, server_names names = {});
  /// Closes everything at once and joins the threads.
  ~server();

  /// Binds, starts the threads, accepts. Throws `listen_error`.
  void start();
  /// The port that was bound.
  std::uint16_t port() const noexcept;

  /// New limits, CORS origins and access log switch, for connections old and new.
  void reconfigure(const server_config& options, const limits_config& limits);

  /// From now on every response closes its connection. New ones are still served, and those that
  /// idle stay: closing them here would cross with requests that are on their way.
  void drain();
  /// Accepts no more connections once it has returned; those that idle are closed, streams ended.
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
