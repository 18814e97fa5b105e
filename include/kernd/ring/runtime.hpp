#pragma once

#include "kernd/error.hpp"
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

/// `[ring]` of the configuration.
struct ring_config {
  bool execute_over_rest = true;
  std::size_t max_actors = 100;
  std::chrono::microseconds spin{20};
  std::size_t pool_threads = 0;  ///< 0: one per core.
  bool checksum = false;
  std::size_t call_table = 65536;  ///< Calls that wait at once.
  std::size_t output_log = 1024;   ///< Default output capacity over HTTP.
  std::size_t dead_letters = 10000;
  unsigned hop_limit = 8;
};

struct ring_metrics {
  std::size_t active_actors = 0;
  std::uint64_t total_launched = 0;
  std::uint64_t messages_sent = 0;      ///< To actors.
  std::uint64_t messages_received = 0;  ///< From actors: replies and output.
  std::uint64_t late_replies = 0;
  std::size_t calls_waiting = 0;
  std::uint64_t gpu_memory_bytes = 0;
  std::uint64_t host_memory_bytes = 0;
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
  explicit ring_runtime(const ring_config& options);
  /// Terminates and waits for all actors.
  ~ring_runtime();

  /// `k` outlives the runtime; an empty `actor_id` is replaced by the kernel's id with a number.
  /// Errors: `invalid_request` names option and limit; `already_exists`; `service_unavailable` when
  /// there are `max_actors`, or after `shutdown`; `backend_unavailable`.
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
  dispatch_metrics dispatched() const;
  void reset_dispatch_metrics();

  dead_letter_queue& dead_letters() noexcept;
  /// Sends it again, to the actor it was for. Errors: `not_found`, and as `actor::try_send`; then
  /// it is still there.
  result<std::uint64_t> replay(std::uint64_t dead_letter_id);

  ring_metrics metrics() const;
  /// Refuses launches, terminates all. False: some had not ended by then.
  bool shutdown(std::chrono::steady_clock::time_point until);

 private:
  class implementation;
  std::shared_ptr<implementation> implementation_;
};

}  // namespace kernd
