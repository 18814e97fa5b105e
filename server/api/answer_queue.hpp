#pragma once

#include "server/api/actor_call.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <utility>

namespace kernd::api {

/// What a WebSocket's client hears of one message: a text, or a call that is under way.
struct socket_answer {
  std::string text;
  std::optional<started_call> call = {};
  std::chrono::steady_clock::time_point deadline = {};  ///< Of the call.
};

/// Answers between the coroutine that reads a socket and the one that answers, in order. Confined
/// to their event loop.
class answer_queue {
 public:
  /// As many calls of one client are under way.
  static constexpr std::size_t capacity = 256;

  explicit answer_queue(const boost::asio::any_io_executor& loop)
      : change_{loop, std::chrono::steady_clock::time_point::max()} {}

  void push(socket_answer a) {
    answers_.push_back(std::move(a));
    change_.cancel();
  }
  /// Precondition: not empty.
  socket_answer pop() {
    socket_answer first = std::move(answers_.front());
    answers_.pop_front();
    change_.cancel();
    return first;
  }
  /// Of either coroutine: when it is destroyed, nothing is pushed or popped any more.
  class user {
   public:
    explicit user(answer_queue& queue) noexcept : queue_{queue} {}
    ~user() {
      queue_.has_ended_ = true;
      queue_.change_.cancel();
    }
    user(const user&) = delete;
    user& operator=(const user&) = delete;

   private:
    answer_queue& queue_;
  };
  bool is_empty() const noexcept { return answers_.empty(); }
  bool is_full() const noexcept { return answers_.size() >= capacity; }
  bool has_ended() const noexcept { return has_ended_; }

  /// Until something has changed.
  boost::asio::awaitable<void> wait() {
    const auto token = boost::asio::as_tuple(boost::asio::use_awaitable);
    co_await change_.async_wait(token);
  }

 private:
  std::deque<socket_answer> answers_;
  boost::asio::steady_timer change_;  // never expires: waiting for it ends when it is cancelled
  bool has_ended_ = false;
};

}  // namespace kernd::api
