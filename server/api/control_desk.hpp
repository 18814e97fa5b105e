#pragma once

#include "kernd/error.hpp"
#include "server/http/response.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace kernd::api {

/// Where handlers on the event loops ask the thread that controls the daemon for what only that
/// thread may do, or what blocks. It brings the answer back to the loop that asked.
class control_desk {
 public:
  using task = std::function<http::response()>;

  static constexpr std::size_t most_waiting = 16;

  /// `ring` tells the controlling thread, from any other, that `serve` has something to do.
  explicit control_desk(std::function<void()> ring,
                        std::chrono::milliseconds patience = std::chrono::seconds{10});

  /// On an event loop: has `what` run by the controlling thread, which ends it within the patience.
  /// Errors: `service_unavailable` when too many wait or the desk is closed, `execution_timeout`;
  /// a task that has not begun by then never does.
  boost::asio::awaitable<result<http::response>> ask(task what);

  /// On the controlling thread: runs what waits.
  void serve();
  /// On the controlling thread: the same, and from now on refuses.
  void close();

 private:
  struct visit;

  result<void> admit(const std::shared_ptr<visit>& asked);

  const std::function<void()> ring_;
  const std::chrono::milliseconds patience_;
  std::mutex mutex_;  // guards what follows
  std::vector<std::shared_ptr<visit>> waiting_;
  bool is_closed_ = false;
};

}  // namespace kernd::api
