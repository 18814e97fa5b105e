#pragma once

#include "kernd/body_budget.hpp"
#include "kernd/ring/actor.hpp"
#include "kernd/ring/ring_kernel.hpp"
#include "src/ring/mailbox.hpp"
#include "src/ring/output_log.hpp"
#include "src/ring/restart_window.hpp"
#include "src/ring/services.hpp"
#include "src/ring/turn_pool.hpp"
#include "src/ring/zeroed_block.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

namespace kernd {

/// One actor. What only its turn touches says so; a turn is taken by one thread at a time, and the
/// threads that take them, one after the other, hand over through the pool.
class actor::implementation final : public std::enable_shared_from_this<implementation>,
                                    public room_waiter,
                                    public turn_taker {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// What a sender wants when there is no room.
  enum class when_full : std::uint8_t {
    obey_policy,
    obey_without_waiting,
    refuse,  ///< Whatever the policy says.
  };
  /// What became of a message from another actor.
  enum class offer_status : std::uint8_t { taken, full, ended, not_handled };

  /// Starts the kernel's state; throws what that throws. `latency`, of the kernel's calls, lives as
  /// long as the services. `memory` pays for what it allocates.
  implementation(std::shared_ptr<ring_services> services, const ring_kernel& kernel,
                 call_latency& latency, std::string id, actor_number number,
                 const launch_options& options, body_budget::lease memory);
  ~implementation() override;

  /// Gives it its thread, or what it needs of the pool. Once, before it is found by others.
  void begin();

  const std::string& id() const noexcept { return id_; }
  actor_number number() const noexcept { return number_; }
  const ring_kernel& kernel() const noexcept { return kernel_; }

  // Messages to it, from outside; actor_mail.cpp.
  result<std::uint64_t> send(const outgoing_message& m, when_full policy,
                             next_try after = next_try::none);
  /// `within`: the message expires then at the latest; 0: when `m` says. `now`: what the call's
  /// duration counts from.
  result<call_ticket> begin_call(const outgoing_message& m, call_receiver receiver,
                                 std::chrono::nanoseconds within, time_point now,
                                 next_try after = next_try::none);
  bool cancel(call_ticket ticket) noexcept { return services_->calls.cancel(ticket.correlation); }
  result<message_header> call(const outgoing_message& m, std::span<std::byte> reply,
                              std::chrono::nanoseconds timeout);
  /// From another actor, which waits for room itself.
  offer_status offer(const message_header& header, std::span<const std::byte> payload);

  // Messages from it. Readers give room back.
  output_log& output() noexcept { return output_; }
  const output_log& output() const noexcept { return output_; }
  void wake() noexcept override;

  // Its states; actor_states.cpp.
  result<void> activate();
  result<void> deactivate();
  result<void> terminate();
  /// As `terminate`, from any state; nothing when it has ended.
  void request_end();
  /// After its end: waits for its thread.
  void join();
  actor_state state() const noexcept { return state_.load(std::memory_order_acquire); }
  actor_status status() const;
  task_snapshot task() const;
  void clear_failure() noexcept;
  std::size_t host_bytes() const noexcept;
  actor_counters counters() const;

  // The pool's.
  void take_turn() override;
  void time_is_up() override { wake(); }

 private:
  struct own_thread {
    explicit own_thread(std::uint32_t spins) : events{spins} {}
    event_count<> events;
    std::mutex join_mutex;
    std::thread thread;
  };
  struct failures {
    std::string what;
    std::optional<time_point> restart_at;  // nothing: it has failed for good
    restart_window window;
  };
  enum class schedule : std::uint8_t { idle, taken, woken };
  /// How a turn ended.
  struct turn_end {
    enum class what : std::uint8_t { more, idle, ended } then;
    time_point until = time_point::max();  ///< Of `idle`: there will be something to do.
    bool has_handled = false;              ///< Of `idle`: messages, before it was.
    bool operator==(const turn_end&) const = default;
  };
  /// A message that found no room; the actor takes no other until it is gone.
  struct spilled {
    std::shared_ptr<implementation> to;  // null: the output
    message_header header;
    std::vector<std::byte> payload;
    time_point give_up;
    bool is_dispatched;
  };
  struct one_writer_counters {
    std::atomic<std::uint64_t> processed{0}, expired{0}, dead_lettered{0}, terminated{0}, failed{0},
        emitted{0}, replied{0}, forwarded{0}, restarts{0};
  };
  struct execution_record {
    execution_slot slot;
    time_point began;                     // the message that is handled
    std::atomic<std::uint64_t> epoch{1};  // raised by each clear: what failed before is forgotten
  };
  class call_waiter;

  // actor_mail.cpp
  const message_type* handled_type(std::uint32_t type) const noexcept;
  result<message_header> prepare(const outgoing_message& m, const message_type* type,
                                 time_point at) const;
  error refuse_payload(const outgoing_message& m, const message_type* type) const;
  bool counts_as_refused(next_try after) const noexcept;
  error refuse_push(push_status why, next_try after);
  void put(const reservation& r, const message_header& header, std::span<const std::byte> payload);
  result<void> check_callable(const message_type* type);

  // actor_states.cpp
  result<void> change_state(actor_state to);
  void become(actor_state to) noexcept;
  void begin_end();
  error why_ended() const;
  // of its turn
  void start_state();
  void finish(actor_state final_state);
  void discard(const message_header& m, const error& why);
  void fail(const message_header* m, std::string what);
  void log_failure(std::string_view what, std::optional<time_point> restart_at) const noexcept;
  bool has_failed_for_good() const;
  void restart();

  // actor_turn.cpp: of its turn
  void run_alone();
  turn_end turn();
  turn_end settle();
  turn_end handle_some();
  void begin_work();
  void record_execution() noexcept;
  void handle(const message_header& m);
  bool is_over(const message_header& m);
  bool run_handler(const message_header& m);

  // actor_outbox.cpp: of its turn
  static void write(void* self, const outbox::message& m);
  void check_emitted(const outbox::message& m) const;
  message_header header_of(const outbox::message& m);
  hybrid_stamp next_stamp();
  void reply(const outbox::message& m);
  void emit(const outbox::message& m);
  void post(const outbox::message& m);
  std::shared_ptr<implementation> destination_of(const outbox::message& m,
                                                 const message_header& header,
                                                 std::span<const std::byte> payload);
  bool deliver(implementation& to, const message_header& header,
               std::span<const std::byte> payload);
  bool drain_spill(time_point& until);
  bool drain(spilled& s, std::vector<const implementation*>& full, time_point now);
  bool give_up(const spilled& s);

  // read by all; changes rarely
  const std::shared_ptr<ring_services> services_;
  const ring_kernel& kernel_;
  call_latency& latency_;
  const std::string id_;
  const launch_options options_;
  const time_point launched_at_ = std::chrono::steady_clock::now();
  std::unique_ptr<own_thread> own_;     // when persistent
  std::unique_ptr<failures> failures_;  // once it has failed; guarded by the mutex
  // made by its turn with the first message, so that actors without any stay small; null until then
  std::atomic<execution_record*> executions_{nullptr};
  const actor_number number_;
  std::atomic<actor_state> state_{actor_state::launched};
  std::atomic<std::uint64_t> refused_{0};

  mailbox mailbox_;
  output_log output_;

  std::atomic<schedule> schedule_{schedule::idle};  // when event-driven
  std::uint32_t starts_;      // how often it became active; guarded by the mutex
  mutable std::mutex mutex_;  // guards changes of the state

  const body_budget::lease paid_;  // for what it allocates

  // its turn's
  zeroed_block memory_;  // the state and the block behind it
  std::vector<spilled> spill_;
  time_point alarm_ = time_point::max();  // last asked for
  std::atomic<time_point> last_turn_{time_point{}};
  const message_header* request_ = nullptr;
  std::uint64_t dispatch_metrics::*last_delivery_ = nullptr;
  std::uint64_t next_id_ = 0;  // of those taken at once
  std::uint16_t ids_left_ = 0;
  std::uint16_t stamps_left_ = 0;  // likewise, after the last
  bool is_answered_ = false;
  bool has_emitted_ = false;
  hybrid_stamp last_stamp_;
  time_point stamped_at_{};  // when those were taken
  time_point now_{};         // when the last message was written
  one_writer_counters counters_;
};

}  // namespace kernd
