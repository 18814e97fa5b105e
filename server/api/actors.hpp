#pragma once

#include "kernd/config.hpp"
#include "kernd/message_body.hpp"
#include "kernd/registry.hpp"
#include "kernd/ring/runtime.hpp"
#include "server/http/request.hpp"
#include "server/http/response.hpp"
#include "server/http/router.hpp"

#include <boost/asio/awaitable.hpp>

#include <atomic>
#include <chrono>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

namespace kernd::api {

class answer_queue;
struct socket_answer;
struct stream_start;

/// The resource `/actors`: instances of ring kernels, their mail and their output. Its handlers run
/// on the event loops and never wait there.
class actor_api {
 public:
  /// All outlive it; the registry is complete. `end_patience`: how long a handler that is under way
  /// may hold up the end of its actor.
  actor_api(const kernel_registry& registry, ring_runtime& actors, const ring_config& options,
            const executor_config& times,
            std::chrono::milliseconds end_patience = std::chrono::seconds{5});

  /// Adds the routes below `prefix`, such as `/api/v1`.
  void add_routes(http::router& routes, std::string_view prefix);

  /// Takes new timeouts. Any thread.
  void reconfigure(const executor_config& times);

  /// Nobody waits for output any more: the daemon stops. Any thread.
  void drain() { draining_.request_stop(); }

 private:
  struct addressee {
    actor to;
    const ring_entry& ring;
  };

  void add_actor_routes(http::router& routes, const std::string& base);
  void add_message_routes(http::router& routes, const std::string& base);
  void add_stream_route(http::router& routes, const std::string& base);

  http::response launch(const http::request& req);
  http::response list() const;
  http::response get(const http::request& req) const;
  http::response change(const http::request& req, result<void> (actor::*transition)());
  boost::asio::awaitable<http::response> remove(http::request& req);
  boost::asio::awaitable<http::response> send(http::request& req);
  boost::asio::awaitable<http::response> call(http::request& req);
  boost::asio::awaitable<http::response> read_output(http::request& req);

  boost::asio::awaitable<result<void>> follow(http::request& req, http::event_stream& events);
  boost::asio::awaitable<result<void>> converse(http::request& req, http::web_socket& socket);
  boost::asio::awaitable<void> read_socket(http::request& req, http::web_socket& socket,
                                           addressee whom, std::shared_ptr<answer_queue> answers);
  boost::asio::awaitable<void> answer_socket(http::request& req, http::web_socket& socket,
                                             addressee whom, std::shared_ptr<answer_queue> answers);
  boost::asio::awaitable<socket_answer> take_message(http::request& req, std::string_view text,
                                                     addressee whom);
  static boost::asio::awaitable<std::string> reply_text(socket_answer waiting, addressee whom,
                                                        std::stop_token gone);
  boost::asio::awaitable<void> write_socket(http::request& req, http::web_socket& socket,
                                            addressee whom, stream_start first);

  result<addressee> find(const http::request& req) const;
  http::response answer_status(const actor& of, unsigned status) const;

  const kernel_registry& registry_;
  ring_runtime& actors_;
  const ring_config options_;
  const std::chrono::milliseconds end_patience_;
  std::string base_;
  // Each is read alone: relaxed.
  std::atomic<std::chrono::milliseconds> default_timeout_;
  std::atomic<std::chrono::milliseconds> max_timeout_;
  std::stop_source draining_;
};

/// The form of a body that is sent to an actor of that kernel, with `timeout_ms` where the sender
/// may wait. It refers to `ring`.
message_form form_for(const ring_entry& ring, std::chrono::milliseconds max_time, bool may_wait);

}  // namespace kernd::api
