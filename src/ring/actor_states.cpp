#include "kernd/log.hpp"
#include "src/ring/actor_implementation.hpp"
#include "src/ring/counter.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace kernd {
namespace {

template <class Types>
std::size_t largest(const Types& types) {
  std::size_t bytes = 0;
  for (const auto& t : types) bytes = std::max(bytes, t.type->size_bytes);
  return bytes;
}

std::uint32_t spins_in(std::chrono::microseconds time) {
  // `default_spins` last about 10 µs
  const auto most = std::clamp<std::chrono::microseconds::rep>(time.count(), 0, 1'000'000);
  return static_cast<std::uint32_t>(most * event_count<>::default_spins / 10);
}

std::uint64_t wall_ns() {
  const auto since = system_wall_clock{}().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::nanoseconds{since}.count());
}

bool may_become(actor_state from, actor_state to) {
  using enum actor_state;
  switch (to) {
    case active:
      return from == launched || from == deactivated;
    case deactivated:
      return from == active;
    case terminating:
      return from == launched || from == active || from == deactivated;
    default:
      return false;
  }
}

}  // namespace

std::string_view name_of(actor_state s) noexcept {
  switch (s) {
    case actor_state::created:
      return "created";
    case actor_state::launched:
      return "launched";
    case actor_state::active:
      return "active";
    case actor_state::deactivated:
      return "deactivated";
    case actor_state::terminating:
      return "terminating";
    case actor_state::terminated:
      return "terminated";
    case actor_state::failed:
      return "failed";
  }
  return "";
}

actor::implementation::implementation(std::shared_ptr<ring_services> services,
                                      const ring_kernel& kernel, call_latency& latency,
                                      std::string id, actor_number number,
                                      const launch_options& options, body_budget::lease memory)
    : services_{std::move(services)},
      kernel_{kernel},
      latency_{latency},
      id_{std::move(id)},
      options_{options},
      number_{number},
      state_{options.auto_activate ? actor_state::active : actor_state::launched},
      mailbox_{options.input_queue_capacity, largest(kernel.handled), options.priority,
               options.overflow == overflow_policy::wait},
      output_{options.output_queue_capacity, largest(kernel.emitted)},
      starts_{options.auto_activate ? 1u : 0u},
      paid_{std::move(memory)},
      memory_{kernel.state_bytes + options.state_bytes.value_or(kernel.default_block_bytes),
              state_alignment} {
  start_state();
  if (options.mode == actor_mode::persistent) {
    own_ = std::make_unique<own_thread>(spins_in(services_->spin));
  }
}

actor::implementation::~implementation() {
  // Whoever ended it joined it, unless this is its own thread, which was the last to need it.
  if (own_ && own_->thread.joinable()) own_->thread.detach();
  delete executions_.load(std::memory_order_relaxed);
}

/// `memory_` is zeros.
void actor::implementation::start_state() {
  std::byte* const state = memory_.data();
  kernel_.start(state, {state + kernel_.state_bytes, memory_.size() - kernel_.state_bytes});
}

/// With the mutex.
void actor::implementation::become(actor_state to) noexcept {
  const bool was_active = state() == actor_state::active;
  const bool is_active = to == actor_state::active;
  if (is_active && !was_active) ++starts_;
  state_.store(to, std::memory_order_release);
}

result<void> actor::implementation::change_state(actor_state to) {
  std::lock_guard lock{mutex_};
  const auto from = state();
  if (!may_become(from, to)) {
    return error{errc::invalid_state_transition, "actor '" + id_ + "' cannot become " +
                                                     std::string{name_of(to)} + ": it is " +
                                                     std::string{name_of(from)}};
  }
  become(to);
  return {};
}

result<void> actor::implementation::activate() {
  auto changed = change_state(actor_state::active);
  if (changed) wake();
  return changed;
}

result<void> actor::implementation::deactivate() {
  return change_state(actor_state::deactivated);
}

result<void> actor::implementation::terminate() {
  auto changed = change_state(actor_state::terminating);
  if (changed) begin_end();
  return changed;
}

void actor::implementation::request_end() {
  {
    std::lock_guard lock{mutex_};
    const auto s = state();
    const bool is_failed_for_good = s == actor_state::failed && !failures_->restart_at;
    if (s == actor_state::terminating || s == actor_state::terminated || is_failed_for_good) return;
    become(actor_state::terminating);
  }
  begin_end();
}

void actor::implementation::begin_end() {
  mailbox_.close();
  services_->calls.end_all(number_, why_ended());
  wake();
}

error actor::implementation::why_ended() const {
  if (state() == actor_state::failed) {
    std::lock_guard lock{mutex_};
    return {errc::actor_terminated, "actor '" + id_ + "' has failed", std::nullopt,
            failures_->what};
  }
  return {errc::actor_terminated, "actor '" + id_ + "' has been terminated"};
}

/// Its last turn: everything that is left is seen to.
void actor::implementation::finish(actor_state final_state) {
  mailbox_.close();
  const auto why = why_ended();
  services_->calls.end_all(number_, why);
  while (!mailbox_.drained()) {
    const message_header* const m = mailbox_.next();
    if (!m) {
      std::this_thread::yield();  // its sender is about to commit it
      continue;
    }
    discard(*m, why);
    mailbox_.done();
  }
  for (const auto& s : std::exchange(spill_, {})) {
    if (s.is_dispatched) services_->routes.settle(&dispatch_metrics::delivery_errors);
    services_->undeliverable(s.header, s.payload, dead_letter_reason::actor_terminated,
                             s.to ? s.to->id() : id_, why);
  }
  {
    std::lock_guard lock{mutex_};
    become(final_state);
  }
  output_.end();
}

void actor::implementation::discard(const message_header& m, const error& why) {
  count(m.correlation == 0 ? counters_.dead_lettered : counters_.terminated);
  services_->undeliverable(m, {payload_of(&m), m.payload_bytes},
                           dead_letter_reason::actor_terminated, id_, why);
}

/// Of its turn: the handler has thrown. `m` is null when it was the start of a new state. Whoever
/// hears of it finds an actor that has failed.
void actor::implementation::fail(const message_header* m, std::string what) {
  const error why{errc::execution_failed, "actor '" + id_ + "' failed", std::nullopt, what};
  // relaxed: a clear that comes at the same time may count as earlier or later
  if (auto* const record = executions_.load(std::memory_order_relaxed)) {
    const auto epoch = record->epoch.load(std::memory_order_relaxed);
    record->slot.fail(epoch, why.code, why.message, wall_ns());
  }
  bool is_ending = false;
  std::optional<time_point> restart_at;
  {
    std::lock_guard lock{mutex_};
    if (!failures_) failures_ = std::make_unique<failures>();
    failures_->what = what;
    is_ending = state() == actor_state::terminating;
    if (!is_ending) {
      if (options_.restart == restart_policy::one_for_one) {
        restart_at = failures_->window.after_failure(std::chrono::steady_clock::now());
      }
      failures_->restart_at = restart_at;
      become(actor_state::failed);
    }
  }
  log_failure(what, restart_at);
  if (m) count(counters_.failed);
  if (has_failed_for_good()) mailbox_.close();
  const bool is_passed_on = m && m->correlation != 0 && is_answered_;
  if (m && !is_passed_on) {
    services_->undeliverable(*m, {payload_of(m), m->payload_bytes},
                             dead_letter_reason::handler_failed, id_, why);
  }
  if (!is_ending) services_->calls.end_all(number_, why);
}

void actor::implementation::log_failure(std::string_view what,
                                        std::optional<time_point> restart_at) const noexcept {
  if (services_->log == nullptr) return;
  const auto is_restarted = options_.restart == restart_policy::one_for_one;
  const bool is_over = is_restarted && !restart_at && state() == actor_state::failed;
  services_->log->error(is_over ? "actor failed too often, is not started again" : "actor failed",
                        {{"actor", std::string_view{id_}},
                         {"kernel", kernel_.info.id},
                         {"error", what},
                         {"restarts", restart_at.has_value()}});
}

bool actor::implementation::has_failed_for_good() const {
  std::lock_guard lock{mutex_};
  return state() == actor_state::failed && !failures_->restart_at;
}

/// Of its turn.
void actor::implementation::restart() {
  try {
    memory_.clear();
    start_state();
  } catch (const std::exception& e) {
    return fail(nullptr, e.what());
  } catch (...) {
    return fail(nullptr, "something that is no std::exception");
  }
  count(counters_.restarts);
  if (services_->log != nullptr) {
    const auto restarts = counters_.restarts.load(std::memory_order_relaxed);
    services_->log->warn(
        "actor started anew",
        {{"actor", std::string_view{id_}}, {"kernel", kernel_.info.id}, {"restarts", restarts}});
  }
  std::lock_guard lock{mutex_};
  if (state() == actor_state::failed) become(actor_state::active);
}

void actor::implementation::join() {
  if (!own_) return;
  std::lock_guard lock{own_->join_mutex};
  if (own_->thread.joinable()) own_->thread.join();
}

std::size_t actor::implementation::host_bytes() const noexcept {
  return sizeof *this + memory_.size() + mailbox_.ring_bytes() + output_.ring_bytes();
}

actor_counters actor::implementation::counters() const {
  const auto read = [](const auto& counter) { return counter.load(std::memory_order_relaxed); };
  return {.sent = mailbox_.pushed(),
          .refused = read(refused_),
          .processed = read(counters_.processed),
          .expired = read(counters_.expired),
          .dead_lettered = read(counters_.dead_lettered),
          .terminated = read(counters_.terminated),
          .failed = read(counters_.failed),
          .emitted = read(counters_.emitted),
          .replied = read(counters_.replied),
          .forwarded = read(counters_.forwarded),
          .restarts = read(counters_.restarts)};
}

actor_status actor::implementation::status() const {
  const auto now = std::chrono::steady_clock::now();
  actor_status s{
      .id = id_,
      .number = number_,
      .kernel_id = kernel_.info.id,
      .state = state(),
      .options = options_,
      .input_queue_depth = mailbox_.depth(),
      .output_queue_depth = output_.depth(),
      .is_held_back = output_.holds_back(),
      .uptime = std::chrono::duration_cast<std::chrono::microseconds>(now - launched_at_),
      .last_turn = last_turn_.load(std::memory_order_relaxed),
      .counters = counters(),
      .failure = {}};
  std::lock_guard lock{mutex_};
  if (failures_) s.failure = failures_->what;
  return s;
}

task_snapshot actor::implementation::task() const {
  // acquire: pairs with its making
  const auto* const record = executions_.load(std::memory_order_acquire);
  task_snapshot seen;
  if (record != nullptr) {
    seen = snapshot_of(record->slot, record->epoch.load(std::memory_order_relaxed));
  }
  std::lock_guard lock{mutex_};
  const bool is_active = state() == actor_state::active;
  if (!seen.failure) seen.state = is_active ? task_state::running : task_state::stopped;
  seen.starts = starts_;
  seen.stops = starts_ - (is_active ? 1 : 0);
  return seen;
}

void actor::implementation::clear_failure() noexcept {
  // acquire: pairs with its making
  auto* const record = executions_.load(std::memory_order_acquire);
  if (record != nullptr) record->epoch.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace kernd
