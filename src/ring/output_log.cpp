#include "src/ring/output_log.hpp"

#include <algorithm>

namespace kernd {
namespace {

message_view view_of(const message_header& m) {
  return {m, {payload_of(&m), m.payload_bytes}};
}

}  // namespace

output_log::output_log(std::size_t capacity, std::size_t payload_bytes)
    : ring_{{.capacity = capacity, .payload_bytes = payload_bytes}} {}

bool output_log::try_put(const message_header& header,
                         std::span<const std::byte> payload) noexcept {
  return ring_.try_push(header, payload) == push_status::pushed;
}

void output_log::announce() noexcept {
  changed_.notify();
  // As `event_count`: both sides do a read-modify-write of this word.
  if (!has_watchers_.exchange(false, std::memory_order_acq_rel)) return;
  std::vector<watcher> due;
  {
    std::lock_guard lock{watchers_mutex_};
    const auto later = std::stable_partition(watchers_.begin(), watchers_.end(),
                                             [&](const auto& w) { return !is_ready(w.after); });
    due.assign(std::make_move_iterator(later), std::make_move_iterator(watchers_.end()));
    watchers_.erase(later, watchers_.end());
    if (!watchers_.empty()) has_watchers_.store(true, std::memory_order_relaxed);
  }
  for (const auto& w : due) w.ready();
}

void output_log::end() noexcept {
  // release: who sees the end sees all that was put
  has_ended_.store(true, std::memory_order_release);
  announce();
}

bool output_log::is_ready(std::uint64_t after) const noexcept {
  return ring_.pushed() > after || has_ended();
}

void output_log::give_back(std::size_t count, bool& took) noexcept {
  if (count == 0) return;
  ring_.release(count);
  took = is_wanted_.exchange(false, std::memory_order_acq_rel);
}

std::size_t output_log::read(std::uint64_t acknowledged, std::uint64_t after, std::size_t max,
                             const reader& read, bool& took) {
  std::lock_guard lock{read_mutex_};
  std::size_t gone = 0;
  while (ring_.popped() + gone < acknowledged && ring_.peek(gone)) ++gone;
  give_back(gone, took);
  const std::uint64_t oldest = ring_.popped() + 1;
  const std::uint64_t skipped = after < oldest ? 0 : after - oldest + 1;
  std::size_t count = 0;
  while (count < max && skipped + count < ring_.capacity()) {
    const message_header* const message = ring_.peek(skipped + count);
    if (!message) break;
    read(oldest + skipped + count, view_of(*message));
    ++count;
  }
  return count;
}

bool output_log::try_receive(const std::function<void(const message_view&)>& fill, bool& took) {
  std::lock_guard lock{read_mutex_};
  const message_header* const message = ring_.peek();
  if (!message) return false;
  fill(view_of(*message));
  give_back(1, took);
  return true;
}

bool output_log::receive(const std::function<void(const message_view&)>& fill, time_point until,
                         bool& took) {
  bool has_received = false;
  changed_.await(
      [&] {
        const bool ended = has_ended();  // before it is looked at: what came last is still taken
        has_received = try_receive(fill, took);
        return has_received || ended;
      },
      until);
  return has_received;
}

std::pair<std::uint64_t, std::uint64_t> output_log::range() const noexcept {
  const auto popped = ring_.popped();
  return {popped + 1, ring_.pushed()};
}

std::uint64_t output_log::notify(std::uint64_t after, std::function<void()> ready) {
  std::uint64_t id = 0;
  {
    std::lock_guard lock{watchers_mutex_};
    has_watchers_.exchange(true, std::memory_order_acq_rel);
    if (!is_ready(after)) {
      id = next_watcher_++;
      watchers_.push_back({id, after, std::move(ready)});
    }
  }
  if (id == 0) ready();
  return id;
}

void output_log::cancel_notify(std::uint64_t id) {
  std::lock_guard lock{watchers_mutex_};
  std::erase_if(watchers_, [&](const watcher& w) { return w.id == id; });
}

bool output_log::wait_for_end(time_point until) {
  return changed_.await([&] { return has_ended(); }, until);
}

}  // namespace kernd
