#pragma once

#include "kernd/ring/outbox.hpp"
#include "kernels/orderbook/order_messages.hpp"
#include "kernels/orderbook/price_ladder.hpp"

#include <cstdint>

namespace kernd::kernels::orderbook {

/// Price times quantity, summed: beyond 64 bits.
__extension__ using notional = unsigned __int128;

/// An order on its way through the other side of the book: best price first, oldest order first, at
/// the price of what rests.
class taking {
 public:
  /// All outlive it. `trade_id`: the last that was given.
  KERND_HOST_DEVICE taking(const submit_order& order, order_store& store, price_ladder makers,
                           std::uint64_t& trade_id, outbox& out)
      : order_{order}, store_{store}, makers_{makers}, trade_id_{trade_id}, out_{out} {}

  /// Whether all of it would trade now.
  KERND_HOST_DEVICE bool could_fill() {
    std::uint64_t found = 0;
    for (place l = makers_.best(); l != 0 && accepts(l); l = store_.level(l).next[0]) {
      for (place p = store_.level(l).first; p != 0; p = store_.order(p).next) {
        const bool is_own = is_prevented(p);
        if (is_own && order_.self_trade != self_trade::cancel_oldest) return false;
        if (!is_own) found += store_.order(p).quantity;
        if (found >= order_.quantity) return true;
      }
    }
    return false;
  }

  /// Trades until it is filled, nothing acceptable is left, or its self-trade policy ends it.
  KERND_HOST_DEVICE void run(submitted& answer) {
    notional paid = 0;
    std::uint64_t left = order_.quantity;
    while (left != 0 && makers_.best() != 0 && accepts(makers_.best())) {
      const place p = store_.level(makers_.best()).first;
      if (is_prevented(p)) {
        if (order_.self_trade != self_trade::cancel_newest) cancel_own(p);
        if (order_.self_trade == self_trade::cancel_oldest) continue;
        answer.canceled = left;
        left = 0;
        break;
      }
      const std::uint64_t taken = trade_with(p, left);
      paid += static_cast<notional>(last_price_) * taken;
      left -= taken;
      answer.filled += taken;
      ++answer.trades;
    }
    answer.remaining = left;
    if (answer.filled != 0) {
      answer.average_price =
          static_cast<std::int64_t>((2 * paid + answer.filled) / (2 * notional{answer.filled}));
    }
  }

 private:
  KERND_HOST_DEVICE bool accepts(place level) const {
    const std::int64_t price = store_.level(level).price;
    return order_.type == order_type::market || price == order_.price ||
           makers_.is_better(price, order_.price);
  }
  KERND_HOST_DEVICE bool is_prevented(place p) const {
    return order_.self_trade != self_trade::allow && store_.order(p).trader == order_.trader_id;
  }

  KERND_HOST_DEVICE void cancel_own(place p) {
    const resting_order& own = store_.order(p);
    self_trade_prevented event;
    event.canceled_order_id = own.id;
    event.taker_order_id = order_.order_id;
    event.trader_id = own.trader;
    event.quantity = own.quantity;
    makers_.reduce(p, own.quantity);
    out_.emit(event);
  }

  /// What is taken: at most `left`.
  KERND_HOST_DEVICE std::uint64_t trade_with(place p, std::uint64_t left) {
    const resting_order& maker = store_.order(p);
    trade event;
    event.trade_id = ++trade_id_;
    event.maker_order_id = maker.id;
    event.taker_order_id = order_.order_id;
    event.maker_trader_id = maker.trader;
    event.taker_trader_id = order_.trader_id;
    event.price = last_price_ = store_.level(maker.level).price;
    event.quantity = left < maker.quantity ? left : maker.quantity;
    event.symbol_id = order_.symbol_id;
    event.taker_side = order_.side;
    makers_.reduce(p, event.quantity);
    out_.emit(event);
    return event.quantity;
  }

  const submit_order& order_;
  order_store& store_;
  price_ladder makers_;
  std::uint64_t& trade_id_;
  outbox& out_;
  std::int64_t last_price_ = 0;  ///< Of the trade made last.
};

}  // namespace kernd::kernels::orderbook
