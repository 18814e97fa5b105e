#pragma once

#include "kernd/deadline_list.hpp"
#include "kernd/error.hpp"
#include "server/http/stream_kinds.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <memory>
#include <optional>

namespace kernd::http {

class session;
struct response;
struct stream_handlers;

/// The answer of one exchange that goes on until somebody ends it: what events and WebSockets have
/// in common, as their session sees it. The session owns it, and lives until the handler and every
/// operation of the stream have ended. Confined to the session's loop.
class stream {
 public:
  stream(session& owner, stream_kind kind);
  virtual ~stream() = default;
  stream(const stream&) = delete;
  stream& operator=(const stream&) = delete;

  /// The route's handler; once.
  virtual boost::asio::awaitable<result<void>> run() = 0;
  /// After the handler of an open stream: ends it. `failure`, a problem, is null when all went
  /// well.
  virtual void finish(const response* failure) = 0;
  /// The server stops: ends the stream, if it is open, whatever the handler does.
  virtual void go_away() = 0;
  /// The session has closed its socket.
  void closed() noexcept;
  /// The session's own read has ended.
  void wake() noexcept;

  [[nodiscard]] stream_kind kind() const noexcept { return kind_; }
  /// The client has the head of a success.
  [[nodiscard]] bool is_open() const noexcept { return open_; }
  [[nodiscard]] bool is_running() const noexcept { return running_; }
  void handler_ended() noexcept { running_ = false; }
  /// Why it ended; unless somebody knew better, the client left.
  [[nodiscard]] stream_end reason() const noexcept {
    return reason_.value_or(stream_end::client_left);
  }

 protected:
  /// Calls a function of its stream when it is late.
  template <class Stream>
  class alarm final : public deadline {
   public:
    alarm(Stream& s, void (Stream::*ring)()) : stream_{s}, ring_{ring} {}

   private:
    void expired() override { (stream_.*ring_)(); }
    Stream& stream_;
    void (Stream::*ring_)();
  };

  /// Whoever writes or reads goes away.
  [[nodiscard]] bool is_over() const noexcept { return over_; }
  /// From now on it is, and the handler is told. The first reason stays.
  void end(stream_end why);
  /// From now on it counts as a stream.
  void opened();
  /// Until something has changed.
  boost::asio::awaitable<void> wait();

  session& session_;

 private:
  const stream_kind kind_;
  bool running_ = true;
  bool open_ = false;
  bool over_ = false;
  std::optional<stream_end> reason_;
  boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                    boost::asio::wait_traits<std::chrono::steady_clock>,
                                    boost::asio::io_context::executor_type>
      change_;  ///< Never expires: waiting for it ends when it is cancelled.
};

/// `handlers` outlives the stream.
std::unique_ptr<stream> make_event_stream(session& owner, const stream_handlers& handlers);
std::unique_ptr<stream> make_web_socket(session& owner, const stream_handlers& handlers);

}  // namespace kernd::http
