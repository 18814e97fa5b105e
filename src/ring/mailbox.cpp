#include "src/ring/mailbox.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

namespace kernd {
namespace {

constexpr std::size_t priority_count = 4;
constexpr std::size_t most_at_once = 16;  // slots given back together

}  // namespace

/// What has arrived, by priority. Messages are counted from the first that went through here.
struct mailbox::lanes {
  struct lane {
    std::uint32_t first = 0;
    std::uint32_t last = 0;
    std::size_t size = 0;
  };

  explicit lanes(std::size_t capacity) : next(capacity), is_done(capacity) {}

  void add(std::uint8_t priority) noexcept {
    lane& l = by_priority[std::min<std::size_t>(priority, priority_count - 1)];
    const auto place = static_cast<std::uint32_t>((head + seen) % next.size());
    if (l.size++ == 0) {
      l.first = place;
    } else {
      next[l.last] = place;
    }
    l.last = place;
    ++seen;
  }
  std::uint32_t take(lane& l) noexcept {
    --l.size;
    return std::exchange(l.first, next[l.first]);
  }
  std::size_t ahead_of(std::uint32_t place) const noexcept {
    return (place + next.size() - head % next.size()) % next.size();
  }

  std::array<lane, priority_count> by_priority{};
  std::vector<std::uint32_t> next;  // in the same lane
  std::vector<bool> is_done;        // but not released
  std::uint64_t head = 0;           // released
  std::size_t seen = 0;             // from the head on
  std::size_t done = 0;             // of the seen ones
  std::uint32_t current = 0;        // being handled
};

mailbox::mailbox(std::size_t capacity, std::size_t payload_bytes, message_priority usual,
                 bool may_wait)
    : ring_{{.capacity = capacity, .payload_bytes = payload_bytes}},
      room_{may_wait ? std::make_unique<event_count<>>() : nullptr},
      usual_{static_cast<std::uint8_t>(usual)},
      batch_{std::clamp<std::size_t>(capacity / 4, 1, most_at_once)} {}
mailbox::~mailbox() = default;

reservation mailbox::reserve(time_point until) noexcept {
  reservation r;
  room_->await([&] { return (r = ring_.reserve()).status != push_status::full; }, until);
  return r;
}

void mailbox::commit(const reservation& r) noexcept {
  const bool differs = r.message->priority != usual_;
  ring_.commit(r);
  // release: who finds it set finds the message
  if (differs) is_mixed_.store(true, std::memory_order_release);
}

void mailbox::close() noexcept {
  ring_.close();
  release(0);
}

void mailbox::call_when_room(std::shared_ptr<room_waiter> waiter) {
  {
    std::lock_guard lock{waiters_mutex_};
    const bool is_there = std::find(waiters_.begin(), waiters_.end(), waiter) != waiters_.end();
    if (!is_there) waiters_.push_back(std::move(waiter));
  }
  // Both sides do a read-modify-write of this word: either the consumer finds it set, or what it
  // had released before is seen by who looks for room now.
  has_waiters_.exchange(true, std::memory_order_acq_rel);
}

void mailbox::release(std::size_t count) noexcept {
  if (count > 0) ring_.release(count);
  if (room_) room_->notify();
  if (!has_waiters_.exchange(false, std::memory_order_acq_rel)) return;
  std::vector<std::shared_ptr<room_waiter>> waiters;
  {
    std::lock_guard lock{waiters_mutex_};
    waiters.swap(waiters_);
  }
  for (const auto& waiter : waiters) waiter->wake();
}

const message_header* mailbox::next() noexcept {
  // acquire: pairs with the commit
  if (!by_priority_ && is_mixed_.load(std::memory_order_acquire)) begin_priorities();
  return by_priority_ ? next_by_priority() : ring_.peek(handled_);
}

void mailbox::done() noexcept {
  taken_.store(taken_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  if (by_priority_) {
    done_by_priority();
  } else if (++handled_ >= batch_) {
    flush();
  }
}

void mailbox::flush() noexcept {
  if (handled_ > 0) release(std::exchange(handled_, 0));
}

void mailbox::begin_priorities() {
  flush();
  if (!lanes_) lanes_ = std::make_unique<lanes>(capacity());
  // Before all that is there is looked at: what comes later sets it again.
  is_mixed_.exchange(false, std::memory_order_acq_rel);
  by_priority_ = true;
}

const message_header* mailbox::next_by_priority() noexcept {
  lanes& all = *lanes_;
  const message_header* arrived = nullptr;
  while (all.seen < capacity() && (arrived = ring_.peek(all.seen))) all.add(arrived->priority);

  lanes::lane* lane = nullptr;
  for (auto& l : all.by_priority) {
    if (l.size == 0) continue;
    const bool has_oldest = all.ahead_of(l.first) == 0;
    lane = &l;  // the highest is the last
    if (has_oldest && all.done >= std::max<std::size_t>(capacity() / 2, 1)) break;
  }
  if (!lane) {
    assert(all.seen == 0 && all.done == 0);
    by_priority_ = false;
    return nullptr;
  }
  all.current = all.take(*lane);
  return ring_.peek(all.ahead_of(all.current));
}

void mailbox::done_by_priority() noexcept {
  lanes& all = *lanes_;
  all.is_done[all.current] = true;
  ++all.done;
  std::size_t count = 0;
  for (;; ++count) {
    const auto place = all.head % all.next.size();
    if (!all.is_done[place]) break;
    all.is_done[place] = false;
    ++all.head;
    --all.seen;
    --all.done;
  }
  if (count > 0) release(count);
}

std::size_t mailbox::depth() const noexcept {
  const auto taken = taken_.load(std::memory_order_relaxed);
  const auto in = ring_.pushed();
  return in > taken ? in - taken : 0;
}

}  // namespace kernd
