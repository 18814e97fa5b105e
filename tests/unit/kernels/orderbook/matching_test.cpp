#include "kernels/orderbook/matching.hpp"

#include "contract/ring_runner.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace kernd::kernels {
namespace {

using namespace orderbook;

struct MatchingTest : ::testing::Test {
  test::ring_runner actor{make_ring_kernel<matching>(), std::size_t{1} << 20};
  std::uint64_t ids = 0;

  static submit_order order(side s, std::int64_t price, std::uint64_t quantity) {
    submit_order m;
    m.symbol_id = 1;
    m.side = s;
    m.price = price;
    m.quantity = quantity;
    return m;
  }
  submitted submit(submit_order m) {
    if (m.order_id == 0) m.order_id = ++ids;
    return actor.ask(m).value();
  }
  submitted buy(std::int64_t price, std::uint64_t quantity) {
    return submit(order(side::buy, price, quantity));
  }
  submitted sell(std::int64_t price, std::uint64_t quantity) {
    return submit(order(side::sell, price, quantity));
  }
  submitted with(submit_order m, time_in_force tif) {
    m.time_in_force = tif;
    return submit(m);
  }
  submitted own(submit_order m, self_trade policy, std::uint64_t trader = 7) {
    m.trader_id = trader;
    m.self_trade = policy;
    return submit(m);
  }
  std::vector<trade> trades() const { return actor.events<trade>(); }
  book look(std::uint32_t depth = 10, std::uint32_t symbol = 1) {
    query_book m;
    m.symbol_id = symbol;
    m.depth = depth;
    return actor.ask(m).value();
  }
  order_canceled cancel(std::uint64_t id) { return actor.ask(cancel_order{id}).value(); }
  std::string refusal(const submit_order& m) {
    const auto before = actor.snapshot();
    const submitted answer = submit(m);
    EXPECT_EQ(answer.status, order_status::rejected);
    EXPECT_EQ(answer.canceled, m.quantity);
    EXPECT_EQ(answer.filled + answer.remaining, 0u);
    EXPECT_EQ(actor.snapshot(), before);
    return std::string{answer.error.view()};
  }
};

TEST_F(MatchingTest, AnOrderThatMeetsNoneRests) {
  const submitted answer = buy(100, 5);

  EXPECT_EQ(answer.status, order_status::resting);
  EXPECT_EQ(answer.remaining, 5u);
  EXPECT_EQ(look().best_bid, 100);
  EXPECT_EQ(look().best_ask, 0);
  EXPECT_EQ(look().spread, 0);
}

TEST_F(MatchingTest, TradesAtThePriceOfWhatRests) {
  sell(100, 5);

  const submitted answer = buy(103, 5);

  EXPECT_EQ(answer.status, order_status::filled);
  EXPECT_EQ(answer.average_price, 100);
  ASSERT_EQ(trades().size(), 1u);
  EXPECT_EQ(trades()[0].price, 100);
  EXPECT_EQ(trades()[0].maker_order_id, 1u);
  EXPECT_EQ(trades()[0].taker_order_id, 2u);
  EXPECT_EQ(trades()[0].taker_side, side::buy);
}

TEST_F(MatchingTest, TakesTheBestPriceFirstAndTheOldestOrderThere) {
  sell(102, 1), sell(101, 1), sell(101, 1), sell(103, 1);

  buy(102, 3);

  ASSERT_EQ(trades().size(), 3u);
  EXPECT_EQ(trades()[0].maker_order_id, 2u);
  EXPECT_EQ(trades()[1].maker_order_id, 3u);
  EXPECT_EQ(trades()[2].maker_order_id, 1u);
}

TEST_F(MatchingTest, NumbersTradesOverAllSymbols) {
  sell(100, 2);
  buy(100, 1);
  auto other = order(side::sell, 5, 1);
  other.symbol_id = 9;
  submit(other);
  other.side = side::buy;
  submit(other);
  EXPECT_EQ(trades()[0].trade_id, 2u);
  buy(100, 1);
  EXPECT_EQ(trades()[0].trade_id, 3u);
}

TEST_F(MatchingTest, ShowsWhatIsLeftOfAPartlyFilledOrder) {
  sell(100, 10);

  buy(100, 4);

  EXPECT_EQ(look().ask_depth, 6u);
  ASSERT_EQ(look().asks.size, 1u);
  EXPECT_EQ(look().asks[0].quantity, 6u);
  EXPECT_EQ(look().asks[0].orders, 1u);
}

TEST_F(MatchingTest, RestsWhatATakerDidNotGet) {
  sell(100, 4);

  const submitted answer = buy(101, 10);

  EXPECT_EQ(answer.status, order_status::partially_filled);
  EXPECT_EQ(answer.filled, 4u);
  EXPECT_EQ(answer.remaining, 6u);
  EXPECT_EQ(look().best_bid, 101);
  EXPECT_EQ(look().ask_depth, 0u);
}

TEST_F(MatchingTest, RoundsTheAveragePriceToTheNearestHalvesUp) {
  sell(100, 1), sell(101, 1), sell(102, 1), sell(102, 1);
  EXPECT_EQ(buy(101, 2).average_price, 101);  // 100.5
  sell(101, 1);
  EXPECT_EQ(buy(102, 3).average_price, 102);  // 101⅔
  sell(100, 2), sell(101, 1);
  EXPECT_EQ(buy(101, 3).average_price, 100);  // 100⅓
}

TEST_F(MatchingTest, AveragesTheLargestPricesAndQuantitiesExactly) {
  sell(largest_price, largest_quantity);
  sell(largest_price - 1, largest_quantity / 2);

  const submitted answer = buy(largest_price, largest_quantity);

  EXPECT_EQ(answer.average_price, largest_price);  // half below, rounded up
  EXPECT_EQ(answer.trades, 2u);
}

TEST_F(MatchingTest, CancelsWhatIsLeftOfImmediateOrCancel) {
  sell(100, 4);

  const submitted answer = with(order(side::buy, 100, 10), time_in_force::ioc);

  EXPECT_EQ(answer.status, order_status::canceled);
  EXPECT_EQ(answer.filled, 4u);
  EXPECT_EQ(answer.canceled, 6u);
  EXPECT_EQ(look().bid_depth, 0u);
}

TEST_F(MatchingTest, FillsAllOrNothingOfFillOrKill) {
  sell(100, 4), sell(101, 5), sell(102, 1);

  const submitted killed = with(order(side::buy, 101, 10), time_in_force::fok);
  EXPECT_EQ(killed.status, order_status::canceled);
  EXPECT_EQ(killed.filled, 0u);
  EXPECT_EQ(killed.canceled, 10u);
  EXPECT_TRUE(trades().empty());
  EXPECT_EQ(look().ask_depth, 10u);

  EXPECT_EQ(with(order(side::buy, 102, 10), time_in_force::fok).status, order_status::filled);
  EXPECT_EQ(look().ask_depth, 0u);
}

TEST_F(MatchingTest, TakesAnyPriceForAMarketOrderAndNeverRestsIt) {
  sell(100, 1), sell(9'999'999, 1);
  auto m = order(side::buy, 0, 3);
  m.type = order_type::market;

  const submitted answer = submit(m);

  EXPECT_EQ(answer.filled, 2u);
  EXPECT_EQ(answer.canceled, 1u);
  EXPECT_EQ(answer.status, order_status::canceled);
  EXPECT_EQ(look().best_bid, 0);
}

TEST_F(MatchingTest, AllowsTradesWithOneselfUnlessToldOtherwise) {
  own(order(side::sell, 100, 1), self_trade::allow);
  EXPECT_EQ(own(order(side::buy, 100, 1), self_trade::allow).filled, 1u);
}

TEST_F(MatchingTest, CancelsTheNewestOfOnesOwn) {
  sell(99, 1);
  own(order(side::sell, 100, 1), self_trade::allow);

  const submitted answer = own(order(side::buy, 100, 5), self_trade::cancel_newest);

  EXPECT_EQ(answer.filled, 1u);
  EXPECT_EQ(answer.canceled, 4u);
  EXPECT_EQ(answer.status, order_status::canceled);
  EXPECT_EQ(look().ask_depth, 1u);
  EXPECT_EQ(look().bid_depth, 0u);
}

TEST_F(MatchingTest, CancelsTheOldestOfOnesOwnAndGoesOn) {
  own(order(side::sell, 100, 2), self_trade::allow);
  sell(100, 1);

  const submitted answer = own(order(side::buy, 100, 5), self_trade::cancel_oldest);

  const auto events = actor.events<self_trade_prevented>();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].canceled_order_id, 1u);
  EXPECT_EQ(events[0].quantity, 2u);
  EXPECT_EQ(answer.filled, 1u);
  EXPECT_EQ(answer.remaining, 4u);
  EXPECT_EQ(look().ask_depth, 0u);
  EXPECT_EQ(look().best_bid, 100);
}

TEST_F(MatchingTest, CancelsBothOfOnesOwn) {
  own(order(side::sell, 100, 2), self_trade::allow);

  const submitted answer = own(order(side::buy, 100, 5), self_trade::cancel_both);

  EXPECT_EQ(answer.canceled, 5u);
  EXPECT_EQ(actor.events<self_trade_prevented>().size(), 1u);
  EXPECT_EQ(look().ask_depth + look().bid_depth, 0u);
}

TEST_F(MatchingTest, DoesNotCountOnesOwnForFillOrKill) {
  own(order(side::sell, 100, 2), self_trade::allow);
  sell(100, 2);
  auto m = order(side::buy, 100, 3);
  m.time_in_force = time_in_force::fok;

  EXPECT_EQ(own(m, self_trade::cancel_oldest).status, order_status::canceled);
  EXPECT_EQ(own(m, self_trade::cancel_newest).status, order_status::canceled);
  EXPECT_EQ(look().ask_depth, 4u);
  m.quantity = 2;
  EXPECT_EQ(own(m, self_trade::cancel_oldest).status, order_status::filled);
}

TEST_F(MatchingTest, CancelsARestingOrder) {
  buy(100, 5), buy(100, 6);

  const order_canceled answer = cancel(1);

  EXPECT_EQ(answer.status, cancel_status::canceled);
  EXPECT_EQ(answer.quantity, 5u);
  EXPECT_EQ(look().bid_depth, 6u);
  EXPECT_EQ(cancel(1).status, cancel_status::unknown);
  EXPECT_EQ(cancel(1).error.view(), "no live order has this id");
}

TEST_F(MatchingTest, TakesAnIdAgainOnceItsOrderIsGone) {
  auto m = order(side::buy, 100, 5);
  m.order_id = 44;
  submit(m);
  EXPECT_EQ(refusal(m), "a live order has this id");

  cancel(44);

  EXPECT_EQ(submit(m).status, order_status::resting);
}

TEST_F(MatchingTest, RejectsWhatIsOutOfRangeAndChangesNothing) {
  buy(100, 5);
  auto good = order(side::buy, 100, 5);
  const auto changed = [&](auto change) {
    auto m = good;
    change(m);
    return refusal(m);
  };
  EXPECT_EQ(changed([](auto& m) { m.quantity = 0; }), "the quantity is out of range");
  EXPECT_EQ(changed([](auto& m) { m.quantity = largest_quantity + 1; }),
            "the quantity is out of range");
  EXPECT_EQ(changed([](auto& m) { m.price = 0; }), "a limit order needs a price above 0");
  EXPECT_EQ(changed([](auto& m) { m.price = -1; }), "a limit order needs a price above 0");
  EXPECT_EQ(changed([](auto& m) { m.price = largest_price + 1; }), "the price is out of range");
  EXPECT_EQ(changed([](auto& m) { m.type = order_type::market; }), "a market order has no price");
  EXPECT_EQ(changed([](auto& m) { m.side = side{2}; }), "the side is neither buy nor sell");
  EXPECT_EQ(changed([](auto& m) { m.type = order_type{2}; }),
            "the type is neither limit nor market");
  EXPECT_EQ(changed([](auto& m) { m.time_in_force = time_in_force{3}; }),
            "the time in force is unknown");
  EXPECT_EQ(changed([](auto& m) { m.self_trade = self_trade{4}; }),
            "the self-trade policy is unknown");
}

TEST_F(MatchingTest, RefusesOrdersWhenTheBookIsFullButStillTradesAndCancels) {
  test::ring_runner small{make_ring_kernel<matching>(), 4096};
  auto m = order(side::sell, 100, 1);
  std::uint64_t rested = 0;
  submitted answer;
  for (m.order_id = 1; rested < 1000; ++m.order_id, ++rested) {
    m.price = 100 + static_cast<std::int64_t>(m.order_id);
    answer = small.ask(m).value();
    if (answer.status == order_status::rejected) break;
  }
  EXPECT_EQ(answer.error.view(), "the book has no room for another order");
  EXPECT_GT(rested, 10u);

  m.side = side::buy;
  m.time_in_force = time_in_force::ioc;
  EXPECT_EQ(small.ask(m)->status, order_status::filled);
  m.time_in_force = time_in_force::gtc;
  m.side = side::sell;
  EXPECT_EQ(small.ask(m)->status, order_status::resting);
  EXPECT_EQ(small.ask(cancel_order{5})->status, cancel_status::canceled);
}

TEST_F(MatchingTest, RefusesSymbolsWhenThereIsNoRoomForAnother) {
  test::ring_runner small{make_ring_kernel<matching>(), 32 * 88 * 2};
  auto m = order(side::sell, 100, 1);
  for (m.symbol_id = 1; m.symbol_id <= 2; ++m.symbol_id) {
    m.order_id = m.symbol_id;
    EXPECT_EQ(small.ask(m)->status, order_status::resting);
  }
  m.order_id = 3;
  EXPECT_EQ(small.ask(m)->error.view(), "the book has no room for another symbol");
}

TEST_F(MatchingTest, HoldsNothingInABlockThatIsTooSmall) {
  for (const std::size_t bytes : {0u, 64u, 256u, 2816u}) {
    test::ring_runner tiny{make_ring_kernel<matching>(), bytes};
    auto m = order(side::sell, 100, 1);
    for (m.order_id = 1; m.order_id < 5; ++m.order_id) {
      const auto answer = tiny.ask(m);
      ASSERT_TRUE(answer);
    }
    EXPECT_EQ(tiny.ask(cancel_order{99})->status, cancel_status::unknown);
    EXPECT_TRUE(tiny.ask(query_book{}));
  }
}

TEST_F(MatchingTest, ListsTheBestPricesUpToTheDepthAskedFor) {
  for (std::int64_t price = 1; price <= 20; ++price) buy(price, 2), sell(100 + price, 3);

  EXPECT_EQ(look(3).bids.size, 3u);
  EXPECT_EQ(look(3).bids[0].price, 20);
  EXPECT_EQ(look(3).bids[2].price, 18);
  EXPECT_EQ(look(3).asks[0].price, 101);
  EXPECT_EQ(look(0).asks.size, 0u);
  EXPECT_EQ(look(0).ask_depth, 60u);
  EXPECT_EQ(look(~0u).asks.size, most_levels);
  EXPECT_EQ(look().spread, 81);
  EXPECT_EQ(look().mid_price, 60);
}

TEST_F(MatchingTest, KeepsSymbolsApart) {
  sell(100, 1);
  auto m = order(side::buy, 100, 1);
  m.symbol_id = 2;

  EXPECT_EQ(submit(m).status, order_status::resting);
  EXPECT_EQ(look(1, 2).best_bid, 100);
  EXPECT_EQ(look(1, 3).best_bid, 0);
}

TEST_F(MatchingTest, GoesOnFromACopyOfItsBytes) {
  sell(100, 3), sell(101, 3);
  const auto taken = actor.snapshot();
  test::ring_runner other{make_ring_kernel<matching>(), std::size_t{1} << 20};

  other.restore(taken);

  auto m = order(side::buy, 101, 4);
  m.order_id = 50;
  EXPECT_EQ(other.ask(m)->filled, 4u);
  EXPECT_EQ(other.events<trade>()[0].trade_id, 1u);
}

}  // namespace
}  // namespace kernd::kernels
