#include "server/http/event_stream.hpp"

#include "server/http/session.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>

#include <algorithm>
#include <cassert>
#include <charconv>
#include <string>

namespace kernd::http {
namespace {

namespace asio = boost::asio;
using session_ref = boost::intrusive_ptr<session>;

/// A writer waits when so much is unsent.
constexpr std::size_t most_unsent = 64 << 10;
/// Events written before other connections have their turn.
constexpr unsigned fair_share = 32;
/// What a client has to take the rest of a stream that ends.
constexpr std::chrono::seconds end_time{2};

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).push_back('\n');
}

/// One field for each line; a line ends with `\n`, `\r\n` or `\r`.
void append_data(std::string& out, std::string_view data) {
  for (;;) {
    const std::size_t end = data.find_first_of("\r\n");
    append_field(out, "data", data.substr(0, end));
    if (end == data.npos) return;
    const bool is_pair = data.substr(end).starts_with("\r\n");
    data.remove_prefix(end + (is_pair ? 2 : 1));
  }
}

std::string text_of(const server_event& event) {
  constexpr std::string_view line_ends{"\r\n\0", 3};
  assert(event.event.find_first_of(line_ends) == event.event.npos);
  assert(event.id.find_first_of(line_ends) == event.id.npos);
  std::string text;
  text.reserve(event.data.size() + event.event.size() + event.id.size() + 32);
  if (!event.id.empty()) append_field(text, "id", event.id);
  if (!event.event.empty()) append_field(text, "event", event.event);
  append_data(text, event.data);
  text.push_back('\n');
  return text;
}

/// Writers append to a text. What the socket does not take at once it takes when it can.
class events final : public stream, public event_stream {
 public:
  events(session& owner, const stream_handlers& handlers)
      : stream{owner, stream_kind::events}, handlers_{handlers} {}

  asio::awaitable<result<void>> run() override {
    return handlers_.events(session_.current(), *this);
  }
  void finish(const response* failure) override;
  void go_away() override;

  asio::awaitable<bool> open() override;
  asio::awaitable<bool> write(server_event event) override;

 private:
  bool is_head_only() const { return session_.current().verb == method::head; }
  std::size_t unsent() const noexcept { return text_.size() - sent_; }
  void append_chunk(std::string_view text);
  void send();
  void wait_for_client();
  void on_writable(const boost::system::error_code& ec);
  void conclude(stream_end why);
  void on_slow_client();
  void on_silence();

  const stream_handlers& handlers_;
  bool begun_ = false;
  bool chunked_ = false;
  bool concluding_ = false;
  bool waiting_ = false;  ///< For the socket to take more.
  bool silent_ = true;    ///< Since the last look.
  unsigned in_turn_ = 0;
  std::string text_;
  std::size_t sent_ = 0;  ///< Of `text_`.
  alarm<events> slowness_{*this, &events::on_slow_client};
  alarm<events> silence_{*this, &events::on_silence};
};

asio::awaitable<bool> events::open() {
  if (begun_ || is_over()) co_return is_open() && !is_over();
  if (session_.is_stopping()) co_return false;
  begun_ = true;
  response head;
  head.content_type = "text/event-stream";
  head.headers.emplace_back("Cache-Control", "no-store");
  chunked_ = !is_head_only() && !session_.is_http_1_0();
  using framing = head_context::framing;
  session_.begin_stream(std::move(head), chunked_ ? framing::chunks : framing::no_length, text_);
  send();
  while (unsent() != 0 && !is_over()) co_await wait();
  if (is_over()) co_return false;

  if (is_head_only()) co_return false;
  opened();
  session_.loop().deadlines().arm(silence_, handlers_.heartbeat);
  if (session_.is_stopping()) conclude(stream_end::drain);
  co_return !is_over();
}

asio::awaitable<bool> events::write(server_event event) {
  if (!begun_) {
    const bool is_begun = co_await open();
    if (!is_begun) co_return false;
  }
  while (unsent() >= most_unsent && !is_over()) co_await wait();
  if (is_over() || !is_open()) co_return false;

  append_chunk(text_of(event));
  silent_ = false;
  session_.loop().counts().message_sent(stream_kind::events);
  send();
  if (++in_turn_ % fair_share == 0) {
    const auto executor = co_await asio::this_coro::executor;
    co_await asio::post(executor, asio::use_awaitable);
  }
  co_return !is_over();
}

void events::append_chunk(std::string_view text) {
  if (!chunked_) {
    text_ += text;
    return;
  }
  char digits[16];
  const auto end = std::to_chars(digits, digits + sizeof digits, text.size(), 16).ptr;
  text_.append(digits, end).append("\r\n").append(text).append("\r\n");
}

void events::send() {
  if (waiting_) return;
  while (unsent() != 0) {
    boost::system::error_code ec;
    const std::size_t sent =
        session_.socket().write_some(asio::buffer(text_.data() + sent_, unsent()), ec);
    sent_ += sent;
    session_.count_sent(sent);
    if (ec == asio::error::would_block || ec == asio::error::try_again) return wait_for_client();
    if (ec) {
      end(stream_end::client_left);
      return session_.close();
    }
  }
  sent_ = 0;
  text_.clear();
  if (text_.capacity() > most_unsent) text_.shrink_to_fit();
  slowness_.cancel();
  wake();
  if (concluding_) session_.stream_said_all();
}

void events::wait_for_client() {
  if (sent_ >= most_unsent) {
    text_.erase(0, sent_);
    sent_ = 0;
  }
  waiting_ = true;
  const std::chrono::milliseconds patience = session_.limits().write_timeout;
  session_.loop().deadlines().arm(
      slowness_, concluding_ ? std::min<std::chrono::milliseconds>(patience, end_time) : patience);
  session_.socket().async_wait(tcp_socket::wait_write, [this, self = session_ref{&session_}](
                                                           const boost::system::error_code& ec) {
    self->enter([&] { on_writable(ec); });
  });
}

void events::on_writable(const boost::system::error_code& ec) {
  waiting_ = false;
  if (ec) return;  // the session has closed
  send();
  if (unsent() < most_unsent) wake();
}

void events::finish(const response* failure) {
  if (concluding_) return;
  if (failure != nullptr && !is_head_only()) {
    append_chunk(text_of({.data = failure->body[0].view(), .event = "problem"}));
  }
  conclude(failure != nullptr ? stream_end::failure : stream_end::done);
}

void events::go_away() {
  if (is_open()) conclude(stream_end::drain);
}

void events::conclude(stream_end why) {
  if (concluding_) return;
  concluding_ = true;
  silence_.cancel();
  if (chunked_) text_ += "0\r\n\r\n";
  if (waiting_) {
    session_.loop().deadlines().arm(
        slowness_, std::min<std::chrono::milliseconds>(session_.limits().write_timeout, end_time));
  }
  end(why);
  send();
}

void events::on_slow_client() {
  session_.enter([this] {
    if (!concluding_) {
      session_.explain("the client took nothing for " +
                       std::to_string(session_.limits().write_timeout.count()) + " ms");
    }
    end(stream_end::slow_client);
    session_.close();
  });
}

void events::on_silence() {
  session_.enter([this] {
    if (silent_ && unsent() == 0) {
      append_chunk(":\n\n");
      send();
    }
    silent_ = true;
    if (!is_over()) session_.loop().deadlines().arm(silence_, handlers_.heartbeat);
  });
}

}  // namespace

std::unique_ptr<stream> make_event_stream(session& owner, const stream_handlers& handlers) {
  return std::make_unique<events>(owner, handlers);
}

}  // namespace kernd::http
