#pragma once

#include "kernd/error.hpp"
#include "kernd/ring/actor.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <stop_token>
#include <vector>

namespace kernd::api {

/// What an actor answered.
struct actor_reply {
  message_header header;
  std::vector<std::byte> payload;
};

/// Sends `m` and waits on the caller's event loop for the reply. Errors: as `actor::begin_call`,
/// what ended the call, `execution_timeout` at `deadline`, `cancelled` when `gone` is requested.
/// Where the actor's overflow policy is `wait`, a full mailbox is tried again until the deadline.
/// `was_sent`, which outlives the coroutine, is set when the mailbox took it.
boost::asio::awaitable<result<actor_reply>> call_actor(
    actor to, outgoing_message m, std::chrono::steady_clock::time_point deadline,
    std::stop_token gone, bool* was_sent = nullptr);

/// Sends `m` likewise, without waiting for more than room in the mailbox. The message's id.
boost::asio::awaitable<result<std::uint64_t>> send_to_actor(
    actor to, outgoing_message m, std::chrono::steady_clock::time_point deadline,
    std::stop_token gone);

/// Waits until `to` has output behind `after` or has ended, or `until`, or `gone` is requested.
boost::asio::awaitable<void> wait_for_output(actor to, std::uint64_t after,
                                             std::chrono::steady_clock::time_point until,
                                             std::stop_token gone);

/// Waits until `to` has ended; false when it had not by then.
boost::asio::awaitable<bool> wait_for_end(actor to, std::chrono::steady_clock::time_point until);

}  // namespace kernd::api
