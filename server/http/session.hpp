#pragma once

#include "kernd/deadline_list.hpp"
#include "server/http/event_loop.hpp"
#include "server/http/request_reader.hpp"
#include "server/http/router.hpp"
#include "server/http/stream.hpp"

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

namespace kernd::http {

/// A socket whose executor is known at compile time.
using tcp_socket =
    boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;

/// One connection: reads requests, has them answered, writes the answers in order. Confined to its
/// loop's thread. Every operation that is under way holds a reference, and so does a handler that
/// runs: the session lives until the last of them has ended.
class session final : public boost::intrusive_ref_counter<session, boost::thread_unsafe_counter>,
                      public loop_member {
 public:
  session(event_loop& loop, tcp_socket socket, const boost::asio::ip::tcp::endpoint& peer,
          connection_census::ticket ticket);
  ~session() override;

  /// Serves requests until one side closes.
  void serve();
  /// Answers that there are too many connections, and closes.
  void turn_away();
  void go_away() override;

  // What the stream needs that the exchange has turned into.
  event_loop& loop() noexcept { return loop_; }
  tcp_socket& socket() noexcept { return socket_; }
  request& current() noexcept { return request_; }
  const limits_config& limits() const noexcept { return loop_.current().limits; }
  [[nodiscard]] bool is_http_1_0() const noexcept { return reader_.is_http_1_0(); }
  /// No stream should begin.
  [[nodiscard]] bool is_stopping() noexcept {
    return loop_.shared().ends_idle.load(std::memory_order_relaxed);
  }
  /// Replaces `head` by that of a stream whose status, type and headers `answer` has; its body is
  /// framed as `framing` says. The exchange is the stream's from now on.
  void begin_stream(response answer, head_context::framing framing, std::string& head);
  /// Likewise, where the stream sends its head itself: ends the session's own reading, for good.
  /// What has been read beyond the head stays where it is.
  void hand_over();
  [[nodiscard]] bool is_reading() const noexcept { return reading_; }
  [[nodiscard]] std::string_view unread() const noexcept { return reader_.unread(); }
  void switch_protocols();
  void count_received(std::size_t bytes) noexcept { stream_bytes_in_ += bytes; }
  void count_sent(std::size_t bytes) noexcept { sent_ += bytes; }
  void stop_handler() noexcept { disconnect_.request_stop(); }
  /// For the log: what the client did, or what failed.
  void explain(std::string_view text) { error_text_ = text; }
  /// The stream has said all.
  void stream_said_all();
  void close() noexcept;
  /// Where the loop comes in. What `step` throws, out of memory as a rule, ends this connection and
  /// no other.
  template <class Step>
  void enter(Step step) noexcept {
    try {
      step();
    } catch (...) {
      close();
    }
  }

 private:
  /// What the connection waits for.
  enum class phase {
    idle,       ///< The first byte of a request.
    head,       ///< The rest of a head.
    body,       ///< The rest of a body.
    handling,   ///< The handler.
    streaming,  ///< The end of a stream.
    writing,    ///< The client, to take the answer.
    yielding,   ///< Its turn: other connections go first.
    lingering,  ///< The client's close, after ours.
    closed,
  };

  class answer_taker;

  class alarm final : public deadline {
   public:
    explicit alarm(session& s) : session_{s} {}

   private:
    void expired() override {
      session_.enter([this] { session_.on_deadline(); });
    }
    session& session_;
  };

  // Reading.
  void read();
  void on_read(const boost::system::error_code& ec, std::size_t bytes);
  void advance();
  void want_more();
  bool has_time_limit() const noexcept { return finish_by_ != deadline::clock::time_point::max(); }
  void yield();
  void on_deadline();

  // One request and its answer. Those that return bool say whether the connection goes on at once.
  bool open_exchange();
  bool admit_body();
  bool dispatch();
  bool run(const handler& handle);
  bool start(const async_handler& handle);
  void on_answer(std::exception_ptr failure, response answer);
  bool start(const stream_handlers& handlers);
  void on_stream_end(std::exception_ptr failure, result<void> outcome);
  response answer_unopened(std::exception_ptr failure, const result<void>& outcome);
  response answer_failure(std::exception_ptr failure);
  void begin_exchange();
  bool refuse(error why);
  bool answer_refusal();
  bool respond(response answer);
  head_context describe_head();
  bool finish_exchange();
  void record(unsigned status, std::string_view code) noexcept;

  // Writing.
  enum class written { all, later, failed };
  written write_now();
  void write_later();
  void on_writable(const boost::system::error_code& ec);

  // Ending.
  void linger();
  void on_lingering(const boost::system::error_code& ec, std::size_t bytes);

  event_loop& loop_;
  tcp_socket socket_;
  connection_census::ticket ticket_;
  alarm alarm_{*this};
  phase phase_ = phase::idle;
  bool reading_ = false;      ///< A read is under way.
  bool ended_ = false;        ///< The client sends no more.
  bool handed_over_ = false;  ///< A stream reads from the socket.
  std::uint64_t requests_ = 0;
  deadline::clock::time_point finish_by_ = deadline::clock::time_point::max();  ///< The request's.
  std::size_t lingered_bytes_ = 0;

  request_reader reader_;
  request request_;
  route_match match_;
  std::stop_source disconnect_{std::nostopstate};
  bool in_exchange_ = false;  ///< A request has been counted as started.
  bool stays_open_ = false;
  std::string error_text_;  ///< What a handler threw.
  std::string peer_text_;   ///< For the log; made for the first request.

  response answer_;
  std::string head_;
  std::size_t sent_ = 0;
  std::uint64_t stream_bytes_in_ = 0;  ///< After the head.
  std::unique_ptr<stream> stream_;     ///< Of the current exchange, if it asked for one.
};

}  // namespace kernd::http
