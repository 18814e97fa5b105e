// Orders per second through orderbook/matching, in books with many orders: a message is handled in
// place, as an actor does it, without a queue.

#include "kernels/orderbook/matching.hpp"

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

namespace {

using namespace kernd;
using namespace kernd::kernels;
using namespace kernd::kernels::orderbook;

/// An actor with `resting` orders over 200 prices on each side of one symbol.
class busy_book {
 public:
  explicit busy_book(std::size_t resting) : memory_(4 + block_bytes / sizeof(aligned)) {
    state_ = ::new (memory_.data()) matching::state{};
    matching::start(*state_, {reinterpret_cast<std::byte*>(memory_.data() + 4), block_bytes});
    while (ids_ < resting) rest();
  }

  void rest() {
    submit_order m = random_order();
    m.price = m.side == side::buy ? 10'000 - offset() : 10'001 + offset();
    matching::handle(*state_, m, out_);
  }
  /// Trades with the best orders of the other side, and rests what is left.
  void cross() {
    submit_order m = random_order();
    m.price = m.side == side::buy ? 10'002 : 9'999;
    m.quantity *= 3;
    m.time_in_force = time_in_force::ioc;
    matching::handle(*state_, m, out_);
  }
  void cancel() {
    const cancel_order m{++canceled_};
    matching::handle(*state_, m, out_);
  }

  std::uint64_t trades() const { return state_->trade_id; }
  std::uint32_t live() const { return state_->store.live_orders(); }

 private:
  struct alignas(state_alignment) aligned {
    std::byte bytes[state_alignment];
  };
  static constexpr std::size_t block_bytes = matching::default_block_bytes;
  static_assert(sizeof(matching::state) <= 4 * sizeof(aligned));

  submit_order random_order() {
    submit_order m;
    m.order_id = ++ids_;
    m.trader_id = ids_ % 100;
    m.symbol_id = 1;
    m.side = random_() % 2 == 0 ? side::buy : side::sell;
    m.quantity = 1 + random_() % 100;
    return m;
  }
  std::int64_t offset() { return static_cast<std::int64_t>(random_() % 200); }

  std::vector<aligned> memory_;
  matching::state* state_;
  std::mt19937 random_{5};
  std::uint64_t ids_ = 0;
  std::uint64_t canceled_ = 0;
  outbox out_{nullptr,
              [](void*, const outbox::message& m) { benchmark::DoNotOptimize(m.payload[0]); }};
};

/// Of ten messages five rest, four cancel the oldest and one trades.
void messages(benchmark::State& state) {
  busy_book book{static_cast<std::size_t>(state.range(0))};
  std::size_t i = 0;
  for (auto _ : state) {
    const std::size_t kind = i++ % 10;
    if (kind == 9) {
      book.cross();
    } else {
      kind % 2 == 0 ? book.rest() : book.cancel();
    }
  }
  state.SetItemsProcessed(state.iterations());
  state.counters["resting"] = book.live();
  state.counters["trades"] = static_cast<double>(book.trades());
}
BENCHMARK(messages)->Arg(1'000)->Arg(10'000)->Arg(100'000);

}  // namespace
