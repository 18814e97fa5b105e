#pragma once

#include "kernd/host_device.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

namespace kernd::kernels::orderbook {

/// A place in one of the store's tables; 0 is nowhere, so that zeros are empty tables.
using place = std::uint32_t;

/// Levels of a skip list: a quarter of those on one are on the next, so that 4⁸ prices are found in
/// a few dozen steps.
inline constexpr std::uint32_t tower_height = 8;

/// An order that rests.
struct resting_order {
  std::uint64_t id;
  std::uint64_t trader;
  std::uint64_t quantity;
  place next;  ///< Younger, at the same price.
  place previous;
  place level;
  std::uint32_t ladder;
};

/// The orders at one price of one ladder, oldest first.
struct price_level {
  std::int64_t price;
  std::uint64_t quantity;  ///< Of all its orders.
  place first;
  place last;
  std::uint32_t orders;
  std::uint32_t height;
  place next[tower_height];  ///< The next worse price.
};

/// One side of one symbol's book: a skip list of its prices, best first.
struct ladder {
  place next[tower_height];
  std::uint64_t quantity;  ///< Of all its orders.
};

/// The tables of all books. They are in a block of fixed size behind this object and are found by
/// offsets from it, so that both may be copied elsewhere together. Nothing allocates: what does not
/// fit is refused.
class order_store {
 public:
  /// Of orders; with the largest quantity, their sum fits in 64 bits.
  static constexpr std::uint32_t most_orders = std::uint32_t{1} << 17;
  static constexpr std::uint32_t most_books = 4096;
  static constexpr std::uint32_t no_book = ~std::uint32_t{0};

  /// Divides `block`, which is zeros, and stays where it is relative to this object. A block that
  /// is too small holds no orders.
  void divide(std::span<std::byte> block) {
    books_ = std::bit_floor(static_cast<std::uint32_t>(
        block.size() / 32 / book_bytes < most_books ? block.size() / 32 / book_bytes : most_books));
    auto at = static_cast<std::uint64_t>(block.data() - reinterpret_cast<std::byte*>(this));
    const auto take = [&at](std::uint64_t bytes) {
      const std::uint64_t begin = at;
      at += bytes;
      return begin;
    };
    ladders_at_ = take(books_ * 2 * sizeof(ladder));
    symbols_at_ = take(books_ * sizeof(std::uint64_t));
    const std::size_t space = block.size() - books_ * book_bytes;
    for (std::uint32_t size = 2 * most_orders; size >= 2; size /= 2) {
      if (space < size * sizeof(place) + order_bytes * 2) continue;
      // place 0 is nowhere's
      const std::size_t fit = (space - size * sizeof(place)) / order_bytes - 1;
      const std::size_t orders = fit < size / 2 ? fit : size / 2;
      if (orders <= capacity_) break;
      capacity_ = static_cast<std::uint32_t>(orders);
      ids_ = size;
    }
    orders_at_ = take((capacity_ + std::size_t{1}) * sizeof(resting_order));
    levels_at_ = take((capacity_ + std::size_t{1}) * sizeof(price_level));
    ids_at_ = take(ids_ * sizeof(place));
  }

  std::uint32_t capacity() const { return capacity_; }
  KERND_HOST_DEVICE std::uint32_t live_orders() const { return live_orders_; }
  KERND_HOST_DEVICE bool is_full() const { return live_orders_ == capacity_; }

  KERND_HOST_DEVICE resting_order& order(place p) { return table<resting_order>(orders_at_)[p]; }
  KERND_HOST_DEVICE price_level& level(place p) { return table<price_level>(levels_at_)[p]; }
  /// Of bids: twice the book; of asks: the one behind.
  KERND_HOST_DEVICE ladder& side_of(std::uint32_t l) { return table<ladder>(ladders_at_)[l]; }
  KERND_HOST_DEVICE std::uint64_t symbol_of(std::uint32_t l) {
    return table<std::uint64_t>(symbols_at_)[l / 2] - 1;
  }

  /// `no_book` when the symbol has none.
  KERND_HOST_DEVICE std::uint32_t find_book(std::uint32_t symbol) {
    const std::uint32_t b = probe_symbol(symbol);
    return b != no_book && table<std::uint64_t>(symbols_at_)[b] != 0 ? b : no_book;
  }
  /// Makes one when the symbol has none; `no_book` when there is no room for another.
  KERND_HOST_DEVICE std::uint32_t make_book(std::uint32_t symbol) {
    const std::uint32_t b = probe_symbol(symbol);
    if (b != no_book) table<std::uint64_t>(symbols_at_)[b] = std::uint64_t{symbol} + 1;
    return b;
  }

  /// The place of the live order with that id; 0 when there is none.
  KERND_HOST_DEVICE place find_order(std::uint64_t id) {
    if (ids_ == 0) return 0;
    return table<place>(ids_at_)[probe_id(id)];
  }

  /// A place for a new order, which can be found by `id` from now on. Precondition: it is not full,
  /// and no live order has the id.
  KERND_HOST_DEVICE place add_order(std::uint64_t id) {
    const place p = free_order_ != 0 ? free_order_ : ++fresh_orders_;
    if (p == free_order_) free_order_ = order(p).next;
    order(p) = {};
    order(p).id = id;
    table<place>(ids_at_)[probe_id(id)] = p;
    ++live_orders_;
    return p;
  }
  KERND_HOST_DEVICE void remove_order(place p) {
    forget_id(order(p).id);
    order(p).next = free_order_;
    free_order_ = p;
    --live_orders_;
  }

  /// A place for a new price. There is room: every price has an order, and there are as many places
  /// for the one as for the other.
  KERND_HOST_DEVICE place add_level() {
    const place p = free_level_ != 0 ? free_level_ : ++fresh_levels_;
    if (p == free_level_) free_level_ = level(p).next[0];
    level(p) = {};
    return p;
  }
  KERND_HOST_DEVICE void remove_level(place p) {
    level(p).next[0] = free_level_;
    free_level_ = p;
  }

 private:
  static constexpr std::size_t book_bytes = 2 * sizeof(ladder) + sizeof(std::uint64_t);
  static constexpr std::size_t order_bytes = sizeof(resting_order) + sizeof(price_level);

  template <class T>
  KERND_HOST_DEVICE T* table(std::uint64_t offset) {
    return reinterpret_cast<T*>(reinterpret_cast<std::byte*>(this) + offset);
  }

  KERND_HOST_DEVICE static std::uint64_t mixed(std::uint64_t x) {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
    return x ^ (x >> 31);
  }

  /// Where the symbol is, or where it would go; `no_book` when it is nowhere and all are taken.
  KERND_HOST_DEVICE std::uint32_t probe_symbol(std::uint32_t symbol) {
    const std::uint64_t* const symbols = table<std::uint64_t>(symbols_at_);
    for (std::uint32_t step = 0; step < books_; ++step) {
      const auto b = static_cast<std::uint32_t>(mixed(symbol) + step) & (books_ - 1);
      if (symbols[b] == 0 || symbols[b] == std::uint64_t{symbol} + 1) return b;
    }
    return no_book;
  }

  /// Where the id is, or where it would go: at most half of the table is ever taken.
  KERND_HOST_DEVICE std::uint32_t probe_id(std::uint64_t id) {
    const place* const ids = table<place>(ids_at_);
    auto i = static_cast<std::uint32_t>(mixed(id)) & (ids_ - 1);
    while (ids[i] != 0 && order(ids[i]).id != id) i = (i + 1) & (ids_ - 1);
    return i;
  }

  /// Moves back what had to make way for it, so that no gap cuts a search short.
  KERND_HOST_DEVICE void forget_id(std::uint64_t id) {
    place* const ids = table<place>(ids_at_);
    std::uint32_t gap = probe_id(id);
    for (std::uint32_t i = gap;;) {
      i = (i + 1) & (ids_ - 1);
      if (ids[i] == 0) break;
      const auto home = static_cast<std::uint32_t>(mixed(order(ids[i]).id)) & (ids_ - 1);
      if (((i - home) & (ids_ - 1)) < ((i - gap) & (ids_ - 1))) continue;
      ids[gap] = ids[i];
      gap = i;
    }
    ids[gap] = 0;
  }

  std::uint64_t orders_at_;
  std::uint64_t levels_at_;
  std::uint64_t ids_at_;
  std::uint64_t ladders_at_;
  std::uint64_t symbols_at_;
  std::uint32_t capacity_;
  std::uint32_t ids_;  ///< Places in the table of ids; a power of two.
  std::uint32_t books_;
  std::uint32_t live_orders_;
  std::uint32_t fresh_orders_;  ///< Places that were ever taken.
  std::uint32_t fresh_levels_;
  place free_order_;
  place free_level_;
};

}  // namespace kernd::kernels::orderbook
