#include "server/api/actor_call.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <memory>
#include <new>
#include <optional>
#include <utility>

namespace kernd::api {

namespace asio = boost::asio;

/// What a coroutine waits for on its loop. Shared with those that wake it.
class wake_up {
 public:
  wake_up(const asio::any_io_executor& loop, std::chrono::steady_clock::time_point until)
      : timer_{loop, until} {}

  /// The rest on the loop: waits for one of the two or the time.
  asio::awaitable<void> wait(std::chrono::steady_clock::time_point until) {
    timer_.expires_at(until);
    const auto token = asio::as_tuple(asio::use_awaitable);
    while (!has_come_ && !is_given_up_) {
      const auto [cancelled] = co_await timer_.async_wait(token);
      if (!cancelled) co_return;
    }
  }
  void come() {
    has_come_ = true;
    timer_.cancel();
  }
  void give_up() {
    is_given_up_ = true;
    timer_.cancel();
  }
  void go_on() noexcept { is_given_up_ = false; }
  bool has_come() const noexcept { return has_come_; }
  bool is_given_up() const noexcept { return is_given_up_; }

  asio::any_io_executor loop() { return timer_.get_executor(); }

 private:
  asio::steady_timer timer_;
  bool has_come_ = false;
  bool is_given_up_ = false;
};

/// A call on its way. The runtime's reference, a pointer to one, is its receiver's context.
struct pending_call : wake_up {
  using reference = std::shared_ptr<pending_call>;
  using wake_up::wake_up;

  /// On any thread.
  static void end(void* context, const call_end& e) noexcept {
    const std::unique_ptr<reference> held{static_cast<reference*>(context)};
    try {
      (*held)->keep(e);
      asio::post((*held)->loop(), [call = *held] { call->come(); });
    } catch (const std::bad_alloc&) {
      // The caller does not hear of it, and tells its client so at the deadline.
    }
  }

  /// Written before the loop is told, read after.
  std::optional<result<actor_reply>> answer;

 private:
  void keep(const call_end& e) {
    if (e.why) {
      answer.emplace(*e.why);
    } else {
      answer.emplace(actor_reply{*e.header, {e.payload.begin(), e.payload.end()}});
    }
  }
};

namespace {

using time_point = std::chrono::steady_clock::time_point;

/// Between two looks at a mailbox that was full. Its readers do not know who waits over HTTP.
constexpr std::chrono::milliseconds retry_after{1};
/// How long an answer that is on its way to the loop may take. Only without memory it never comes.
constexpr std::chrono::seconds handover{1};

bool waits_for_room(const actor& to, errc code) {
  return code == errc::queue_full && to.status().options.overflow == overflow_policy::wait;
}

/// Whether there is time for another one.
next_try next_try_before(time_point deadline) {
  const bool has_time = std::chrono::steady_clock::now() + retry_after < deadline;
  return has_time ? next_try::follows : next_try::none;
}

/// A message's time runs while it waits for room.
class message_time {
 public:
  explicit message_time(const outgoing_message& m) : given_{m.deadline} {}

  time_point bound(time_point deadline) const {
    return given_ ? std::min(deadline, begun_ + *given_) : deadline;
  }
  /// What is left of it; at the last try, something.
  void apply_to(outgoing_message& m) const {
    if (!given_) return;
    const auto left = begun_ + *given_ - std::chrono::steady_clock::now();
    m.deadline = std::max(std::chrono::ceil<std::chrono::milliseconds>(left), retry_after);
  }

 private:
  time_point begun_ = std::chrono::steady_clock::now();
  std::optional<std::chrono::milliseconds> given_;
};

asio::awaitable<void> pause_before_retry() {
  const auto loop = co_await asio::this_coro::executor;
  asio::steady_timer timer{loop, retry_after};
  const auto token = asio::as_tuple(asio::use_awaitable);
  co_await timer.async_wait(token);
}

error no_answer(const actor& from) {
  std::string why = "the actor did not answer before the deadline";
  if (from.status().is_held_back) {
    why += ": its output is full and nobody reads it; see GET /actors/" + from.id() + "/messages";
  }
  return {errc::execution_timeout, std::move(why)};
}

error client_left() {
  return {errc::cancelled, "the client went away"};
}

}  // namespace

asio::awaitable<result<actor_reply>> started_call::answer(time_point deadline,
                                                          std::stop_token gone) {
  const std::shared_ptr<pending_call> call = call_;
  {
    const std::stop_callback on_gone{gone, [&call] { call->give_up(); }};
    co_await call->wait(deadline);
  }
  if (call->has_come()) co_return *std::move(call->answer);
  if (to_.cancel(ticket_)) {
    delete held_;
    if (call->is_given_up()) co_return client_left();
    co_return no_answer(to_);
  }
  call->go_on();
  co_await call->wait(std::chrono::steady_clock::now() + handover);
  if (call->has_come()) co_return *std::move(call->answer);
  co_return error{errc::memory_exhausted, "there was no memory for the actor's answer"};
}

asio::awaitable<result<started_call>> start_call(actor to, outgoing_message m, time_point deadline,
                                                 std::stop_token gone) {
  const auto loop = co_await asio::this_coro::executor;
  const auto call = std::make_shared<pending_call>(loop, deadline);
  const message_time time{m};
  deadline = time.bound(deadline);
  while (!gone.stop_requested()) {
    const next_try after = next_try_before(deadline);
    time.apply_to(m);
    auto held = std::make_unique<pending_call::reference>(call);
    auto begun = to.begin_call(m, {&pending_call::end, held.get()}, after);
    // The runtime's from here on: it may have given it back already.
    if (begun) co_return started_call{to, *begun, call, held.release()};
    error why = std::move(begun).error();
    if (after == next_try::none || !waits_for_room(to, why.code)) co_return why;
    co_await pause_before_retry();
  }
  co_return client_left();
}

asio::awaitable<result<actor_reply>> call_actor(actor to, outgoing_message m, time_point deadline,
                                                std::stop_token gone, bool* was_sent) {
  deadline = message_time{m}.bound(deadline);  // after it the message is not handled any more
  auto started = co_await start_call(std::move(to), m, deadline, gone);
  if (!started) co_return std::move(started).error();
  if (was_sent != nullptr) *was_sent = true;
  co_return co_await started->answer(deadline, std::move(gone));
}

asio::awaitable<result<std::uint64_t>> send_to_actor(actor to, outgoing_message m,
                                                     time_point deadline, std::stop_token gone) {
  const message_time time{m};
  deadline = time.bound(deadline);
  while (!gone.stop_requested()) {
    const next_try after = next_try_before(deadline);
    time.apply_to(m);
    auto sent = to.try_send(m, after);
    if (sent || after == next_try::none || !waits_for_room(to, sent.error().code)) co_return sent;
    co_await pause_before_retry();
  }
  co_return client_left();
}

result<void> check_position(const actor& of, std::string_view name, std::uint64_t position) {
  const auto newest = of.output_range().second;
  if (position <= newest) return {};
  return error{errc::invalid_request, std::string{name} + " is " + std::to_string(position) +
                                          ", but the newest position is " + std::to_string(newest)};
}

asio::awaitable<void> wait_for_output(actor to, std::uint64_t after, time_point until,
                                      std::stop_token gone, std::stop_token draining) {
  const auto loop = co_await asio::this_coro::executor;
  const auto output = std::make_shared<wake_up>(loop, until);
  const auto id = to.notify_output(after, [output] {
    try {
      asio::post(output->loop(), [output] { output->come(); });
    } catch (const std::bad_alloc&) {
      // Who waits looks again when the time has come.
    }
  });
  {
    const std::stop_callback on_gone{gone, [&output] { output->give_up(); }};
    // from another thread
    const std::stop_callback on_drain{
        draining, [&output] { asio::post(output->loop(), [output] { output->give_up(); }); }};
    co_await output->wait(until);
  }
  if (!output->has_come()) to.cancel_notify(id);
}

asio::awaitable<bool> wait_for_end(actor to, time_point until) {
  const auto loop = co_await asio::this_coro::executor;
  asio::steady_timer timer{loop};
  const auto token = asio::as_tuple(asio::use_awaitable);
  while (!to.wait(time_point{})) {
    if (std::chrono::steady_clock::now() >= until) co_return false;
    timer.expires_after(retry_after);
    co_await timer.async_wait(token);
  }
  co_return true;
}

}  // namespace kernd::api
