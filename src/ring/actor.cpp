#include "kernd/ring/actor.hpp"

#include "src/ring/actor_implementation.hpp"

namespace kernd {

actor_counters& actor_counters::operator+=(const actor_counters& other) noexcept {
  sent += other.sent;
  refused += other.refused;
  processed += other.processed;
  expired += other.expired;
  dead_lettered += other.dead_lettered;
  terminated += other.terminated;
  failed += other.failed;
  emitted += other.emitted;
  replied += other.replied;
  forwarded += other.forwarded;
  restarts += other.restarts;
  return *this;
}

const std::string& actor::id() const noexcept {
  return implementation_->id();
}
actor_number actor::number() const noexcept {
  return implementation_->number();
}
const ring_kernel& actor::kernel() const noexcept {
  return implementation_->kernel();
}

result<std::uint64_t> actor::send(const outgoing_message& m) {
  return implementation_->send(m, implementation::when_full::obey_policy);
}
result<std::uint64_t> actor::try_send(const outgoing_message& m, next_try after) {
  return implementation_->send(m, implementation::when_full::obey_without_waiting, after);
}
result<call_ticket> actor::begin_call(const outgoing_message& m, call_receiver receiver,
                                      next_try after) {
  return implementation_->begin_call(m, receiver, {}, std::chrono::steady_clock::now(), after);
}
bool actor::cancel(call_ticket ticket) noexcept {
  return implementation_->cancel(ticket);
}
result<message_header> actor::call(const outgoing_message& m, std::span<std::byte> reply,
                                   std::chrono::nanoseconds timeout) {
  return implementation_->call(m, reply, timeout);
}

bool actor::receive(const std::function<void(const message_view&)>& fill,
                    std::chrono::steady_clock::time_point until) {
  bool made_room = false;
  const bool has_received = implementation_->output().receive(fill, until, made_room);
  if (made_room) implementation_->wake();
  return has_received;
}
bool actor::try_receive(const std::function<void(const message_view&)>& fill) {
  bool made_room = false;
  const bool has_received = implementation_->output().try_receive(fill, made_room);
  if (made_room) implementation_->wake();
  return has_received;
}
std::size_t actor::read_output(
    std::uint64_t acknowledged, std::uint64_t after, std::size_t max,
    const std::function<void(std::uint64_t position, const message_view&)>& read) {
  bool made_room = false;
  const auto count = implementation_->output().read(acknowledged, after, max, read, made_room);
  if (made_room) implementation_->wake();
  return count;
}
std::pair<std::uint64_t, std::uint64_t> actor::output_range() const {
  return implementation_->output().range();
}
std::uint64_t actor::notify_output(std::uint64_t after, std::function<void()> ready) {
  return implementation_->output().notify(after, std::move(ready));
}
void actor::cancel_notify(std::uint64_t id) {
  implementation_->output().cancel_notify(id);
}

result<void> actor::activate() {
  return implementation_->activate();
}
result<void> actor::deactivate() {
  return implementation_->deactivate();
}
result<void> actor::terminate() {
  return implementation_->terminate();
}
void actor::request_end() {
  implementation_->request_end();
}
bool actor::wait(std::chrono::steady_clock::time_point until) {
  return implementation_->output().wait_for_end(until);
}

actor_state actor::state() const noexcept {
  return implementation_->state();
}
actor_status actor::status() const {
  return implementation_->status();
}
task_snapshot actor::task() const {
  return implementation_->task();
}
void actor::clear_failure() noexcept {
  implementation_->clear_failure();
}

}  // namespace kernd
