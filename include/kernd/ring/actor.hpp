#pragma once

#include "kernd/error.hpp"
#include "kernd/monitor.hpp"
#include "kernd/ring/message.hpp"
#include "kernd/ring/outbox.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kernd {

struct ring_kernel;

/// created → launched → active ⇄ deactivated; launched, active and deactivated → terminating →
/// terminated; any → failed.
enum class actor_state : std::uint8_t {
  created,
  launched,     ///< Has its thread or its place in the pool; waits to be activated.
  active,       ///< Handles messages.
  deactivated,  ///< Keeps its mail.
  terminating,
  terminated,
  failed,  ///< Its handler threw.
};
std::string_view name_of(actor_state s) noexcept;

enum class actor_mode : std::uint8_t {
  persistent,    ///< A thread of its own, which spins a little before it sleeps.
  event_driven,  ///< A turn on the shared pool when there is mail.
};

/// What becomes of a message that finds its mailbox full.
enum class overflow_policy : std::uint8_t {
  refuse,       ///< `queue_full`; it stays with its sender.
  wait,         ///< Its sender waits until its deadline, without one for a second.
  dead_letter,  ///< It goes to the dead letters.
};

/// What becomes of an actor whose handler threw.
enum class restart_policy : std::uint8_t {
  permanent,    ///< Stays failed; it can only be removed.
  one_for_one,  ///< Starts anew with a new state and its mail, 3 times in 60 s at most.
};

struct launch_options {
  actor_mode mode = actor_mode::persistent;
  std::uint32_t grid_size = 1;               ///< Of a device; 1 on the CPU.
  std::uint32_t block_size = 256;            ///< Of a device; its default on the CPU.
  std::size_t input_queue_capacity = 1024;   ///< Messages; a power of two.
  std::size_t output_queue_capacity = 1024;  ///< Likewise.
  std::size_t shared_memory_size = 0;        ///< Of a device; 0 on the CPU.
  bool auto_activate = true;
  message_priority priority = message_priority::normal;  ///< Of messages that have none.
  overflow_policy overflow = overflow_policy::refuse;
  restart_policy restart = restart_policy::permanent;
  std::string group = {};
  std::optional<std::size_t> state_bytes = {};  ///< Of the block behind the state.
};

/// A message on its way in. The payload has the type's size and is copied.
struct outgoing_message {
  std::uint32_t type = 0;
  std::span<const std::byte> payload;
  std::optional<message_priority> priority = {};
  std::optional<std::chrono::milliseconds> deadline = {};  ///< From now.
  actor_number source = 0;
};

/// Whether a sender that finds no room comes again soon. Under the policy `wait` it then counts as
/// refused only when it gives up.
enum class next_try : bool { none, follows };

/// A message as it lies in the output, valid during the call that gives it.
struct message_view {
  const message_header& header;
  std::span<const std::byte> payload;
};

/// What a call ended with, valid during `call_receiver`. Exactly one is set.
struct call_end {
  const message_header* header = nullptr;  ///< Of the reply.
  std::span<const std::byte> payload;
  const error* why = nullptr;  ///< `actor_terminated`, `execution_failed`, `max_hops_exceeded`, …
};

/// Told once, on whatever thread ends the call, which holds no lock of the runtime: is quick, does
/// not throw, and may not call the runtime.
struct call_receiver {
  void (*end)(void* context, const call_end& e) noexcept = nullptr;
  void* context = nullptr;
};

/// A call that waits. Its place in the table, and how often that was taken.
struct call_ticket {
  std::uint64_t correlation = 0;
};

struct actor_counters {
  std::uint64_t sent = 0;       ///< Accepted into the mailbox.
  std::uint64_t refused = 0;    ///< No room, or not in a state to take mail.
  std::uint64_t processed = 0;  ///< Handled to the end.
  std::uint64_t expired = 0;    ///< Past their deadline when their turn came.
  std::uint64_t dead_lettered = 0;
  /// Calls that were over before their turn: ended with the actor or its failure, or cancelled.
  std::uint64_t terminated = 0;
  std::uint64_t failed = 0;   ///< The handler threw, or the checksum was wrong.
  std::uint64_t emitted = 0;  ///< Into the output.
  std::uint64_t replied = 0;
  std::uint64_t forwarded = 0;  ///< To other actors.
  std::uint64_t restarts = 0;

  actor_counters& operator+=(const actor_counters& other) noexcept;
};

struct actor_status {
  std::string id;
  actor_number number = 0;
  std::string_view kernel_id;
  actor_state state = actor_state::created;
  launch_options options;
  std::size_t input_queue_depth = 0;
  std::size_t output_queue_depth = 0;
  bool is_held_back = false;  ///< Takes no mail: its output is full, and nobody reads it.
  std::chrono::microseconds uptime{0};
  std::chrono::steady_clock::time_point
      last_turn;            ///< The heartbeat: when it last began to handle mail.
  actor_counters counters;  ///< sent = processed + expired + dead_lettered + terminated + failed +
                            ///< depth, when nothing is under way.
  std::string failure;      ///< What the handler threw; empty when it did not.
};

/// A running instance of a ring kernel. A shared reference: cheap to copy; what it refers to stays
/// until the last is gone, though terminated. Any thread, unless said.
class actor {
 public:
  class implementation;
  explicit actor(std::shared_ptr<implementation> i) noexcept : implementation_{std::move(i)} {}

  const std::string& id() const noexcept;
  actor_number number() const noexcept;
  const ring_kernel& kernel() const noexcept;

  /// The new message's id. Errors: `invalid_input` for a type it does not handle or a payload of
  /// another size, `queue_full`, `actor_terminated`, `execution_timeout` for a deadline that has
  /// passed, `service_unavailable` once the runtime drains. Blocks only when the overflow policy is
  /// `wait`, and until its deadline then.
  result<std::uint64_t> send(const outgoing_message& m);
  /// As `send`, but never blocks: with the policy `wait`, `queue_full` when there is no room.
  result<std::uint64_t> try_send(const outgoing_message& m, next_try after = next_try::none);

  /// Sends and has `receiver` told how it ended, unless the call is cancelled before. Errors as
  /// `try_send`, and `actor_not_active`, `invalid_input` for a type without reply, `queue_full`
  /// when as many calls wait as the table holds; then the receiver is not told.
  result<call_ticket> begin_call(const outgoing_message& m, call_receiver receiver,
                                 next_try after = next_try::none);
  /// True: the receiver is not told any more. False: it has been, or is being.
  bool cancel(call_ticket ticket) noexcept;

  /// Sends and waits. `reply`, of the reply's size, is filled. Errors as `begin_call`, what the
  /// receiver would have been told, and `execution_timeout`.
  result<message_header> call(const outgoing_message& m, std::span<std::byte> reply,
                              std::chrono::nanoseconds timeout);

  /// The oldest uncorrelated output message, taken out. `fill` gets it. False: there was none until
  /// then. A reply that somebody called for never appears here.
  bool receive(const std::function<void(const message_view&)>& fill,
               std::chrono::steady_clock::time_point until);
  bool try_receive(const std::function<void(const message_view&)>& fill);

  /// The output as a log. Gives back what is at positions up to `acknowledged`, then `read`s up to
  /// `max` messages behind `after`, in order, each with its position, which starts at 1. Returns
  /// how many. What was given back before is skipped.
  std::size_t read_output(
      std::uint64_t acknowledged, std::uint64_t after, std::size_t max,
      const std::function<void(std::uint64_t position, const message_view&)>& read);
  /// What is read counts as acknowledged the next time.
  std::size_t read_output(
      std::uint64_t after, std::size_t max,
      const std::function<void(std::uint64_t position, const message_view&)>& read) {
    return read_output(after, after, max, read);
  }
  /// Position of the oldest message that is still there, and of the newest; newest + 1 = oldest
  /// when it is empty.
  std::pair<std::uint64_t, std::uint64_t> output_range() const;
  /// `ready` is called once, soon, on a thread of the runtime, when there is output behind `after`
  /// or the actor has ended; at once when that is so already. Returns what cancels it; 0: was
  /// called.
  std::uint64_t notify_output(std::uint64_t after, std::function<void()> ready);
  void cancel_notify(std::uint64_t id);

  /// Errors: `invalid_state_transition`, which names both states.
  result<void> activate();
  result<void> deactivate();
  /// Asks for the end: calls that wait for it end with `actor_terminated` at once, mail that nobody
  /// waits for goes to the dead letters, a handler that runs is let finish.
  result<void> terminate();
  /// As `terminate`, from any state, so that one that waits to be restarted ends too; nothing when
  /// it ends already.
  void request_end();
  /// False when it has not ended by then. Terminated or failed for good.
  bool wait(std::chrono::steady_clock::time_point until);

  actor_state state() const noexcept;
  actor_status status() const;

  /// What the monitor shows of it. It runs while it is active and starts each time that it becomes
  /// so; a failure makes it an `error` until that is cleared, though the actor has started anew. An
  /// execution is the handling of one message. It counts from the end of the one before in the same
  /// turn, or the begin of the turn, so that one reading of the clock does: its message's way out
  /// of the mailbox is in it, and what was passed over before it.
  task_snapshot task() const;
  /// Forgets the failure that `task` shows; the actor stays what it is.
  void clear_failure() noexcept;

 private:
  friend class ring_runtime;
  std::shared_ptr<implementation> implementation_;
};

}  // namespace kernd
