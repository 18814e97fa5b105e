#pragma once

#include "server/http/event_stream.hpp"
#include "server/http/web_socket.hpp"
#include "tests/http/server_test.hpp"
#include "tests/http/web_socket_client.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <future>
#include <string>

namespace kernd::test {

/// A server with routes that stream:
/// `/count/{n}` n events with ids; `/lines` one event of three lines; `/flood` events for ever;
/// `/wait-events` opens and waits at `waiting`; `/beat` is silent, with a comment every 10 ms.
/// `/socket` echoes; `/flood-socket` writes for ever while it reads; `/wait-socket` accepts and
/// waits at `waiting` without reading; `/push` writes what it reads from two coroutines;
/// `/close/{code}`.
/// `/both` is both, counting to 1 and echoing; `/refuse`, `/fail` and `/throw-in-stream` are both,
/// and refuse before, fail after and throw after the stream has opened; `/forget` never opens it.
struct StreamTest : ServerTest {
  std::promise<void> first_message;         ///< `/flood-socket` has read one.
  std::promise<void> writer_ended;          ///< `/flood`, `/flood-socket`: a write was refused.
  std::promise<std::string> last_event_id;  ///< `/both`: what the client came back with.

  StreamTest();
  ~StreamTest() override { server.reset(); }  // handlers still use what is above

  web_socket_client open(std::string_view path) { return {connect(), path}; }
  /// A connection whose events have begun; throws unless the answer is 200.
  client listen(std::string_view path);
  static std::string read_line(client& c);
  /// The text of the next chunk; empty at the end.
  static std::string read_chunk(client& c);
  /// Waits until streams have ended for a `reason`.
  void await_ended(std::string_view kind, std::string_view reason, double count = 1);
  bool await_metric(const std::string& name, std::vector<std::string> labels, double value);
};

}  // namespace kernd::test
