#include "src/ring/actor_directory.hpp"

#include "src/ring/actor_implementation.hpp"

#include <mutex>
#include <utility>

namespace kernd {

std::optional<actor_number> actor_directory::take_number() {
  std::lock_guard lock{mutex_};
  if (free_.empty()) {
    if (places_.size() > place_mask) return std::nullopt;
    free_.push_back(static_cast<std::uint32_t>(places_.size()));
    places_.emplace_back();
  }
  const auto index = free_.front();
  free_.pop_front();
  return ++places_[index].generation << place_bits | index;
}

void actor_directory::give_back(actor_number number) {
  std::lock_guard lock{mutex_};
  if (number >> place_bits < last_generation) free_.push_back(number & place_mask);
}

void actor_directory::add(entry e) {
  std::lock_guard lock{mutex_};
  by_id_.insert_or_assign(e->id(), e->number());
  places_[e->number() & place_mask].actor = std::move(e);
}

void actor_directory::remove(const entry& e) {
  std::lock_guard lock{mutex_};
  const auto index = e->number() & place_mask;
  if (places_[index].actor != e) return;
  by_id_.erase(e->id());
  places_[index].actor = nullptr;
  // A place whose generations are used up is never taken again: no number comes twice.
  if (places_[index].generation < last_generation) free_.push_back(index);
}

actor_directory::entry actor_directory::find(std::string_view id) const {
  std::shared_lock lock{mutex_};
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : places_[found->second & place_mask].actor;
}

actor_directory::entry actor_directory::find(actor_number number) const {
  std::shared_lock lock{mutex_};
  const auto index = number & place_mask;
  if (index >= places_.size() || places_[index].generation != number >> place_bits) return nullptr;
  return places_[index].actor;
}

std::vector<actor_directory::entry> actor_directory::all() const {
  std::shared_lock lock{mutex_};
  std::vector<entry> found;
  found.reserve(by_id_.size());
  for (const auto& [id, number] : by_id_) found.push_back(places_[number & place_mask].actor);
  return found;
}

std::size_t actor_directory::size() const {
  std::shared_lock lock{mutex_};
  return by_id_.size();
}

void actor_directory::clear() {
  std::vector<entry> last;
  std::lock_guard lock{mutex_};
  by_id_.clear();
  for (auto& p : places_) last.push_back(std::move(p.actor));
}

}  // namespace kernd
