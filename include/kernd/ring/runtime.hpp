#pragma once

#include "kernd/config.hpp"
#include "kernd/error.hpp"
#include "kernd/metrics.hpp"
#include "kernd/ring/actor.hpp"
#include "kernd/ring/clock.hpp"
#include "kernd/ring/dead_letters.hpp"
#include "kernd/ring/ring_kernel.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kernd {

class logger;

struct ring_metrics {
  std::size_t active_actors = 0;
  std::uint64_t total_launched = 0;
  std::uint64_t messages_sent = 0;      ///< To actors.
  std::uint64_t messages_received = 0;  ///< From actors: replies and output.
  std::uint64_t messages_processed = 0;
  std::uint64_t messages_in_flight = 0;  ///< In mailboxes.
  std::uint64_t late_replies = 0;
  std::size_t calls_waiting = 0;
  std::uint64_t host_memory_bytes = 0;
};

/// Of all actors of one kernel, those that are gone included.
struct ring_kernel_totals {
  const ring_kernel* kernel = nullptr;
  std::size_t actors = 0;  ///< Of now, as the next five.
  std::size_t failed = 0;
  std::size_t input_depth = 0;
  std::size_t input_capacity = 0;
  std::size_t output_depth = 0;
  std::size_t output_capacity = 0;
  actor_counters counters;
  /// From sending a call to its end, by a reply or otherwise. By the kernel of the actor that was
  /// called, whoever it passed the call on to.
  histogram_snapshot<call_duration_bounds.size()> calls;
};

enum class delivery : std::uint8_t {
  delivered,  ///< In the mailbox.
  pending,    ///< Waits for room.
  queue_full,
  not_found,
  max_hops_exceeded,
};
std::string_view name_of(delivery d) noexcept;

struct receipt {
  std::uint64_t message_id = 0;
  delivery status = delivery::delivered;
  std::string actor_id;
  hybrid_stamp timestamp;
};

/// dispatched = delivered + pending + unknown_type + delivery_errors.
struct dispatch_metrics {
  std::uint64_t dispatched = 0;
  std::uint64_t delivered = 0;
  std::uint64_t pending = 0;
  std::uint64_t unknown_type = 0;
  std::uint64_t delivery_errors = 0;
};

/// Launches actors, finds them, ends them; carries messages by type and between actors. Any thread.
class ring_runtime {
 public:
  /// `log`, when there is one, outlives it and is told of actors that fail and start anew: four
  /// times a minute at most for an actor, since then it has failed for good.
  explicit ring_runtime(const ring_config& options, logger* log = nullptr);
  /// Terminates and waits for all actors.
  ~ring_runtime();

  /// `k` outlives the runtime; an empty `actor_id` is replaced by the kernel's id with a number.
  /// Errors: `invalid_request` names option and limit; `already_exists`; `service_unavailable` when
  /// there are `max_actors`, or after `drain`; `memory_exhausted`; `backend_unavailable`.
  result<actor> launch(const ring_kernel& k, std::string_view actor_id,
                       const launch_options& options);
  std::optional<actor> find(std::string_view actor_id) const;
  std::optional<actor> find(actor_number number) const;
  /// Sorted by id.
  std::vector<actor> list() const;
  /// Terminates it, waits until then, and frees its id. Errors: `actor_not_found`,
  /// `execution_timeout` when its handler does not return; it is then forgotten all the same and
  /// counted as abandoned.
  result<void> remove(std::string_view actor_id, std::chrono::steady_clock::time_point until);

  /// The id of the actor that the route went to before, if there was one.
  std::optional<std::string> set_route(std::uint32_t type, std::string actor_id);
  bool remove_route(std::uint32_t type);
  std::optional<std::string> route(std::uint32_t type) const;
  std::vector<std::pair<std::uint32_t, std::string>> routes() const;
  /// Errors: `unknown_message_type`, `actor_not_found`, `queue_full`, `actor_terminated`.
  result<receipt> dispatch(const outgoing_message& m);
  /// The actor that messages of `type` go to, for one that the caller sends it by itself, and says
  /// then with `count_dispatched` whether it arrived. Errors, which are counted: as `dispatch`.
  result<actor> resolve(std::uint32_t type);
  void count_dispatched(bool was_delivered);
  dispatch_metrics dispatched() const;
  void reset_dispatch_metrics();

  dead_letter_queue& dead_letters() noexcept;
  const dead_letter_queue& dead_letters() const noexcept;
  /// Sends it again, to the actor it was for. Errors: `not_found`, and as `actor::try_send`; then
  /// it is still there.
  result<std::uint64_t> replay(std::uint64_t dead_letter_id);

  ring_metrics metrics() const;
  /// One per kernel that was ever launched, by id.
  std::vector<ring_kernel_totals> totals() const;
  /// From now on launches, and messages that do not come from actors, end with
  /// `service_unavailable`. What is in the mailboxes is still handled.
  void drain();
  /// Drains, and terminates all. False: some had not ended by then.
  bool shutdown(std::chrono::steady_clock::time_point until);

 private:
  class implementation;
  std::shared_ptr<implementation> implementation_;
};

}  // namespace kernd
