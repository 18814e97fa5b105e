// Many calls at once: every reply belongs to its request.

#include "tests/unit/ring/actor_fixture.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <deque>
#include <thread>
#include <vector>

namespace kernd {
namespace {

using namespace test;

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr std::uint64_t total_calls = 30'000;
#else
constexpr std::uint64_t total_calls = 1'000'000;
#endif

/// One thread's calls, as many at once as it has places.
class caller {
 public:
  caller(actor& to, std::uint64_t name, std::size_t window) : to_{to}, name_{name} {
    for (std::size_t i = 0; i < window; ++i) calls_.emplace_back(*this);
  }

  /// `count` calls, all of which have been answered on return.
  void run(std::uint64_t count) {
    while (ended_ < count) {
      for (auto& c : calls_) {
        if (begun_ < count && c.is_free.load(std::memory_order_acquire)) begin(c);
      }
      std::this_thread::yield();
    }
  }
  std::uint64_t wrong() const { return wrong_; }
  std::uint64_t ended() const { return ended_; }

 private:
  struct one {
    explicit one(caller& c) : mine{c} {}
    caller& mine;
    std::uint64_t value = 0;
    std::atomic<bool> is_free{true};
  };

  void begin(one& c) {
    c.value = name_ << 32 | begun_;
    c.is_free = false;
    const ping p{c.value};
    const auto ticket = to_.begin_call(
        outgoing(p), {[](void* self, const call_end& e) noexcept {
                        auto& told = *static_cast<one*>(self);
                        const bool is_right = !e.why && e.header->type == pong::type_id &&
                                              from_bytes<pong>(e.payload).value == told.value;
                        told.mine.wrong_ += !is_right;
                        told.is_free.store(true, std::memory_order_release);
                        ++told.mine.ended_;
                      },
                      &c});
    if (ticket) {
      ++begun_;
    } else {
      c.is_free = true;  // no room: later
    }
  }

  actor& to_;
  const std::uint64_t name_;
  std::deque<one> calls_;
  std::uint64_t begun_ = 0;
  std::atomic<std::uint64_t> ended_{0};
  std::atomic<std::uint64_t> wrong_{0};
};

struct ManyCallsTest : ActorModeTest {
  ManyCallsTest() : ActorModeTest{{.pool_threads = 2, .call_table = 1024}} {}
};
INSTANTIATE_TEST_SUITE_P(, ManyCallsTest, both_modes, name_of_mode);

TEST_P(ManyCallsTest, EveryReplyMatchesItsRequestAndNoneIsReceived) {
  auto a = launch();
  constexpr std::size_t threads = 2;
  std::deque<caller> callers;
  // Together they want more than the table holds.
  for (std::uint64_t i = 0; i < threads; ++i) callers.emplace_back(a, i, 600);
  {
    std::vector<std::jthread> running;
    for (auto& c : callers) running.emplace_back([&c] { c.run(total_calls / threads); });
  }

  for (const auto& c : callers) {
    EXPECT_EQ(c.ended(), total_calls / threads);
    EXPECT_EQ(c.wrong(), 0u);
  }
  EXPECT_FALSE(a.try_receive([](const message_view&) {}));
  EXPECT_EQ(a.output_range().second, 0u);
  EXPECT_EQ(runtime.metrics().calls_waiting, 0u);
  EXPECT_EQ(runtime.metrics().late_replies, 0u);
  a.terminate().value();
  a.wait(far());
  expect_balanced(a);
}

TEST_P(ManyCallsTest, ManyThreadsThatWaitAreAnswered) {
  auto a = launch();
  std::atomic<std::uint64_t> wrong{0};
  {
    std::vector<std::jthread> threads;
    for (std::uint64_t t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        for (std::uint64_t i = 0; i < total_calls / 200; ++i) {
          const auto answer = ask(a, ping{t << 32 | i});
          wrong += !answer || answer->value != (t << 32 | i);
        }
      });
    }
  }

  EXPECT_EQ(wrong, 0u);
}

}  // namespace
}  // namespace kernd
