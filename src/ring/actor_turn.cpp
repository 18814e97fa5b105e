#include "src/ring/actor_implementation.hpp"
#include "src/ring/counter.hpp"
#include "src/ring/crc32c.hpp"
#include "src/ring/ring_thread.hpp"

#include <exception>
#include <new>
#include <utility>

namespace kernd {
namespace {

constexpr std::size_t messages_per_turn = 64;  // then others of the pool have theirs

}  // namespace

void actor::implementation::begin() {
  if (options_.mode == actor_mode::event_driven) return services_->pool.start();
  own_->thread = std::thread{[self = shared_from_this()] { self->run_alone(); }};
}

void actor::implementation::wake() noexcept {
  if (own_) return own_->events.notify();
  // acquire and release: whoever takes the turn is after this, and after the turn before
  if (schedule_.exchange(schedule::woken, std::memory_order_acq_rel) == schedule::idle) {
    services_->pool.run(shared_from_this());
  }
}

void actor::implementation::run_alone() {
  constexpr std::uint32_t place_mask = 0xF'FFFF;
  become_ring_thread("kernd-actor-" + std::to_string(number_ & place_mask));
  turn_end end{turn_end::what::more};
  while (end.then != turn_end::what::ended) {
    // A turn that has handled messages ends the wait: the next one spins again before it sleeps.
    const turn_end idle{turn_end::what::idle, end.until};
    own_->events.await([&] { return (end = turn()) != idle; }, idle.until);
  }
}

void actor::implementation::take_turn() {
  // acquire: pairs with `wake`
  schedule_.exchange(schedule::taken, std::memory_order_acq_rel);
  const auto end = turn();
  if (end.then == turn_end::what::ended) return;  // stays taken: nothing schedules it any more
  if (end.until != time_point::max() && end.until != alarm_) {
    services_->pool.call_at(alarm_ = end.until, shared_from_this());
  }
  auto expected = schedule::taken;
  if (end.then == turn_end::what::idle &&
      schedule_.compare_exchange_strong(expected, schedule::idle, std::memory_order_acq_rel)) {
    return;
  }
  services_->pool.run(shared_from_this());
}

actor::implementation::turn_end actor::implementation::turn() {
  auto end = settle();
  if (end.then == turn_end::what::more) end = handle_some();
  if (end.then != turn_end::what::ended) mailbox_.flush();
  return end;
}

/// What comes before messages: the end, a restart, and what found no room.
actor::implementation::turn_end actor::implementation::settle() {
  auto s = state();
  if (s == actor_state::terminating) {
    finish(actor_state::terminated);
    return {turn_end::what::ended};
  }
  if (s == actor_state::failed) {
    std::unique_lock lock{mutex_};
    const auto at = failures_->restart_at;
    lock.unlock();
    if (!at) {
      finish(actor_state::failed);
      return {turn_end::what::ended};
    }
    if (std::chrono::steady_clock::now() < *at) return {turn_end::what::idle, *at};
    restart();
    return {turn_end::what::more};
  }
  auto until = time_point::max();
  if (!spill_.empty() && !drain_spill(until)) return {turn_end::what::idle, until};
  if (s != actor_state::active) return {turn_end::what::idle};
  return {turn_end::what::more};
}

actor::implementation::turn_end actor::implementation::handle_some() {
  for (std::size_t i = 0; i < messages_per_turn; ++i) {
    if (state() != actor_state::active) break;
    const message_header* const m = mailbox_.next();
    if (!m) {
      // There may be none because the actor has to wait for one that is being written.
      return {.then = turn_end::what::idle, .has_handled = i > 0};
    }
    if (i == 0) begin_work();
    if (const auto* const ahead = mailbox_.peek_next())
      services_->calls.prefetch(ahead->correlation);
    handle(*m);
    mailbox_.done();
    if (has_emitted_) {
      has_emitted_ = false;
      output_.announce();
    }
    if (!spill_.empty()) break;
  }
  return {turn_end::what::more};
}

void actor::implementation::begin_work() {
  const auto now = std::chrono::steady_clock::now();
  last_turn_.store(now, std::memory_order_relaxed);
  auto* record = executions_.load(std::memory_order_relaxed);
  if (record == nullptr) {
    record = new (std::nothrow) execution_record;
    // release: to who reads it. Without memory nothing is recorded yet.
    executions_.store(record, std::memory_order_release);
  }
  if (record != nullptr) record->began = now;
  stamps_left_ = 0;  // this thread may have taken later ones
}

void actor::implementation::handle(const message_header& m) {
  if (is_over(m)) return;
  request_ = &m;
  is_answered_ = false;
  if (run_handler(m)) {
    if (m.correlation != 0 && !is_answered_) {
      const error why{errc::execution_failed, "actor '" + id_ + "' gave no reply"};
      services_->calls.end(m.correlation, {.header = nullptr, .payload = {}, .why = &why});
    }
    count(counters_.processed);
  }
  request_ = nullptr;
}

/// Whether there is no point in handling it, because it came too late or whole.
bool actor::implementation::is_over(const message_header& m) {
  const std::span payload{payload_of(&m), m.payload_bytes};
  if (m.deadline != 0 && hybrid_stamp::at(system_wall_clock{}()).bits > m.deadline) {
    count(counters_.expired);
    const error why{errc::execution_timeout, "the deadline passed before the message was handled"};
    services_->undeliverable(m, payload, dead_letter_reason::expired, id_, why);
    return true;
  }
  if (m.correlation != 0 && !services_->calls.waits(m.correlation)) {
    count(counters_.terminated);
    return true;
  }
  if (services_->options.checksum && crc32c(payload) != m.crc32c) {
    count(counters_.failed);
    const error why{errc::execution_failed, "the message's checksum is wrong"};
    services_->undeliverable(m, payload, dead_letter_reason::handler_failed, id_, why);
    return true;
  }
  return false;
}

/// The one place where what a handler throws is caught.
bool actor::implementation::run_handler(const message_header& m) {
  outbox out{this, &write};
  try {
    kernel_.handle(memory_.data(), m.type, payload_of(&m), out);
    record_execution();
    return true;
  } catch (const std::exception& e) {
    record_execution();
    fail(&m, e.what());
  } catch (...) {
    record_execution();
    fail(&m, "something that is no std::exception");
  }
  return false;
}

/// The next begins where this one ends: one reading of the clock per message.
void actor::implementation::record_execution() noexcept {
  auto* const record = executions_.load(std::memory_order_relaxed);
  if (record == nullptr) return;
  const auto end = std::chrono::steady_clock::now();
  const auto began = std::exchange(record->began, end);
  record->slot.record(static_cast<std::uint64_t>(began.time_since_epoch().count()),
                      static_cast<std::uint64_t>((end - began).count()));
}

}  // namespace kernd
