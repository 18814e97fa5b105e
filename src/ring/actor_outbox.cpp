#include "src/ring/actor_implementation.hpp"
#include "src/ring/counter.hpp"
#include "src/ring/crc32c.hpp"

#include <algorithm>
#include <stdexcept>

namespace kernd {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t ids_at_once = 256;
constexpr std::uint32_t stamps_at_once = 16;
constexpr auto most_stale = 50us;
constexpr auto longest_wait = 1s;  // for room in another's mailbox

std::span<const std::byte> payload_of_message(const outbox::message& m) {
  return {m.payload, m.payload_bytes};
}

}  // namespace

void actor::implementation::write(void* self, const outbox::message& m) {
  auto& a = *static_cast<implementation*>(self);
  switch (m.where) {
    case outbox::route::reply:
      return a.reply(m);
    case outbox::route::event:
      a.check_emitted(m);
      return a.emit(m);
    case outbox::route::actor:
    case outbox::route::type:
    case outbox::route::forward:
      return a.post(m);
  }
}

/// A handler that says what it has not declared is broken, and fails as if it had thrown.
void actor::implementation::check_emitted(const outbox::message& m) const {
  const auto found = std::find_if(kernel_.emitted.begin(), kernel_.emitted.end(),
                                  [&](const auto& t) { return t.type_id == m.type; });
  if (found != kernel_.emitted.end() && found->type->size_bytes == m.payload_bytes) return;
  throw std::logic_error{"message type " + std::to_string(m.type) +
                         " is not among its replies and events"};
}

message_header actor::implementation::header_of(const outbox::message& m) {
  if (ids_left_ == 0) {
    ids_left_ = ids_at_once;
    next_id_ = services_->ids.take(ids_at_once);
  }
  --ids_left_;
  message_header header{};
  header.message_id = next_id_++;
  header.timestamp = next_stamp().bits;
  header.type = m.type;
  header.payload_bytes = m.payload_bytes;
  header.source = number_;
  header.priority = static_cast<std::uint8_t>(m.priority);
  if (services_->options.checksum) header.crc32c = crc32c(payload_of_message(m));
  return header;
}

/// Several are taken at once, or senders and actors would take turns at the clock's line for each
/// message. One is used while it is later than what it follows from and was taken lately.
hybrid_stamp actor::implementation::next_stamp() {
  now_ = std::chrono::steady_clock::now();
  const bool is_good = stamps_left_ > 0 && last_stamp_.bits >= request_->timestamp &&
                       now_ - stamped_at_ <= most_stale;
  if (is_good) {
    --stamps_left_;
    return last_stamp_ = services_->clock.next(last_stamp_);
  }
  stamps_left_ = stamps_at_once - 1;
  stamped_at_ = now_;
  return last_stamp_ = services_->clock.take(stamps_at_once);
}

void actor::implementation::reply(const outbox::message& m) {
  const message_type* const asked = handled_type(request_->type);
  if (asked->reply != m.type) {
    throw std::logic_error{"message type " + std::to_string(m.type) + " is not the reply to type " +
                           std::to_string(request_->type)};
  }
  if (is_answered_) {
    services_->late_replies.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  is_answered_ = true;
  if (request_->correlation == 0) return emit(m);
  auto header = header_of(m);
  header.correlation = request_->correlation;
  header.destination = request_->source;
  const call_end answered{.header = &header, .payload = payload_of_message(m), .why = nullptr};
  count(counters_.replied);  // first: who has the reply finds it counted
  if (services_->calls.end(header.correlation, answered, now_)) return;
  take_back(counters_.replied);
  services_->late_replies.fetch_add(1, std::memory_order_relaxed);
}

void actor::implementation::emit(const outbox::message& m) {
  const auto header = header_of(m);
  const auto payload = payload_of_message(m);
  if (spill_.empty() && output_.try_put(header, payload)) {
    count(counters_.emitted);
    has_emitted_ = true;
    return;
  }
  spill_.push_back({nullptr, header, {payload.begin(), payload.end()}, time_point::max(), false});
}

/// To another actor.
void actor::implementation::post(const outbox::message& m) {
  auto header = header_of(m);
  const auto payload = payload_of_message(m);
  const bool is_dispatched = m.where == outbox::route::type;
  header.hops = static_cast<std::uint8_t>(std::min<unsigned>(request_->hops + 1u, 255));
  if (m.where == outbox::route::forward) {
    // The duty to answer goes with the message, whatever becomes of it, once.
    if (!is_answered_) header.correlation = request_->correlation;
    is_answered_ = is_answered_ || header.correlation != 0;
    header.deadline = request_->deadline;
    header.source = request_->source;
  }
  const auto to = destination_of(m, header, payload);
  if (!to) return;
  header.destination = to->number();
  count(counters_.forwarded);
  if (spill_.empty() && deliver(*to, header, payload)) {
    if (is_dispatched) services_->routes.count(last_delivery_);
    return;
  }
  if (is_dispatched) services_->routes.count(&dispatch_metrics::pending);
  spill_.push_back({to,
                    header,
                    {payload.begin(), payload.end()},
                    std::chrono::steady_clock::now() + longest_wait,
                    is_dispatched});
}

/// Null when there is none; then the message has been seen to.
std::shared_ptr<actor::implementation> actor::implementation::destination_of(
    const outbox::message& m, const message_header& header, std::span<const std::byte> payload) {
  ring_services& s = *services_;
  const bool is_dispatched = m.where == outbox::route::type;
  if (header.hops > s.options.hop_limit) {
    if (is_dispatched) s.routes.count(&dispatch_metrics::delivery_errors);
    const error why{errc::max_hops_exceeded, "the message was passed on more than " +
                                                 std::to_string(s.options.hop_limit) + " times"};
    s.undeliverable(header, payload, dead_letter_reason::max_hops_exceeded, "", why);
    return nullptr;
  }
  std::string id;
  if (is_dispatched) {
    const auto route = s.routes.find(m.type);
    if (!route) {
      s.routes.count(&dispatch_metrics::unknown_type);
      s.bury(header, payload, dead_letter_reason::unknown_message_type, "");
      return nullptr;
    }
    id = *route;
  }
  auto found = is_dispatched ? s.actors.find(id) : s.actors.find(m.destination);
  if (found) return found;
  if (is_dispatched) s.routes.count(&dispatch_metrics::delivery_errors);
  const error why{errc::actor_not_found, "the message was passed on to an actor that is gone"};
  s.undeliverable(header, payload, dead_letter_reason::actor_not_found, id, why);
  return nullptr;
}

/// False: there is no room. Otherwise `last_delivery_` says what became of it.
bool actor::implementation::deliver(implementation& to, const message_header& header,
                                    std::span<const std::byte> payload) {
  ring_services& s = *services_;
  last_delivery_ = &dispatch_metrics::delivered;
  // First, so that the end of the other ends the call. Who called may have given up.
  if (header.correlation != 0 && !s.calls.retarget(header.correlation, to.number())) return true;
  const auto outcome = to.offer(header, payload);
  if (outcome == offer_status::taken) return true;
  if (outcome == offer_status::full) return false;
  last_delivery_ = &dispatch_metrics::delivery_errors;
  if (outcome == offer_status::ended) {
    s.undeliverable(header, payload, dead_letter_reason::actor_terminated, to.id(), to.why_ended());
  } else {
    const error why{
        errc::unknown_message_type,
        "actor '" + to.id() + "' does not handle message type " + std::to_string(header.type)};
    s.undeliverable(header, payload, dead_letter_reason::unknown_message_type, to.id(), why);
  }
  return true;
}

/// False while something is left; `until` is when the first of it is given up.
bool actor::implementation::drain_spill(time_point& until) {
  std::vector<const implementation*> full;  // what comes behind must not overtake
  const auto now = std::chrono::steady_clock::now();
  std::size_t kept = 0;
  for (auto& s : spill_) {
    if (drain(s, full, now)) continue;
    until = std::min(until, s.give_up);
    if (&spill_[kept] != &s) spill_[kept] = std::move(s);
    ++kept;
  }
  spill_.resize(kept);
  if (kept == 0) spill_.shrink_to_fit();
  if (has_emitted_) {
    has_emitted_ = false;
    output_.announce();
  }
  return kept == 0;
}

bool actor::implementation::drain(spilled& s, std::vector<const implementation*>& full,
                                  time_point now) {
  const bool is_behind = std::find(full.begin(), full.end(), s.to.get()) != full.end();
  if (!s.to) {
    if (is_behind) return false;
    // Asked for before the last look: the reader that makes room then says so.
    if (!output_.try_put(s.header, s.payload)) {
      output_.want_room();
      if (!output_.try_put(s.header, s.payload)) {
        full.push_back(nullptr);
        return false;
      }
    }
    count(counters_.emitted);
    return has_emitted_ = true;
  }
  if (!is_behind) {
    bool is_gone = deliver(*s.to, s.header, s.payload);
    if (!is_gone) {
      s.to->mailbox_.call_when_room(shared_from_this());
      is_gone = deliver(*s.to, s.header, s.payload);
    }
    if (is_gone) {
      if (s.is_dispatched) services_->routes.settle(last_delivery_);
      return true;
    }
    full.push_back(s.to.get());
  }
  return now >= s.give_up && give_up(s);
}

bool actor::implementation::give_up(const spilled& s) {
  if (s.is_dispatched) services_->routes.settle(&dispatch_metrics::delivery_errors);
  const error why{errc::queue_full, "mailbox of actor '" + s.to->id() + "' stayed full"};
  services_->undeliverable(s.header, s.payload, dead_letter_reason::queue_full, s.to->id(), why);
  return true;
}

}  // namespace kernd
