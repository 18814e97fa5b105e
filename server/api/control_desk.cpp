#include "server/api/control_desk.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <optional>
#include <string>
#include <utility>

namespace kernd::api {

namespace asio = boost::asio;

/// Shared by the coroutine that asks and the controlling thread: either may be the later one.
struct control_desk::visit {
  visit(const asio::any_io_executor& loop, task asked, std::chrono::milliseconds patience)
      : what{std::move(asked)}, answered{loop, patience} {}

  const task what;
  std::atomic<bool> given_up{false};  // relaxed: nothing else is read because of it
  // confined to the loop that asked
  asio::steady_timer answered;  // cancelled when it is
  std::optional<http::response> answer;
};

control_desk::control_desk(std::function<void()> ring, std::chrono::milliseconds patience)
    : ring_{std::move(ring)}, patience_{patience} {}

result<void> control_desk::admit(const std::shared_ptr<visit>& asked) {
  const std::lock_guard lock{mutex_};
  if (is_closed_) return error{errc::service_unavailable, "the daemon is about to end"};
  if (waiting_.size() >= most_waiting) {
    return error{errc::service_unavailable, "too many wait for the daemon's control: limit " +
                                                std::to_string(most_waiting) + " requests"};
  }
  waiting_.push_back(asked);
  return {};
}

asio::awaitable<result<http::response>> control_desk::ask(task what) {
  const auto loop = co_await asio::this_coro::executor;
  const auto asked = std::make_shared<visit>(loop, std::move(what), patience_);
  const auto admitted = admit(asked);
  if (!admitted) co_return admitted.error();

  ring_();
  const auto token = asio::as_tuple(asio::use_awaitable);
  co_await asked->answered.async_wait(token);
  if (asked->answer) co_return std::move(*asked->answer);
  asked->given_up.store(true, std::memory_order_relaxed);
  co_return error{errc::execution_timeout, "not done within " + std::to_string(patience_.count()) +
                                               " ms; what has begun may still be done"};
}

void control_desk::serve() {
  std::vector<std::shared_ptr<visit>> taken;
  {
    const std::lock_guard lock{mutex_};
    taken.swap(waiting_);
  }
  for (auto& asked : taken) {
    if (asked->given_up.load(std::memory_order_relaxed)) continue;
    const auto loop = asked->answered.get_executor();
    http::response answer = asked->what();
    asio::post(loop, [asked = std::move(asked), answer = std::move(answer)]() mutable {
      asked->answer = std::move(answer);
      asked->answered.cancel();
    });
  }
}

void control_desk::close() {
  {
    const std::lock_guard lock{mutex_};
    is_closed_ = true;
  }
  serve();
}

}  // namespace kernd::api
