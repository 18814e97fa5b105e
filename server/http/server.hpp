#pragma once

#include "kernd/config.hpp"
#include "kernd/log.hpp"
#include "server/http/router.hpp"

#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace kernd::http {

class metrics;

/// The HTTP/1.1 front end: event loops with one thread each, a listener that hands connections out
/// round-robin, sessions that stay on their loop. Owns its threads.
/// `router` and `log` outlive it. The public functions may be called from any thread.
class server {
 public:
  server(const router& routes, const server_config& server, const limits_config& limits,
         logger& log);
  /// Closes everything at once and joins the threads.
  ~server();

  /// Binds, starts the threads, accepts. Throws `boost::system::system_error` when the address
  /// cannot be bound.
  void start();
  /// The port that was bound.
  std::uint16_t port() const noexcept;

  /// New limits, CORS origins and access log switch, for connections old and new.
  void reconfigure(const server_config& server, const limits_config& limits);

  /// From now on every response closes its connection, and idle connections are closed at once.
  void drain();
  /// Accepts no more connections.
  void close_listener();
  /// Blocks until no connection is open or `timeout` has passed; true when none is.
  bool wait_closed(std::chrono::milliseconds timeout);

  /// Every loop's thread has turned within `limit`.
  bool loops_alive(std::chrono::milliseconds limit) const;
  const metrics& http_metrics() const noexcept;

 private:
  struct implementation;
  std::unique_ptr<implementation> implementation_;
};

}  // namespace kernd::http
