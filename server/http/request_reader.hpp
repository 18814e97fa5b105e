#pragma once

#include "kernd/body_budget.hpp"
#include "kernd/config.hpp"
#include "kernd/error.hpp"
#include "server/http/request.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace kernd::http {

/// Turns the bytes of one connection into requests, by the rules of RFC 9112 and under the limits.
/// Knows nothing of sockets: it lends out memory for the next bytes and is told how many came.
///
/// One request after the other: `advance` until `head`, perhaps `accept_body`, `advance` until
/// `whole`, then `next`. After `refused` the connection cannot go on. Confined to one thread.
class request_reader {
 public:
  enum class progress {
    more,     ///< Needs more bytes.
    head,     ///< The head is there and sound; reported once.
    whole,    ///< The request is complete.
    refused,  ///< See `refusal()`.
  };

  /// `budget` outlives the reader and the bodies it reads.
  explicit request_reader(body_budget& budget);
  ~request_reader();

  /// Where the next bytes go; empty when the buffer is full. The memory stays lent, and in place,
  /// until `commit`.
  std::span<char> lend();
  void commit(std::size_t bytes);

  /// Goes on with the request as far as the bytes reach. From `head` on, `req` holds everything but
  /// the body; on `refused`, what could be read of it.
  progress advance(request& req, const limits_config& limits);
  /// Before the first `advance` after `head` of a request with a body: claims the memory for its
  /// first bytes; more is claimed as they arrive. `more` or `refused`.
  progress accept_body(request& req, const limits_config& limits);
  /// Refuses the request from outside, as for a timeout.
  void refuse(request& req, error why);
  const error& refusal() const noexcept { return refusal_; }
  /// Forgets the request that is `whole` and starts the next one.
  void next();
  /// From now on all input is forgotten at once.
  void drop_input();

  /// What has been read beyond the request that is `whole`; valid until the next `lend`.
  [[nodiscard]] std::string_view unread() const noexcept;
  /// Bytes of a request that has not been finished are there.
  [[nodiscard]] bool has_input() const noexcept { return end_ != begin_; }
  /// What follows is true of the current request, from `head` on.
  [[nodiscard]] bool has_body() const noexcept { return has_body_; }
  [[nodiscard]] bool expects_continue() const noexcept { return expects_continue_; }
  /// A body whose length is known; 0 when chunked.
  [[nodiscard]] std::uint64_t content_length() const noexcept { return content_length_; }
  [[nodiscard]] bool is_chunked() const noexcept { return chunked_; }
  /// The first bytes of the body are there already.
  [[nodiscard]] bool has_body_bytes() const noexcept { return end_ != next_; }
  [[nodiscard]] bool keep_alive() const noexcept { return keep_alive_; }
  [[nodiscard]] bool is_http_1_0() const noexcept { return http_1_0_; }
  /// What the buffer holds at most: a connection's memory between its requests.
  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
  /// Of this request, as received.
  [[nodiscard]] std::uint64_t bytes_in() const noexcept { return head_bytes() + body_bytes_in_; }

 private:
  class parser;
  enum class state { head, accepting, known_body, chunked_body, whole, refused, dropping };

  progress read_head(request& req, const limits_config& limits);
  progress read_known_body(request& req);
  progress read_chunked_body(request& req);
  progress skip_empty_lines(request& req);
  progress finish_head(request& req, const limits_config& limits);
  progress stop(request& req, error why);
  error explain(const boost::system::error_code& ec, const limits_config& limits) const;
  bool claim(request& req, std::uint64_t bytes);
  void publish(request& req) const;
  void make_room();
  void forget_earlier_requests();
  void grow(std::size_t capacity);
  std::uint64_t head_bytes() const noexcept { return head_end_ - begin_; }

  body_budget& budget_;
  std::unique_ptr<parser> parser_;

  // [begin_, head_end_) is the current head, to which the request has views once it is complete;
  // [next_, end_) has not been parsed.
  std::unique_ptr<char[]> bytes_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t head_end_ = 0;
  std::size_t next_ = 0;
  std::size_t end_ = 0;
  std::size_t max_capacity_ = 0;
  bool lent_ = false;
  text_buffer* lent_body_ = nullptr;  ///< The loan is the request's body, not the buffer.

  state state_ = state::head;
  bool started_ = false;          ///< The parser has seen the current head's first bytes.
  std::size_t parsed_bytes_ = 0;  ///< Of the current head, as far as it goes.
  int empty_lines_ = 0;           ///< Before the current head.
  error refusal_{errc::bad_request, {}};
  text_buffer* body_ = nullptr;
  std::uint64_t content_length_ = 0;
  std::uint64_t body_bytes_in_ = 0;
  std::uint64_t most_body_bytes_ = 0;  ///< As its head or the limit at its time says.
  std::uint64_t claimed_bytes_ = 0;    ///< The body's share of the budget, and its room.
  bool chunked_ = false;
  bool has_body_ = false;
  bool expects_continue_ = false;
  bool keep_alive_ = false;
  bool http_1_0_ = false;
};

}  // namespace kernd::http
