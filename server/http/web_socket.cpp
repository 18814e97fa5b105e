#include "server/http/web_socket.hpp"

#include "server/http/observed_socket.hpp"
#include "server/http/problem.hpp"
#include "server/http/session.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>

#include <algorithm>
#include <cassert>
#include <exception>
#include <string>

namespace kernd::http {
namespace {

namespace asio = boost::asio;
namespace beast_http = boost::beast::http;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;
using session_ref = boost::intrusive_ptr<session>;

/// What a client has to answer our close.
constexpr std::chrono::seconds close_time{2};
/// Messages up to here are not charged to the budget for bodies, and the memory for one is kept.
constexpr std::size_t free_message_bytes = 16 << 10;
/// Read at a time of a message, at least.
constexpr std::size_t least_read = 1536;

constexpr auto quietly = asio::as_tuple(asio::use_awaitable);

/// What Beast needs of the head to answer it; `stream_choice` has checked it all.
beast_http::request<beast_http::empty_body> handshake_of(const request& req) {
  beast_http::request<beast_http::empty_body> handshake{beast_http::verb::get, "/", 11};
  using beast_http::field;
  handshake.set(field::host, req.header("Host"));
  handshake.set(field::connection, "Upgrade");
  handshake.set(field::upgrade, "websocket");
  handshake.set(field::sec_websocket_version, "13");
  handshake.set(field::sec_websocket_key, req.header("Sec-WebSocket-Key"));
  return handshake;
}

close_code code_of(unsigned status) {
  if (status == 429 || status == 503) return close_code::try_again_later;
  return status < 500 ? close_code::policy : close_code::internal_error;
}

/// The client broke a rule of the protocol or a limit.
bool is_misuse(const error_code& ec) {
  return ec.category() == error_code{websocket::error::closed}.category() &&
         ec != websocket::error::closed;
}

class socket_of_session final : public stream, public web_socket, private socket_observer {
 public:
  socket_of_session(session& owner, const stream_handlers& handlers)
      : stream{owner, stream_kind::web_socket},
        handlers_{handlers},
        socket_{owner.socket(), static_cast<socket_observer&>(*this)} {}

  asio::awaitable<result<void>> run() override {
    return handlers_.socket(session_.current(), *this);
  }
  void finish(const response* failure) override;
  void go_away() override { begin_close(close_code::going_away, {}, stream_end::drain); }

  asio::awaitable<bool> accept() override;
  asio::awaitable<std::optional<std::string_view>> read() override;
  asio::awaitable<bool> write(std::string_view text) override;
  void close(close_code code, std::string_view reason) override {
    begin_close(code, reason, stream_end::done);
  }

 private:
  void on_received(std::size_t bytes) override;
  void on_write_begun() override;
  void on_written(std::size_t bytes) override;

  void set_options();
  bool charge(std::size_t bytes);
  void forget_message();
  void begin_close(close_code code, std::string_view reason, stream_end why);
  void on_failure(const error_code& ec);
  void on_close_of_client();
  void on_end();
  void on_slow_client();
  void on_silence();
  void drop(stream_end why, std::string_view explanation);

  const stream_handlers& handlers_;
  websocket::stream<observed_socket, false> socket_;
  boost::beast::flat_buffer message_;
  body_budget::lease message_memory_;
  bool reading_ = false;
  bool writing_ = false;
  bool closing_ = false;       ///< Our close is on its way, or the client's.
  bool awaits_close_ = false;  ///< An operation of `begin_close` is under way.
  bool said_all_ = false;
  bool heard_ = true;  ///< From the client, since the last look.
  bool pinged_ = false;
  alarm<socket_of_session> slowness_{*this, &socket_of_session::on_slow_client};
  alarm<socket_of_session> silence_{*this, &socket_of_session::on_silence};
};

void socket_of_session::set_options() {
  socket_.auto_fragment(false);
  socket_.text(true);
  socket_.read_message_max(handlers_.max_message_bytes);
  socket_.control_callback([this](websocket::frame_type kind, boost::beast::string_view) {
    if (kind == websocket::frame_type::close) on_close_of_client();
  });
  socket_.set_option(websocket::stream_base::decorator([this](websocket::response_type& answer) {
    answer.set(beast_http::field::date, session_.loop().date());
    answer.set("X-Request-ID", session_.current().request_id);
    answer.set(beast_http::field::server, "kernd");  // or Beast names itself and its version
  }));
}

asio::awaitable<bool> socket_of_session::accept() {
  if (is_open() || closing_ || is_over() || session_.is_stopping()) {
    co_return is_open() && !is_over();
  }
  session_.hand_over();
  while (session_.is_reading()) co_await wait();
  if (is_over()) co_return false;

  socket_.next_layer().set_unread(session_.unread());
  set_options();
  const auto handshake = handshake_of(session_.current());
  const auto [failure] = co_await socket_.async_accept(handshake, quietly);
  if (is_over()) co_return false;
  if (failure) {
    drop(stream_end::client_left, {});
    co_return false;
  }
  session_.switch_protocols();
  opened();
  session_.loop().deadlines().arm(silence_, session_.limits().idle_timeout / 2);
  if (session_.is_stopping()) go_away();
  co_return !is_over();
}

/// Room for `bytes` of a message; false when the budget has none.
bool socket_of_session::charge(std::size_t bytes) {
  return bytes <= free_message_bytes ||
         session_.loop().shared().bodies.raise(message_memory_, bytes);
}

void socket_of_session::forget_message() {
  message_.clear();
  if (message_.capacity() > free_message_bytes) message_.shrink_to_fit();
  message_memory_.release();
}

asio::awaitable<std::optional<std::string_view>> socket_of_session::read() {
  assert(!reading_);
  forget_message();
  do {
    if (is_over() || !is_open()) co_return std::nullopt;
    const std::size_t more = std::max(least_read, message_.size());
    if (!charge(message_.size() + more)) {
      forget_message();
      begin_close(close_code::try_again_later, "no memory", stream_end::no_memory);
      co_return std::nullopt;
    }
    reading_ = true;
    const auto [failure, bytes] = co_await socket_.async_read_some(message_, more, quietly);
    reading_ = false;
    if (failure) {
      forget_message();
      on_failure(failure);
      co_return std::nullopt;
    }
  } while (!socket_.is_message_done());

  if (is_over()) co_return std::nullopt;
  if (!socket_.got_text()) {
    session_.explain("the client sent a binary message");
    begin_close(close_code::unsupported_data, "text only", stream_end::misuse);
    co_return std::nullopt;
  }
  session_.loop().counts().message_received(stream_kind::web_socket);
  const auto text = message_.cdata();
  co_return std::string_view{static_cast<const char*>(text.data()), text.size()};
}

asio::awaitable<bool> socket_of_session::write(std::string_view text) {
  while (writing_ && !is_over()) co_await wait();
  if (is_over() || !is_open()) co_return false;
  writing_ = true;
  const asio::const_buffer bytes = asio::buffer(text.data(), text.size());
  const auto [failure, sent] = co_await socket_.async_write(bytes, quietly);
  writing_ = false;
  wake();
  if (failure) {
    on_failure(failure);
    co_return false;
  }
  session_.loop().counts().message_sent(stream_kind::web_socket);
  co_return !is_over();
}

void socket_of_session::begin_close(close_code code, std::string_view reason, stream_end why) {
  if (!is_open() || closing_ || is_over()) return;
  closing_ = true;
  awaits_close_ = true;
  const websocket::close_reason said{static_cast<websocket::close_code>(code),
                                     reason.substr(0, 123)};
  socket_.async_close(said, [this, self = session_ref{&session_}](const error_code&) {
    awaits_close_ = false;
    self->enter([this] { on_end(); });
  });
  session_.loop().deadlines().arm(silence_, close_time);
  end(why);
}

/// Beast answers it.
void socket_of_session::on_close_of_client() {
  closing_ = true;
  session_.loop().deadlines().arm(silence_, close_time);
  end(stream_end::client_left);
}

void socket_of_session::on_failure(const error_code& ec) {
  if (is_misuse(ec)) {
    session_.explain(ec.message());
    end(stream_end::misuse);
  }
  end(stream_end::client_left);
  if (ec == websocket::error::closed || is_misuse(ec)) return on_end();
  // Where we close, what else is under way fails; whoever closes goes on.
  if (!awaits_close_ && !said_all_) session_.close();
}

/// The closing handshake is over.
void socket_of_session::on_end() {
  if (awaits_close_ || said_all_) return;
  said_all_ = true;
  silence_.cancel();
  session_.stream_said_all();
}

void socket_of_session::finish(const response* failure) {
  if (failure == nullptr) return begin_close(close_code::normal, {}, stream_end::done);
  begin_close(code_of(failure->status), failure->code, stream_end::failure);
}

void socket_of_session::on_received(std::size_t bytes) {
  session_.count_received(bytes);
  if (bytes != 0) heard_ = true;
}

void socket_of_session::on_write_begun() {
  session_.loop().deadlines().arm(slowness_, session_.limits().write_timeout);
}

void socket_of_session::on_written(std::size_t bytes) {
  slowness_.cancel();
  session_.count_sent(bytes);
}

void socket_of_session::on_slow_client() {
  drop(stream_end::slow_client, "the client took nothing for " +
                                    std::to_string(session_.limits().write_timeout.count()) +
                                    " ms");
}

void socket_of_session::on_silence() {
  if (closing_) return drop(stream_end::client_left, {});
  session_.enter([this] {
    session_.loop().deadlines().arm(silence_, session_.limits().idle_timeout / 2);
    // What nobody reads cannot be heard.
    if (std::exchange(heard_, false) || !reading_) {
      pinged_ = false;
    } else if (pinged_) {
      drop(stream_end::silent_client, "the client did not answer a ping");
    } else {
      pinged_ = true;
      socket_.async_ping({}, [self = session_ref{&session_}](const error_code&) {});
    }
  });
}

void socket_of_session::drop(stream_end why, std::string_view explanation) {
  session_.enter([&] {
    if (!explanation.empty()) session_.explain(explanation);
    end(why);
    session_.close();
  });
}

/// What two coroutines share that end together.
struct pair_of_ends {
  explicit pair_of_ends(const asio::any_io_executor& executor)
      : changed{executor, asio::steady_timer::time_point::max()} {}

  int running = 2;
  std::exception_ptr failure;
  asio::steady_timer changed;
};

}  // namespace

asio::awaitable<void> web_socket::run(asio::awaitable<void> reading,
                                      asio::awaitable<void> writing) {
  const auto executor = co_await asio::this_coro::executor;
  const auto both = std::make_shared<pair_of_ends>(executor);
  const auto on_end = [this, both](std::exception_ptr failure) {
    --both->running;
    if (failure && !both->failure) both->failure = failure;
    close(failure ? close_code::internal_error : close_code::normal);
    both->changed.cancel();
  };
  asio::co_spawn(executor, std::move(reading), on_end);
  asio::co_spawn(executor, std::move(writing), on_end);
  while (both->running != 0) co_await both->changed.async_wait(quietly);
  if (both->failure) std::rethrow_exception(both->failure);
}

std::unique_ptr<stream> make_web_socket(session& owner, const stream_handlers& handlers) {
  return std::make_unique<socket_of_session>(owner, handlers);
}

}  // namespace kernd::http
