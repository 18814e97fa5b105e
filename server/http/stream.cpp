#include "server/http/stream.hpp"

#include "server/http/session.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace kernd::http {

namespace asio = boost::asio;

stream::stream(session& owner, stream_kind kind)
    : session_{owner},
      kind_{kind},
      change_{owner.loop().io(), std::chrono::steady_clock::time_point::max()} {}

void stream::closed() noexcept {
  over_ = true;
  wake();
}

void stream::wake() noexcept {
  boost::system::error_code ignored;
  change_.cancel(ignored);
}

void stream::end(stream_end why) {
  if (!reason_) reason_ = why;
  over_ = true;
  wake();
  session_.stop_handler();
}

void stream::opened() {
  open_ = true;
  session_.loop().counts().stream_opened(kind_);
}

asio::awaitable<void> stream::wait() {
  const auto token = asio::as_tuple(asio::use_awaitable);
  co_await change_.async_wait(token);
}

}  // namespace kernd::http
