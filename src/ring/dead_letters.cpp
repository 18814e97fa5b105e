#include "kernd/ring/dead_letters.hpp"

#include <algorithm>
#include <utility>

namespace kernd {
namespace {

bool is_before(const dead_letter& letter, std::uint64_t id) {
  return letter.id < id;
}

}  // namespace

std::string_view name_of(dead_letter_reason r) noexcept {
  switch (r) {
    case dead_letter_reason::expired:
      return "expired";
    case dead_letter_reason::queue_full:
      return "queue_full";
    case dead_letter_reason::actor_terminated:
      return "actor_terminated";
    case dead_letter_reason::actor_not_found:
      return "actor_not_found";
    case dead_letter_reason::unknown_message_type:
      return "unknown_message_type";
    case dead_letter_reason::max_hops_exceeded:
      return "max_hops_exceeded";
    case dead_letter_reason::handler_failed:
      return "handler_failed";
  }
  return "";
}

void dead_letter_queue::add(dead_letter letter) {
  std::lock_guard lock{mutex_};
  letter.id = next_id_++;
  letters_.push_back(std::move(letter));
  if (letters_.size() > capacity_) {
    letters_.pop_front();
    ++dropped_;
  }
}

std::vector<dead_letter> dead_letter_queue::list(std::uint64_t after, std::size_t max) const {
  std::lock_guard lock{mutex_};
  const auto first =
      std::upper_bound(letters_.begin(), letters_.end(), after,
                       [](std::uint64_t id, const dead_letter& letter) { return id < letter.id; });
  const auto count = std::min<std::size_t>(max, static_cast<std::size_t>(letters_.end() - first));
  return {first, first + static_cast<std::ptrdiff_t>(count)};
}

std::optional<dead_letter> dead_letter_queue::take(std::uint64_t id) {
  std::lock_guard lock{mutex_};
  const auto found = std::lower_bound(letters_.begin(), letters_.end(), id, is_before);
  if (found == letters_.end() || found->id != id) return std::nullopt;
  std::optional<dead_letter> taken{std::move(*found)};
  letters_.erase(found);
  return taken;
}

void dead_letter_queue::put_back(dead_letter letter) {
  std::lock_guard lock{mutex_};
  const auto place = std::lower_bound(letters_.begin(), letters_.end(), letter.id, is_before);
  letters_.insert(place, std::move(letter));
  if (letters_.size() > capacity_) {
    letters_.pop_front();
    ++dropped_;
  }
}

std::size_t dead_letter_queue::size() const {
  std::lock_guard lock{mutex_};
  return letters_.size();
}

std::uint64_t dead_letter_queue::added() const {
  std::lock_guard lock{mutex_};
  return next_id_ - 1;
}

std::uint64_t dead_letter_queue::dropped() const {
  std::lock_guard lock{mutex_};
  return dropped_;
}

}  // namespace kernd
