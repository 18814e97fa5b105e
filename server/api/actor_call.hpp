#pragma once

#include "kernd/error.hpp"
#include "kernd/ring/actor.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <utility>
#include <vector>

namespace kernd::api {

/// What an actor answered.
struct actor_reply {
  message_header header;
  std::vector<std::byte> payload;
};

struct pending_call;

/// A call whose message is in the mailbox. Given up, it ends by itself, and nobody hears of it.
class started_call {
 public:
  started_call(actor to, call_ticket ticket, std::shared_ptr<pending_call> call,
               std::shared_ptr<pending_call>* held)
      : to_{std::move(to)}, ticket_{ticket}, call_{std::move(call)}, held_{held} {}

  /// Waits on the loop that started it, once. Errors: what ended the call, `execution_timeout` at
  /// `deadline`, `cancelled` when `gone` is requested.
  boost::asio::awaitable<result<actor_reply>> answer(std::chrono::steady_clock::time_point deadline,
                                                     std::stop_token gone);

 private:
  actor to_;
  call_ticket ticket_;
  std::shared_ptr<pending_call> call_;
  std::shared_ptr<pending_call>* held_;  // the runtime's; ours again when we cancel the call
};

/// Sends `m`, to be answered on the caller's event loop. Errors: as `actor::begin_call`, and
/// `cancelled`. Where the actor's overflow policy is `wait`, a full mailbox is tried again until
/// the deadline.
boost::asio::awaitable<result<started_call>> start_call(
    actor to, outgoing_message m, std::chrono::steady_clock::time_point deadline,
    std::stop_token gone);

/// Both at once. `was_sent`, which outlives the coroutine, is set when the mailbox took it.
boost::asio::awaitable<result<actor_reply>> call_actor(
    actor to, outgoing_message m, std::chrono::steady_clock::time_point deadline,
    std::stop_token gone, bool* was_sent = nullptr);

/// Sends `m` likewise, without waiting for more than room in the mailbox. The message's id.
boost::asio::awaitable<result<std::uint64_t>> send_to_actor(
    actor to, outgoing_message m, std::chrono::steady_clock::time_point deadline,
    std::stop_token gone);

/// Waits until `to` has output behind `after` or has ended, or `until`, or `gone` is requested, on
/// the loop, or `draining`, on any thread.
boost::asio::awaitable<void> wait_for_output(actor to, std::uint64_t after,
                                             std::chrono::steady_clock::time_point until,
                                             std::stop_token gone, std::stop_token draining = {});

/// Error: `invalid_request` for a position that the output has not reached, which nobody can have
/// read: nothing would come before it had.
result<void> check_position(const actor& of, std::string_view name, std::uint64_t position);

/// Waits until `to` has ended; false when it had not by then.
boost::asio::awaitable<bool> wait_for_end(actor to, std::chrono::steady_clock::time_point until);

}  // namespace kernd::api
