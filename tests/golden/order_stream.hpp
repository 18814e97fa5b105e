#pragma once

#include "contract/ring_runner.hpp"
#include "kernels/orderbook/order_messages.hpp"

#include <boost/describe/enum_to_string.hpp>

#include <algorithm>
#include <cstdint>
#include <sstream>
#include <string>

namespace kernd::test {

/// The random messages of tests/golden/order_matching.py, and its text of what they are answered.
class order_stream {
 public:
  explicit order_stream(std::uint64_t seed) : state_{seed} {}

  /// Sends the next message; the text of all that the handler gave away.
  std::string step(ring_runner& actor) {
    using namespace kernels::orderbook;
    const std::uint64_t kind = below(100);
    if (kind < 70 || ids_ == 0) return print(send(actor, random_order()));
    if (kind < 92) {
      const cancel_order m{ids_ - below(std::min<std::uint64_t>(ids_, 3000))};
      return print(send(actor, m));
    }
    query_book m;
    m.symbol_id = static_cast<std::uint32_t>(below(4)) + 1;
    m.depth = static_cast<std::uint32_t>(below(20));
    return print(send(actor, m));
  }

  /// The order that the last step sent, if it was one.
  const kernels::orderbook::submit_order& order() const { return order_; }

 private:
  /// splitmix64.
  std::uint64_t below(std::uint64_t n) {
    state_ += 0x9e3779b97f4a7c15U;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return (z ^ (z >> 31)) % n;
  }

  const kernels::orderbook::submit_order& random_order() {
    using namespace kernels::orderbook;
    constexpr std::int64_t odd_prices[] = {0, largest_price, largest_price + 1, 1, -5};
    constexpr std::uint64_t odd_quantities[] = {0, largest_quantity, largest_quantity + 1};
    constexpr std::uint16_t tifs[] = {0, 0, 0, 0, 0, 0, 1, 1, 2, 2};
    order_ = {};
    order_.order_id = ids_ > 0 && below(50) == 0 ? below(ids_) + 1 : ++ids_;
    order_.symbol_id = static_cast<std::uint32_t>(below(3)) + 1;
    order_.side = static_cast<side>(below(2));
    order_.type = below(10) == 0 ? order_type::market : order_type::limit;
    order_.time_in_force = static_cast<time_in_force>(tifs[below(10)]);
    order_.self_trade = static_cast<self_trade>(below(4));
    order_.trader_id = below(6) + 1;
    const auto price = static_cast<std::int64_t>(980 + below(41));
    const std::uint64_t odd_price = below(200);
    order_.price = odd_price < 5                       ? odd_prices[odd_price]
                   : order_.type == order_type::market ? 0
                                                       : price;
    const std::uint64_t quantity = below(100) + 1, odd_quantity = below(200);
    order_.quantity = odd_quantity < 3 ? odd_quantities[odd_quantity] : quantity;
    return order_;
  }

  template <class M>
  static const std::vector<ring_runner::given>& send(ring_runner& actor, const M& m) {
    return actor.handle(M::type_id, &m);
  }

  template <class E>
  static const char* name_of(E value) {
    return boost::describe::enum_to_string(value, "?");
  }

  static std::string print(const std::vector<ring_runner::given>& given) {
    std::ostringstream out;
    for (const ring_runner::given& g : given) print(g, out);
    return out.str();
  }

  static void print(const ring_runner::given& g, std::ostream& out) {
    using namespace kernels::orderbook;
    if (g.type == trade::type_id) {
      const auto m = g.as<trade>();
      out << "T " << m.trade_id << ' ' << m.maker_order_id << ' ' << m.taker_order_id << ' '
          << m.maker_trader_id << ' ' << m.taker_trader_id << ' ' << m.price << ' ' << m.quantity
          << ' ' << m.symbol_id << ' ' << name_of(m.taker_side) << '\n';
    } else if (g.type == self_trade_prevented::type_id) {
      const auto m = g.as<self_trade_prevented>();
      out << "P " << m.canceled_order_id << ' ' << m.taker_order_id << ' ' << m.trader_id << ' '
          << m.quantity << '\n';
    } else if (g.type == submitted::type_id) {
      const auto m = g.as<submitted>();
      out << "S " << m.order_id << ' ' << m.filled << ' ' << m.remaining << ' ' << m.canceled << ' '
          << m.average_price << ' ' << m.trades << ' ' << name_of(m.status) << ' ' << m.error.view()
          << '\n';
    } else if (g.type == order_canceled::type_id) {
      const auto m = g.as<order_canceled>();
      out << "C " << m.order_id << ' ' << m.quantity << ' ' << name_of(m.status) << ' '
          << m.error.view() << '\n';
    } else {
      print(g.as<book>(), out);
    }
  }

  static void print(const kernels::orderbook::book& m, std::ostream& out) {
    out << "B " << m.symbol_id << ' ' << m.best_bid << ' ' << m.best_ask << ' ' << m.bid_depth
        << ' ' << m.ask_depth << ' ' << m.spread << ' ' << m.mid_price;
    for (const auto& levels : {m.bids, m.asks}) {
      out << " |";
      for (const auto& level : levels) {
        out << ' ' << level.price << ' ' << level.quantity << ' ' << level.orders;
      }
    }
    out << '\n';
  }

  std::uint64_t state_;
  std::uint64_t ids_ = 0;
  kernels::orderbook::submit_order order_;
};

}  // namespace kernd::test
