#include "contract/ring_runner.hpp"
#include "golden/order_stream.hpp"
#include "kernels/orderbook/matching.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>

namespace kernd::kernels {
namespace {

using namespace orderbook;

/// What must rest, by what the actor itself said.
struct rest {
  std::uint32_t symbol;
  side where;
  std::int64_t price;
  std::uint64_t quantity;
  std::size_t step;
};

struct MatchingInvariantsTest : ::testing::Test {
  test::ring_runner actor{make_ring_kernel<matching>()};
  test::order_stream stream{77};
  std::map<std::uint64_t, rest> live;

  /// Of the orders that rest where `like` does: whether none comes before it.
  bool is_first(const rest& like) const {
    for (const auto& [id, other] : live) {
      if (other.symbol != like.symbol || other.where != like.where) continue;
      const bool is_better =
          like.where == side::buy ? other.price > like.price : other.price < like.price;
      if (is_better || (other.price == like.price && other.step < like.step)) return false;
    }
    return true;
  }

  void follow(const trade& t) {
    const auto maker = live.find(t.maker_order_id);
    ASSERT_NE(maker, live.end());
    EXPECT_EQ(t.price, maker->second.price);
    EXPECT_NE(t.taker_side, maker->second.where);
    ASSERT_TRUE(is_first(maker->second)) << "order " << maker->first << " was not the first";
    ASSERT_LE(t.quantity, maker->second.quantity);
    if ((maker->second.quantity -= t.quantity) == 0) live.erase(maker);
  }

  void follow(const test::ring_runner::given& g, std::size_t step) {
    if (g.type == trade::type_id) return follow(g.as<trade>());
    if (g.type == self_trade_prevented::type_id) {
      EXPECT_EQ(live.erase(g.as<self_trade_prevented>().canceled_order_id), 1u);
    } else if (g.type == order_canceled::type_id) {
      const auto m = g.as<order_canceled>();
      if (m.status != cancel_status::canceled) return;
      ASSERT_TRUE(live.contains(m.order_id));
      EXPECT_EQ(live[m.order_id].quantity, m.quantity);
      live.erase(m.order_id);
    } else if (g.type == submitted::type_id) {
      const auto m = g.as<submitted>();
      const submit_order& sent = stream.order();
      EXPECT_EQ(m.filled + m.remaining + m.canceled, sent.quantity);
      if (m.remaining == 0) return;
      live[m.order_id] = {sent.symbol_id, sent.side, sent.price, m.remaining, step};
    }
  }

  void expect_sound_books() {
    for (std::uint32_t symbol = 1; symbol <= 4; ++symbol) {
      const book seen = actor.ask(query_book{symbol, 16}).value();
      std::uint64_t bids = 0, asks = 0;
      for (const auto& [id, order] : live) {
        if (order.symbol == symbol) (order.where == side::buy ? bids : asks) += order.quantity;
      }
      ASSERT_EQ(seen.bid_depth, bids);
      ASSERT_EQ(seen.ask_depth, asks);
      if (seen.best_bid != 0 && seen.best_ask != 0) {
        ASSERT_LT(seen.best_bid, seen.best_ask);
      }
      expect_levels(symbol, side::buy, seen.bids);
      expect_levels(symbol, side::sell, seen.asks);
    }
  }

  void expect_levels(std::uint32_t symbol, side where,
                     const bounded_array<book_level, most_levels>& seen) const {
    std::map<std::int64_t, book_level> expected;
    for (const auto& [id, order] : live) {
      if (order.symbol != symbol || order.where != where) continue;
      book_level& level = expected[where == side::buy ? -order.price : order.price];
      level.price = order.price;
      level.quantity += order.quantity;
      ++level.orders;
    }
    ASSERT_EQ(seen.size, std::min(expected.size(), most_levels));
    auto next = expected.begin();
    for (const book_level& level : seen) {
      ASSERT_EQ(level.price, next->second.price);
      ASSERT_EQ(level.quantity, next->second.quantity);
      ASSERT_EQ(level.orders, next->second.orders);
      ++next;
    }
  }
};

TEST_F(MatchingInvariantsTest, HoldAfterEveryStep) {
  for (std::size_t step = 0; step < 3000; ++step) {
    stream.step(actor);
    const auto given = actor.last();
    for (const auto& g : given) follow(g, step);
    expect_sound_books();
    if (HasFatalFailure()) FAIL() << "at step " << step;
  }
  EXPECT_GT(live.size(), 50u);
}

}  // namespace
}  // namespace kernd::kernels
