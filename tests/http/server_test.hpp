#pragma once

#include "kernd/body_budget.hpp"
#include "server/http/router.hpp"
#include "server/http/server.hpp"
#include "tests/http/client.hpp"
#include "tests/http/recording_log.hpp"
#include "tests/support/patience.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace kernd::test {

/// An asynchronous handler that answers when the test says so, or when its client goes away.
class gate {
 public:
  boost::asio::awaitable<http::response> wait(http::request& req);
  /// Blocks until a request waits here.
  void await_entry();
  /// Lets the request that waits here go on.
  void open();
  /// Blocks until the client of a request that waited here was seen to go away.
  void await_disconnect();

 private:
  void await(const bool& flag);
  void raise(bool& flag);

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  bool entered_ = false;
  bool disconnected_ = false;
  std::weak_ptr<boost::asio::steady_timer> timer_;  ///< The handler's; it dies with its loop.
};

/// A handler that blocks its loop until the test says so: what happens meanwhile, the loop sees at
/// once and in order.
class blockade {
 public:
  http::response block(http::request& req);
  /// Blocks until the loop is blocked.
  void await_entry() { entered_.get_future().wait(); }
  void release() { released_.set_value(); }

 private:
  std::promise<void> entered_;
  std::promise<void> released_;
};

/// A server on a free port of one loop, with a few small handlers:
/// `GET /hello`, `POST /echo`, `GET /item/{id}`, `GET /wait` (asynchronous, at `waiting`),
/// `POST /wait`, `GET /soon` (asynchronous), `GET /big` (`big_bytes` long), `GET /throw`,
/// `GET /throw-later`, `GET /no-memory`, `GET /stuck` (at `stuck`, once).
struct ServerTest : ::testing::Test {
  http::router routes;
  server_config options;
  limits_config limits;
  recording_log log;
  gate waiting;
  blockade stuck;
  std::size_t big_bytes = 16 << 20;
  body_budget bodies{0};  ///< `limits.body_memory_bytes` from `start` on.
  std::unique_ptr<http::server> server;

  ServerTest();
  void start();
  client connect() { return client{server->port()}; }
  /// A connection that has had an answer. Limits that `reconfigure` sets from then on hold for what
  /// it sends next, however late that is.
  client connect_and_ask();
  void reconfigure() { server->reconfigure(options, limits); }
  /// The sum of a metric's values whose labels contain all of `labels`, as `name=value`.
  double metric(const std::string& name, std::vector<std::string> labels = {});
  static std::string get(std::string_view path, std::string_view headers = {});
  static std::string post(std::string_view path, std::string_view body,
                          std::string_view headers = {});
  static std::string code_of(const reply& r);
};

}  // namespace kernd::test
