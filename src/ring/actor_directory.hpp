#pragma once

#include "kernd/ring/actor.hpp"

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace kernd {

/// The actors by id and by number. Any thread.
class actor_directory {
 public:
  using entry = std::shared_ptr<actor::implementation>;

  /// A number that no actor had; nothing when all have been given out.
  std::optional<actor_number> take_number();
  /// Nobody had it after all.
  void give_back(actor_number number);
  /// Under its id and its number, which was taken.
  void add(entry e);
  /// Nothing when it is not there.
  void remove(const entry& e);

  entry find(std::string_view id) const;
  entry find(actor_number number) const;
  std::vector<entry> all() const;
  std::size_t size() const;
  void clear();

 private:
  static constexpr std::uint32_t place_bits = 20;
  static constexpr std::uint32_t place_mask = (1u << place_bits) - 1;
  static constexpr std::uint32_t last_generation = (1u << (32 - place_bits)) - 1;

  struct place {
    std::uint32_t generation = 0;
    entry actor;
  };
  mutable std::shared_mutex mutex_;  // guards all
  std::deque<place> places_;
  std::deque<std::uint32_t> free_;  // those that were taken the longest ago first
  std::unordered_map<std::string_view, actor_number> by_id_;  // the actors' own ids
};

}  // namespace kernd
