#include "kernd/ring/shared_memory.hpp"
#include "src/ring/actor_implementation.hpp"
#include "src/ring/crc32c.hpp"

#include <algorithm>
#include <cstring>

namespace kernd {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_payload_bytes = 65536;
constexpr auto longest_wait = 1s;  // of a message without a deadline

hybrid_stamp after(hybrid_stamp stamp, std::chrono::nanoseconds time) {
  using std::chrono::microseconds;
  const auto us =
      std::chrono::ceil<microseconds>(std::min<std::chrono::nanoseconds>(time, 24h * 365));
  return {stamp.bits + (static_cast<std::uint64_t>(us.count())
                        << (hybrid_stamp::logical_bits + hybrid_stamp::node_bits))};
}

}  // namespace

const message_type* actor::implementation::handled_type(std::uint32_t type) const noexcept {
  for (const auto& t : kernel_.handled) {
    if (t.type_id == type) return &t;
  }
  return nullptr;
}

error actor::implementation::refuse_payload(const outgoing_message& m,
                                            const message_type* type) const {
  const auto bytes = std::to_string(m.payload.size());
  if (m.payload.size() > most_payload_bytes) {
    return {errc::message_too_large,
            "message is " + bytes + " bytes, limit " + std::to_string(most_payload_bytes)};
  }
  if (!type) {
    return {errc::invalid_input,
            "actor '" + id_ + "' does not handle message type " + std::to_string(m.type)};
  }
  return {errc::invalid_input, "message '" + std::string{type->name} + "' is " + bytes +
                                   " bytes, must be " + std::to_string(type->type->size_bytes)};
}

result<message_header> actor::implementation::prepare(const outgoing_message& m,
                                                      const message_type* type,
                                                      time_point at) const {
  if (!type || type->type->size_bytes != m.payload.size()) return refuse_payload(m, type);
  // relaxed: nothing else is read because of it
  if (!services_->admits.load(std::memory_order_relaxed)) {
    return error{errc::service_unavailable, "draining: no new messages are taken"};
  }
  if (m.deadline && *m.deadline <= 0ms) {
    return error{errc::execution_timeout, "the message's deadline has passed"};
  }
  message_header header{};
  header.message_id = services_->ids.next();
  const auto now = services_->clock.now(services_->wall.at(at));
  header.timestamp = now.bits;
  if (m.deadline) header.deadline = after(now, *m.deadline).bits;
  header.type = m.type;
  header.payload_bytes = static_cast<std::uint32_t>(m.payload.size());
  header.source = m.source;
  header.destination = number_;
  header.priority = static_cast<std::uint8_t>(m.priority.value_or(options_.priority));
  if (services_->options.checksum) header.crc32c = crc32c(m.payload);
  return header;
}

bool actor::implementation::counts_as_refused(next_try after) const noexcept {
  return after == next_try::none || options_.overflow != overflow_policy::wait;
}

error actor::implementation::refuse_push(push_status why, next_try after) {
  if (why == push_status::closed || counts_as_refused(after)) {
    refused_.fetch_add(1, std::memory_order_relaxed);
  }
  if (why == push_status::closed) return why_ended();
  return {errc::queue_full, "mailbox of actor '" + id_ + "' is full, limit " +
                                std::to_string(mailbox_.capacity()) + " messages"};
}

void actor::implementation::put(const reservation& r, const message_header& header,
                                std::span<const std::byte> payload) {
  copy_fields(header, *r.message);
  if (!payload.empty()) std::memcpy(payload_of(r.message), payload.data(), payload.size());
  mailbox_.commit(r);
  wake();
}

result<std::uint64_t> actor::implementation::send(const outgoing_message& m, when_full policy,
                                                  next_try after) {
  const auto header = prepare(m, handled_type(m.type), std::chrono::steady_clock::now());
  if (!header) return header.error();
  auto r = mailbox_.reserve();
  const bool is_full = r.status == push_status::full;
  if (is_full && policy == when_full::obey_policy && options_.overflow == overflow_policy::wait) {
    const std::chrono::nanoseconds most = m.deadline ? *m.deadline : longest_wait;
    r = mailbox_.reserve(std::chrono::steady_clock::now() + most);
  }
  if (r) {
    put(r, *header, m.payload);
    return header->message_id;
  }
  if (is_full && policy != when_full::refuse && options_.overflow == overflow_policy::dead_letter) {
    refused_.fetch_add(1, std::memory_order_relaxed);
    services_->bury(*header, m.payload, dead_letter_reason::queue_full, id_);
    return header->message_id;
  }
  return refuse_push(r.status, after);
}

result<void> actor::implementation::check_callable(const message_type* type) {
  if (type && type->reply == 0) {
    return error{errc::invalid_input, "message '" + std::string{type->name} +
                                          "' is not answered, so it cannot be called"};
  }
  const auto s = state();
  if (s == actor_state::active) return {};
  refused_.fetch_add(1, std::memory_order_relaxed);
  if (s == actor_state::terminating || s == actor_state::terminated || has_failed_for_good()) {
    return why_ended();
  }
  return error{errc::actor_not_active,
               "actor '" + id_ + "' is " + std::string{name_of(s)} + " and would not answer"};
}

result<call_ticket> actor::implementation::begin_call(const outgoing_message& m,
                                                      call_receiver receiver,
                                                      std::chrono::nanoseconds within,
                                                      time_point now, next_try after_full) {
  const message_type* const type = handled_type(m.type);
  if (const auto callable = check_callable(type); !callable) return callable.error();
  auto header = prepare(m, type, now);
  if (!header) return header.error();
  if (within > 0ns) {
    const auto latest = after({header->timestamp}, within).bits;
    header->deadline = header->deadline == 0 ? latest : std::min(header->deadline, latest);
  }
  // Before the message is sent: whatever ends the call finds it.
  header->correlation = services_->calls.claim(number_, receiver, {now, &latency_});
  if (header->correlation == 0) {
    if (counts_as_refused(after_full)) refused_.fetch_add(1, std::memory_order_relaxed);
    return error{errc::queue_full,
                 "too many calls wait, limit " + std::to_string(services_->calls.capacity())};
  }
  const auto r = mailbox_.reserve();
  if (r) {
    put(r, *header, m.payload);
  } else if (services_->calls.withdraw(header->correlation)) {
    return refuse_push(r.status, after_full);
  }
  // else: the end of the actor was faster, and has told the receiver
  return call_ticket{header->correlation};
}

actor::implementation::offer_status actor::implementation::offer(
    const message_header& header, std::span<const std::byte> payload) {
  const message_type* const type = handled_type(header.type);
  if (!type || type->type->size_bytes != payload.size()) return offer_status::not_handled;
  const auto r = mailbox_.reserve();
  if (r) {
    put(r, header, payload);
    return offer_status::taken;
  }
  return r.status == push_status::full ? offer_status::full : offer_status::ended;
}

/// Who calls and waits, on its stack. The last that the end of the call touches is the word, so it
/// may be gone as soon as that is `over`.
class actor::implementation::call_waiter {
 public:
  explicit call_waiter(std::span<std::byte> reply) : reply_{reply} {}

  call_receiver receiver() noexcept { return {&call_waiter::end, this}; }

  /// False: the call is not over by then.
  bool wait(std::chrono::microseconds spin, time_point until) noexcept {
    if (is_over()) return true;
    const auto spin_until = std::min(shared_memory::now() + spin, until);
    while (shared_memory::now() < spin_until) {
      for (int i = 0; i < 8; ++i) {
        shared_memory::pause();
        if (is_over()) return true;
      }
    }
    std::uint32_t seen = running;
    // relaxed: `is_over` acquires
    while (!shared_memory::compare_exchange(word_, seen, sleeping, std::memory_order_relaxed)) {
      if (is_over()) return true;
      if (seen == sleeping) break;
      seen = running;
    }
    while (!is_over()) {
      if (!shared_memory::wait(word_, sleeping, until)) return is_over();
    }
    return true;
  }

  result<message_header> outcome() const {
    if (why_) return *why_;
    return header_;
  }

 private:
  static constexpr std::uint32_t running = 0;
  static constexpr std::uint32_t sleeping = 1;
  static constexpr std::uint32_t over = 2;

  bool is_over() const noexcept {
    // acquire: what the end wrote
    return shared_memory::load(word_, std::memory_order_acquire) == over;
  }

  static void end(void* context, const call_end& e) noexcept {
    auto& self = *static_cast<call_waiter*>(context);
    if (e.why) {
      self.why_ = *e.why;
    } else {
      copy_fields(*e.header, self.header_);
      const auto count = std::min(e.payload.size(), self.reply_.size());
      if (count > 0) std::memcpy(self.reply_.data(), e.payload.data(), count);
    }
    std::uint32_t& word = self.word_;
    // release: the outcome. Afterwards only the word's address is used.
    if (std::atomic_ref{word}.exchange(over, std::memory_order_release) == sleeping) {
      shared_memory::wake_all(word);
    }
  }

  std::span<std::byte> reply_;
  message_header header_{};
  std::optional<error> why_;
  std::uint32_t word_ = running;
};

result<message_header> actor::implementation::call(const outgoing_message& m,
                                                   std::span<std::byte> reply,
                                                   std::chrono::nanoseconds timeout) {
  if (timeout <= 0ns) return error{errc::execution_timeout, "the call's deadline has passed"};
  const auto now = std::chrono::steady_clock::now();
  const auto until = now + std::min<std::chrono::nanoseconds>(timeout, 24h * 365);
  call_waiter waiter{reply};
  const auto ticket = begin_call(m, waiter.receiver(), timeout, now);
  if (!ticket) return ticket.error();
  if (!waiter.wait(services_->spin, until)) {
    if (cancel(*ticket)) {
      return error{errc::execution_timeout, "actor '" + id_ + "' did not answer in time"};
    }
    waiter.wait(services_->spin, time_point::max());  // it is being told
  }
  return waiter.outcome();
}

}  // namespace kernd
