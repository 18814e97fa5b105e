#pragma once

#include "kernd/bounded.hpp"

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

/// What `orderbook/matching` is sent and what it sends. Prices and quantities are whole numbers of
/// whatever unit the market has; 1e-8 of it, usually.
namespace kernd::kernels::orderbook {

enum class side : std::uint32_t { buy, sell };
BOOST_DESCRIBE_ENUM(side, buy, sell)
enum class order_type : std::uint32_t { limit, market };
BOOST_DESCRIBE_ENUM(order_type, limit, market)
enum class time_in_force : std::uint16_t { gtc, ioc, fok };
BOOST_DESCRIBE_ENUM(time_in_force, gtc, ioc, fok)
enum class self_trade : std::uint16_t { allow, cancel_newest, cancel_oldest, cancel_both };
BOOST_DESCRIBE_ENUM(self_trade, allow, cancel_newest, cancel_oldest, cancel_both)
enum class order_status : std::uint32_t { resting, partially_filled, filled, canceled, rejected };
BOOST_DESCRIBE_ENUM(order_status, resting, partially_filled, filled, canceled, rejected)
enum class cancel_status : std::uint32_t { canceled, unknown };
BOOST_DESCRIBE_ENUM(cancel_status, canceled, unknown)

using reason = bounded_text<60>;

/// With these, no sum over a full book and no price times quantity overflows.
inline constexpr std::int64_t largest_price = 1'000'000'000'000'000;
inline constexpr std::uint64_t largest_quantity = 100'000'000'000'000;
inline constexpr std::size_t most_levels = 16;

struct submitted {
  static constexpr std::uint32_t type_id = 501;
  static constexpr std::string_view message_name = "submitted";
  using reply = void;

  std::uint64_t order_id = 0;
  std::uint64_t filled = 0;
  std::uint64_t remaining = 0;
  std::uint64_t canceled = 0;
  std::int64_t average_price = 0;
  std::uint32_t trades = 0;
  order_status status = order_status::resting;
  reason error;
};
BOOST_DESCRIBE_STRUCT(submitted, (),
                      (order_id, filled, remaining, canceled, average_price, trades, status, error))

struct submit_order {
  static constexpr std::uint32_t type_id = 500;
  static constexpr std::string_view message_name = "submit_order";
  using reply = submitted;

  std::uint64_t order_id = 0;
  std::uint64_t trader_id = 0;
  std::int64_t price = 0;
  std::uint64_t quantity = 0;
  std::uint32_t symbol_id = 0;
  orderbook::side side = side::buy;
  order_type type = order_type::limit;
  orderbook::time_in_force time_in_force = time_in_force::gtc;
  orderbook::self_trade self_trade = self_trade::allow;
};
BOOST_DESCRIBE_STRUCT(submit_order, (),
                      (order_id, trader_id, price, quantity, symbol_id, side, type, time_in_force,
                       self_trade))

struct trade {
  static constexpr std::uint32_t type_id = 510;
  static constexpr std::string_view message_name = "trade";
  using reply = void;

  std::uint64_t trade_id = 0;
  std::uint64_t maker_order_id = 0;
  std::uint64_t taker_order_id = 0;
  std::uint64_t maker_trader_id = 0;
  std::uint64_t taker_trader_id = 0;
  std::int64_t price = 0;
  std::uint64_t quantity = 0;
  std::uint32_t symbol_id = 0;
  side taker_side = side::buy;
};
BOOST_DESCRIBE_STRUCT(trade, (),
                      (trade_id, maker_order_id, taker_order_id, maker_trader_id, taker_trader_id,
                       price, quantity, symbol_id, taker_side))

struct self_trade_prevented {
  static constexpr std::uint32_t type_id = 511;
  static constexpr std::string_view message_name = "self_trade_prevented";
  using reply = void;

  std::uint64_t canceled_order_id = 0;
  std::uint64_t taker_order_id = 0;
  std::uint64_t trader_id = 0;
  std::uint64_t quantity = 0;
};
BOOST_DESCRIBE_STRUCT(self_trade_prevented, (),
                      (canceled_order_id, taker_order_id, trader_id, quantity))

struct order_canceled {
  static constexpr std::uint32_t type_id = 521;
  static constexpr std::string_view message_name = "order_canceled";
  using reply = void;

  std::uint64_t order_id = 0;
  std::uint64_t quantity = 0;
  cancel_status status = cancel_status::canceled;
  bounded_text<56> error;
};
BOOST_DESCRIBE_STRUCT(order_canceled, (), (order_id, quantity, status, error))

struct cancel_order {
  static constexpr std::uint32_t type_id = 520;
  static constexpr std::string_view message_name = "cancel_order";
  using reply = order_canceled;

  std::uint64_t order_id = 0;
};
BOOST_DESCRIBE_STRUCT(cancel_order, (), (order_id))

struct book_level {
  std::int64_t price = 0;
  std::uint64_t quantity = 0;
  std::uint64_t orders = 0;
};
BOOST_DESCRIBE_STRUCT(book_level, (), (price, quantity, orders))

struct book {
  static constexpr std::uint32_t type_id = 531;
  static constexpr std::string_view message_name = "book";
  using reply = void;

  std::uint64_t symbol_id = 0;
  std::int64_t best_bid = 0;
  std::int64_t best_ask = 0;
  std::uint64_t bid_depth = 0;
  std::uint64_t ask_depth = 0;
  std::int64_t spread = 0;
  std::int64_t mid_price = 0;
  bounded_array<book_level, most_levels> bids;
  bounded_array<book_level, most_levels> asks;
};
BOOST_DESCRIBE_STRUCT(book, (),
                      (symbol_id, best_bid, best_ask, bid_depth, ask_depth, spread, mid_price, bids,
                       asks))

struct query_book {
  static constexpr std::uint32_t type_id = 530;
  static constexpr std::string_view message_name = "query_book";
  using reply = book;

  std::uint32_t symbol_id = 0;
  std::uint32_t depth = 10;
};
BOOST_DESCRIBE_STRUCT(query_book, (), (symbol_id, depth))

}  // namespace kernd::kernels::orderbook
