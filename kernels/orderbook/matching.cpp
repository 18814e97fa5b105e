#include "kernels/orderbook/matching.hpp"

namespace kernd::kernels {

namespace {

using namespace orderbook;

std::vector<field_info> fields_of_submit() {
  return {
      field<&submit_order::order_id>{.doc = "Unique among the orders that rest.", .required = true},
      field<&submit_order::trader_id>{.doc = "Who sends it, for the self-trade policy."},
      field<&submit_order::price>{
          .doc = "The worst price that a limit order accepts; 0 for a market order.",
          .min = 0,
          .max = double{largest_price}},
      field<&submit_order::quantity>{.doc = "How much to buy or sell.",
                                     .min = 1,
                                     .max = double{largest_quantity},
                                     .required = true},
      field<&submit_order::symbol_id>{.doc = "Which book; it is made when an order first rests.",
                                      .required = true},
      field<&submit_order::side>{.doc = "What the sender does.", .required = true},
      field<&submit_order::type>{.doc = "Whether the price is a limit or whatever there is."},
      field<&submit_order::time_in_force>{
          .doc = "What does not trade at once: gtc rests, ioc is canceled, fok trades all or "
                 "nothing. A market order never rests."},
      field<&submit_order::self_trade>{
          .doc = "When it meets an order of the same trader: trade, cancel what is left of the new "
                 "one, cancel the resting one and go on, or cancel both."},
      field<&submitted::order_id>{.doc = "Of the order that was sent."},
      field<&submitted::filled>{.doc = "Quantity that traded at once."},
      field<&submitted::remaining>{.doc = "Quantity that rests in the book."},
      field<&submitted::canceled>{.doc = "Quantity that neither traded nor rests."},
      field<&submitted::average_price>{
          .doc =
              "Of what traded: the exact mean, rounded to the nearest, halves up; 0 when nothing "
              "did."},
      field<&submitted::trades>{.doc = "How many trades there were."},
      field<&submitted::status>{.doc = "What became of it; canceled also when only a part was."},
      field<&submitted::error>{.doc = "Why it was rejected; else empty."}};
}

std::vector<field_info> fields_of_events() {
  return {field<&trade::trade_id>{.doc = "From 1, without gaps, over all symbols."},
          field<&trade::maker_order_id>{.doc = "The order that rested."},
          field<&trade::taker_order_id>{.doc = "The order that came."},
          field<&trade::maker_trader_id>{.doc = "Whose order rested."},
          field<&trade::taker_trader_id>{.doc = "Whose order came."},
          field<&trade::price>{.doc = "The price of the order that rested."},
          field<&trade::quantity>{.doc = "How much changed hands."},
          field<&trade::symbol_id>{.doc = "In which book."},
          field<&trade::taker_side>{.doc = "What the taker did."},
          field<&self_trade_prevented::canceled_order_id>{.doc = "The resting order that is gone."},
          field<&self_trade_prevented::taker_order_id>{.doc = "The order that met it."},
          field<&self_trade_prevented::trader_id>{.doc = "Whose orders both are."},
          field<&self_trade_prevented::quantity>{.doc = "What was left of the resting order."}};
}

std::vector<field_info> fields_of_others() {
  return {
      field<&cancel_order::order_id>{.doc = "An order that rests.", .required = true},
      field<&order_canceled::order_id>{.doc = "As asked for."},
      field<&order_canceled::quantity>{.doc = "What was left of it."},
      field<&order_canceled::status>{.doc = "Whether there was such an order."},
      field<&order_canceled::error>{.doc = "Why nothing was canceled; else empty."},
      field<&query_book::symbol_id>{.doc = "Which book; one without orders is empty.",
                                    .required = true},
      field<&query_book::depth>{.doc = "Prices to list on each side.", .max = double{most_levels}},
      field<&book::symbol_id>{.doc = "As asked for."},
      field<&book::best_bid>{.doc = "Highest price bid; 0 when there is none."},
      field<&book::best_ask>{.doc = "Lowest price asked; 0 when there is none."},
      field<&book::bid_depth>{.doc = "Quantity of all bids, listed or not."},
      field<&book::ask_depth>{.doc = "Quantity of all asks, listed or not."},
      field<&book::spread>{.doc = "Best ask less best bid; 0 when either is missing."},
      field<&book::mid_price>{.doc = "Midway between the two, rounded down; 0 likewise."},
      field<&book::bids>{.doc = "Best first."},
      field<&book::asks>{.doc = "Best first."},
      field<&book_level::price>{.doc = "One price."},
      field<&book_level::quantity>{.doc = "All that rests there."},
      field<&book_level::orders>{.doc = "How many orders that is."}};
}

}  // namespace

kernel_info matching::info() {
  std::vector<field_info> fields = fields_of_submit();
  for (const auto& more : {fields_of_events(), fields_of_others()}) {
    fields.insert(fields.end(), more.begin(), more.end());
  }
  return {.id = "orderbook/matching",
          .version = "1.0.0",
          .mode = kernel_mode::ring,
          .description =
              "Matches orders, by price and then by time, in one limit order book per symbol.",
          .expected_throughput = 2e6,
          .target_latency_us = 5,
          .example = {.input = R"({"order_id":1,"trader_id":7,"price":10050000000,)"
                               R"("quantity":250000000,"symbol_id":1,"side":"buy"})",
                      .output = R"({"order_id":1,"filled":0,"remaining":250000000,"canceled":0,)"
                                R"("average_price":0,"trades":0,"status":"resting","error":""})"},
          .fields = std::move(fields)};
}

}  // namespace kernd::kernels
