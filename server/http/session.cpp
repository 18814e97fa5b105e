#include "server/http/session.hpp"

#include "server/http/problem.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>

#include <algorithm>
#include <array>

namespace kernd::http {
namespace {

namespace asio = boost::asio;
using session_ref = boost::intrusive_ptr<session>;

/// Pipelined requests answered before other connections have their turn.
constexpr int fair_share = 32;
constexpr std::chrono::seconds linger_time{2};
/// What a client may still send while it has our last answer to read.
constexpr std::size_t linger_bytes = 16 << 20;

bool would_block(const boost::system::error_code& ec) {
  return ec == asio::error::would_block || ec == asio::error::try_again;
}

}  // namespace

session::session(event_loop& loop, tcp_socket socket, const asio::ip::tcp::endpoint& peer,
                 connection_census::ticket ticket)
    : loop_{loop},
      socket_{std::move(socket)},
      ticket_{std::move(ticket)},
      reader_{loop.shared().bodies} {
  request_.peer = peer.address();
  boost::system::error_code ignored;
  socket_.set_option(asio::ip::tcp::no_delay{true}, ignored);
  socket_.non_blocking(true, ignored);
  loop_.counts().connection_opened();
  loop_.add(*this);
}

session::~session() {
  loop_.counts().connection_closed();
}

void session::serve() {
  loop_.deadlines().arm(alarm_, limits().header_timeout);
  read();
}

void session::go_away() {
  if (stream_ != nullptr && phase_ == phase::streaming) {
    enter([this] { stream_->go_away(); });
    return;
  }
  if (phase_ != phase::idle || reader_.has_input()) return;
  boost::system::error_code failure;
  const bool is_on_its_way = socket_.available(failure) != 0 && !failure;
  if (!is_on_its_way) close();
}

void session::read() {
  // A handler that outlives its stream still has its request's head, which is in the buffer.
  const bool is_in_use = phase_ == phase::lingering && stream_ != nullptr && stream_->is_running();
  if (reading_ || ended_ || handed_over_ || is_in_use) return;
  const auto space = reader_.lend();
  if (space.empty()) return;
  reading_ = true;
  socket_.async_read_some(
      asio::buffer(space.data(), space.size()),
      [self = session_ref{this}](const boost::system::error_code& ec, std::size_t bytes) {
        self->enter([&] { self->on_read(ec, bytes); });
      });
}

void session::on_read(const boost::system::error_code& ec, std::size_t bytes) {
  reading_ = false;
  reader_.commit(bytes);
  if (phase_ == phase::lingering) return on_lingering(ec, bytes);
  if (handed_over_) return stream_->wake();
  if (ec) ended_ = true;
  switch (phase_) {
    case phase::idle:
    case phase::head:
    case phase::body:
      return ec ? close() : advance();
    case phase::handling:
      if (ec) {
        if (stream_ != nullptr) stream_->closed();
        disconnect_.request_stop();
      } else {
        read();
      }
      return;
    case phase::streaming:
      return ec ? close() : read();
    case phase::writing:
    case phase::yielding:
    case phase::lingering:
    case phase::closed:
      return;
  }
}

void session::advance() {
  for (int answered = 0; answered < fair_share;) {
    switch (reader_.advance(request_, limits())) {
      case request_reader::progress::more:
        return want_more();
      case request_reader::progress::head:
        if (!open_exchange()) return;
        break;
      case request_reader::progress::refused:
        answer_refusal();
        return;
      case request_reader::progress::whole:
        if (!dispatch()) return;
        ++answered;
        break;
    }
  }
  yield();
}

void session::want_more() {
  if (ended_) return close();
  const phase before = phase_;
  phase_ = in_exchange_ ? phase::body : reader_.has_input() ? phase::head : phase::idle;
  if (phase_ == phase::body) {
    // Where nothing else bounds the whole body, its bytes do not win time one by one.
    if (before == phase::body && !has_time_limit()) return read();
    loop_.deadlines().arm(alarm_,
                          std::min(deadline::clock::now() + limits().body_timeout, finish_by_));
  } else if (phase_ != before) {
    if (phase_ == phase::head) {
      request_.received = deadline::clock::now();
      loop_.deadlines().arm(alarm_, request_.received + limits().header_timeout);
    } else {
      if (loop_.shared().ends_idle.load(std::memory_order_relaxed)) return linger();
      loop_.deadlines().arm(alarm_, limits().idle_timeout);
    }
  }
  read();
}

void session::yield() {
  phase_ = phase::yielding;
  asio::post(loop_.io(), [self = session_ref{this}] {
    if (self->phase_ == phase::yielding) self->enter([&] { self->advance(); });
  });
}

void session::on_deadline() {
  switch (phase_) {
    case phase::head:
      refuse({errc::request_timeout, "the head did not arrive within " +
                                         std::to_string(limits().header_timeout.count()) + " ms"});
      return;
    case phase::body:
      if (deadline::clock::now() >= finish_by_) {
        refuse({errc::execution_timeout, "the body did not arrive before the request's deadline"});
        return;
      }
      refuse({errc::request_timeout, std::string{"the body did not "} +
                                         (has_time_limit() ? "go on" : "arrive") + " within " +
                                         std::to_string(limits().body_timeout.count()) + " ms"});
      return;
    case phase::idle:
    case phase::writing:
    case phase::lingering:
      return close();
    case phase::handling:
    case phase::streaming:
    case phase::yielding:
    case phase::closed:
      return;
  }
}

session::written session::write_now() {
  for (;;) {
    std::array<asio::const_buffer, 4> rest{
        asio::buffer(head_), asio::buffer(answer_.body[0].data(), answer_.body[0].size()),
        asio::buffer(answer_.body[1].data(), answer_.body[1].size()),
        asio::buffer(answer_.body[2].data(), answer_.body[2].size())};
    std::size_t skip = sent_;
    std::size_t missing = 0;
    for (asio::const_buffer& piece : rest) {
      const std::size_t gone = std::min(skip, piece.size());
      piece += gone;
      skip -= gone;
      missing += piece.size();
    }
    if (missing == 0) return written::all;

    boost::system::error_code ec;
    // One piece is the usual case, and cheaper for the system to take.
    const bool is_single = missing == rest[0].size();
    sent_ += is_single ? socket_.write_some(rest[0], ec) : socket_.write_some(rest, ec);
    if (would_block(ec)) return written::later;
    if (ec) return written::failed;
  }
}

void session::write_later() {
  phase_ = phase::writing;
  loop_.deadlines().arm(alarm_, limits().write_timeout);
  socket_.async_wait(tcp_socket::wait_write,
                     [self = session_ref{this}](const boost::system::error_code& ec) {
                       self->enter([&] { self->on_writable(ec); });
                     });
}

void session::on_writable(const boost::system::error_code& ec) {
  if (phase_ != phase::writing) return;
  const written state = ec ? written::failed : write_now();
  if (state == written::failed) return close();
  if (state == written::later) return write_later();
  if (finish_exchange()) advance();
}

void session::linger() {
  ticket_.finish();
  boost::system::error_code ec;
  socket_.shutdown(tcp_socket::shutdown_send, ec);
  if (ec || ended_) return close();
  // Closing with unread input would reset the connection, and with it our answer on its way.
  phase_ = phase::lingering;
  handed_over_ = false;
  reader_.drop_input();
  if (!reading_) request_.drop_body();
  alarm_.cancel();
  loop_.deadlines().arm(alarm_, linger_time);
  read();
}

void session::on_lingering(const boost::system::error_code& ec, std::size_t bytes) {
  request_.drop_body();  // no read goes into it any more
  lingered_bytes_ += bytes;
  if (ec || lingered_bytes_ > linger_bytes) return close();
  read();
}

void session::close() noexcept {
  if (phase_ == phase::closed) return;
  phase_ = phase::closed;
  alarm_.cancel();
  disconnect_.request_stop();
  if (in_exchange_) {
    const problem_kind& gone = describe(errc::cancelled);
    const bool has_answer = stream_ != nullptr && stream_->is_open();
    has_answer ? record(answer_.status, {}) : record(gone.status, gone.code);
  }
  if (stream_ != nullptr) stream_->closed();
  ticket_.finish();
  boost::system::error_code ignored;
  socket_.close(ignored);
}

}  // namespace kernd::http
