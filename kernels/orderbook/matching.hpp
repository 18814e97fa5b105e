#pragma once

#include "kernd/ring/ring_kernel.hpp"
#include "kernels/orderbook/order_messages.hpp"
#include "kernels/orderbook/order_store.hpp"
#include "kernels/orderbook/price_ladder.hpp"
#include "kernels/orderbook/taking.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace kernd::kernels {

/// Limit order books, one per symbol: price, then time. The rules are in docs/kernels.md, with the
/// messages.
struct matching {
  using messages =
      type_list<orderbook::submit_order, orderbook::cancel_order, orderbook::query_book>;
  using events = type_list<orderbook::trade, orderbook::self_trade_prevented>;

  struct state {
    orderbook::order_store store;
    std::uint64_t trade_id;  ///< The last that was given.
    std::uint64_t random;
  };
  static constexpr std::size_t default_block_bytes = std::size_t{16} << 20;

  static kernel_info info();
  static void start(state& s, std::span<std::byte> block) { s.store.divide(block); }

  KERND_HOST_DEVICE static void handle(state& s, const orderbook::submit_order& m, outbox& out) {
    orderbook::submitted answer;
    answer.order_id = m.order_id;
    answer.error = reason_to_refuse(s.store, m);
    if (answer.error.size != 0) {
      answer.status = orderbook::order_status::rejected;
      answer.canceled = m.quantity;
    } else {
      place(s, m, answer, out);
    }
    out.reply(answer);
  }

  KERND_HOST_DEVICE static void handle(state& s, const orderbook::cancel_order& m, outbox& out) {
    orderbook::order_canceled answer;
    answer.order_id = m.order_id;
    const orderbook::place p = s.store.find_order(m.order_id);
    if (p == 0) {
      answer.status = orderbook::cancel_status::unknown;
      answer.error = "no live order has this id";
    } else {
      const orderbook::resting_order& order = s.store.order(p);
      answer.quantity = order.quantity;
      ladder(s, order.ladder).reduce(p, order.quantity);
    }
    out.reply(answer);
  }

  KERND_HOST_DEVICE static void handle(state& s, const orderbook::query_book& m, outbox& out) {
    orderbook::book answer;
    answer.symbol_id = m.symbol_id;
    const std::uint32_t book = s.store.find_book(m.symbol_id);
    if (book != orderbook::order_store::no_book) {
      list(s.store, ladder(s, 2 * book), m.depth, answer.bids, answer.best_bid, answer.bid_depth);
      list(s.store, ladder(s, 2 * book + 1), m.depth, answer.asks, answer.best_ask,
           answer.ask_depth);
    }
    if (answer.best_bid != 0 && answer.best_ask != 0) {
      answer.spread = answer.best_ask - answer.best_bid;
      answer.mid_price = answer.best_bid + answer.spread / 2;
    }
    out.reply(answer);
  }

 private:
  KERND_HOST_DEVICE static orderbook::price_ladder ladder(state& s, std::uint32_t ladder) {
    return {s.store, s.random, ladder};
  }

  KERND_HOST_DEVICE static bool may_rest(const orderbook::submit_order& m) {
    return m.type == orderbook::order_type::limit &&
           m.time_in_force == orderbook::time_in_force::gtc;
  }

  /// Empty when there is none; the symbol then has a book, if the order may rest.
  KERND_HOST_DEVICE static orderbook::reason reason_to_refuse(orderbook::order_store& store,
                                                              const orderbook::submit_order& m) {
    using namespace orderbook;
    if (m.side > side::sell) return "the side is neither buy nor sell";
    if (m.type > order_type::market) return "the type is neither limit nor market";
    if (m.time_in_force > time_in_force::fok) return "the time in force is unknown";
    if (m.self_trade > self_trade::cancel_both) return "the self-trade policy is unknown";
    if (m.quantity == 0 || m.quantity > largest_quantity) return "the quantity is out of range";
    const bool is_market = m.type == order_type::market;
    if (is_market && m.price != 0) return "a market order has no price";
    if (!is_market && m.price <= 0) return "a limit order needs a price above 0";
    if (m.price > largest_price) return "the price is out of range";
    if (store.find_order(m.order_id) != 0) return "a live order has this id";
    if (!may_rest(m)) return {};
    if (store.is_full()) return "the book has no room for another order";
    const bool has_book = store.make_book(m.symbol_id) != order_store::no_book;
    if (!has_book) return "the book has no room for another symbol";
    return {};
  }

  KERND_HOST_DEVICE static void place(state& s, const orderbook::submit_order& m,
                                      orderbook::submitted& answer, outbox& out) {
    using namespace orderbook;
    const std::uint32_t book = s.store.find_book(m.symbol_id);
    const std::uint32_t own = 2 * book + (m.side == side::sell ? 1 : 0);
    answer.remaining = m.quantity;
    if (book != order_store::no_book) {
      taking taker{m, s.store, ladder(s, own ^ 1), s.trade_id, out};
      if (m.time_in_force != time_in_force::fok || taker.could_fill()) taker.run(answer);
    }
    if (!may_rest(m)) {
      answer.canceled += answer.remaining;
      answer.remaining = 0;
    }
    if (answer.remaining != 0) {
      ladder(s, own).add(m.order_id, m.trader_id, m.price, answer.remaining);
    }
    answer.status = status_of(answer);
  }

  KERND_HOST_DEVICE static orderbook::order_status status_of(const orderbook::submitted& answer) {
    using orderbook::order_status;
    if (answer.canceled != 0) return order_status::canceled;
    if (answer.remaining == 0) return order_status::filled;
    return answer.filled == 0 ? order_status::resting : order_status::partially_filled;
  }

  template <class Levels>
  KERND_HOST_DEVICE static void list(orderbook::order_store& store,
                                     const orderbook::price_ladder& side, std::uint32_t depth,
                                     Levels& levels, std::int64_t& best, std::uint64_t& quantity) {
    quantity = side.quantity();
    if (side.best() != 0) best = store.level(side.best()).price;
    for (orderbook::place l = side.best(); l != 0 && levels.size < depth;) {
      const orderbook::price_level& level = store.level(l);
      if (!levels.push_back({level.price, level.quantity, level.orders})) return;
      l = level.next[0];
    }
  }
};

}  // namespace kernd::kernels
