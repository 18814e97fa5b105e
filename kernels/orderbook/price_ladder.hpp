#pragma once

#include "kernels/orderbook/order_store.hpp"

#include <cstdint>

namespace kernd::kernels::orderbook {

/// One side of one book, while a message is handled: its prices, best first, and the orders at
/// each, oldest first. Finding a price takes steps in the logarithm of their number; the best is at
/// hand.
class price_ladder {
 public:
  /// `store` outlives it. `random` chooses how high towers are, the same way every time.
  KERND_HOST_DEVICE price_ladder(order_store& store, std::uint64_t& random, std::uint32_t ladder)
      : store_{store}, random_{random}, ladder_{ladder} {}

  KERND_HOST_DEVICE bool holds_bids() const { return ladder_ % 2 == 0; }
  /// Of the side whose prices these are: whether it is offered first.
  KERND_HOST_DEVICE bool is_better(std::int64_t a, std::int64_t b) const {
    return holds_bids() ? a > b : a < b;
  }
  /// 0: there is none.
  KERND_HOST_DEVICE place best() const { return store_.side_of(ladder_).next[0]; }
  KERND_HOST_DEVICE std::uint64_t quantity() const { return store_.side_of(ladder_).quantity; }

  /// Behind all orders at that price. Preconditions as of `order_store::add_order`.
  KERND_HOST_DEVICE void add(std::uint64_t id, std::uint64_t trader, std::int64_t price,
                             std::uint64_t quantity) {
    const place p = store_.add_order(id);
    const place l = level_at(price);
    resting_order& added = store_.order(p);
    price_level& level = store_.level(l);
    added.trader = trader;
    added.quantity = quantity;
    added.level = l;
    added.ladder = ladder_;
    added.previous = level.last;
    (level.last != 0 ? store_.order(level.last).next : level.first) = p;
    level.last = p;
    ++level.orders;
    level.quantity += quantity;
    store_.side_of(ladder_).quantity += quantity;
  }

  /// Takes `quantity`, at most what it has, from the order; it goes when none is left.
  KERND_HOST_DEVICE void reduce(place p, std::uint64_t quantity) {
    resting_order& reduced = store_.order(p);
    price_level& level = store_.level(reduced.level);
    reduced.quantity -= quantity;
    level.quantity -= quantity;
    store_.side_of(ladder_).quantity -= quantity;
    if (reduced.quantity == 0) remove(p);
  }

 private:
  /// Of the links that lead past all prices better than `price`, the highest tower's last.
  struct path {
    place* links[tower_height];
  };

  KERND_HOST_DEVICE path path_to(std::int64_t price) {
    path found;
    place* tower = store_.side_of(ladder_).next;
    for (std::uint32_t h = tower_height; h-- > 0;) {
      while (tower[h] != 0 && is_better(store_.level(tower[h]).price, price)) {
        tower = store_.level(tower[h]).next;
      }
      found.links[h] = &tower[h];
    }
    return found;
  }

  KERND_HOST_DEVICE place level_at(std::int64_t price) {
    const path found = path_to(price);
    const place there = *found.links[0];
    if (there != 0 && store_.level(there).price == price) return there;
    const place l = store_.add_level();
    price_level& made = store_.level(l);
    made.price = price;
    made.height = random_height();
    for (std::uint32_t h = 0; h < made.height; ++h) {
      made.next[h] = *found.links[h];
      *found.links[h] = l;
    }
    return l;
  }

  KERND_HOST_DEVICE std::uint32_t random_height() {
    random_ = random_ * 6364136223846793005U + 1442695040888963407U;
    std::uint32_t height = 1;
    for (std::uint64_t bits = random_ >> 40; height < tower_height && bits % 4 == 0; bits /= 4) {
      ++height;
    }
    return height;
  }

  KERND_HOST_DEVICE void remove(place p) {
    const resting_order& gone = store_.order(p);
    const place l = gone.level;
    price_level& level = store_.level(l);
    (gone.previous != 0 ? store_.order(gone.previous).next : level.first) = gone.next;
    (gone.next != 0 ? store_.order(gone.next).previous : level.last) = gone.previous;
    store_.remove_order(p);
    if (--level.orders != 0) return;
    const path found = path_to(level.price);
    for (std::uint32_t h = 0; h < level.height; ++h) *found.links[h] = level.next[h];
    store_.remove_level(l);
  }

  order_store& store_;
  std::uint64_t& random_;
  std::uint32_t ladder_;
};

}  // namespace kernd::kernels::orderbook
