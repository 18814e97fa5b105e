// Random launches, ends and rests during traffic: every message is accounted for.

#include "tests/support/random_words.hpp"
#include "tests/unit/ring/actor_fixture.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <deque>
#include <iostream>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace kernd {
namespace {

using namespace std::chrono_literals;
using namespace test;

constexpr std::size_t places = 6;  // of actors; each is taken again and again
constexpr std::size_t traffic_threads = 3;
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr std::uint64_t changes_unless_told = 300;
#else
constexpr std::uint64_t changes_unless_told = 3'000;
#endif

/// KERND_CHAOS_SECONDS: how long instead of how often.
std::optional<std::chrono::seconds> wanted_time() {
  const char* const seconds = std::getenv("KERND_CHAOS_SECONDS");
  if (!seconds) return std::nullopt;
  return std::chrono::seconds{std::atol(seconds)};
}

/// What became of the calls of one thread.
struct call_tally {
  std::uint64_t begun = 0;
  std::uint64_t cancelled = 0;
  std::atomic<std::uint64_t> answered{0};
  std::atomic<std::uint64_t> ended{0};  // with an error
  std::atomic<std::uint64_t> wrong{0};
};

/// One call. A thread waits until it is free again, so that it is told once or never.
struct chaos_call {
  call_tally* tally = nullptr;
  std::uint64_t value = 0;
  std::atomic<bool> is_free{true};
  call_ticket ticket{};

  call_receiver receiver() {
    return {[](void* self, const call_end& e) noexcept {
              auto& c = *static_cast<chaos_call*>(self);
              call_tally& t = *c.tally;  // while the call is still this one
              if (e.why) {
                ++t.ended;
              } else {
                ++t.answered;
                t.wrong += from_bytes<pong>(e.payload).value != c.value;
              }
              // told twice, or after it was cancelled
              t.wrong += c.is_free.exchange(true);
            },
            this};
  }
};

class ChaosTest : public RuntimeFixture {
 protected:
  ChaosTest()
      : RuntimeFixture{{.max_actors = 100,
                        .pool_threads = 2,
                        .call_table = 256,
                        .dead_letters = 100'000'000}} {}

  struct slot {
    std::mutex mutex;
    std::optional<actor> current;  // guarded by it

    std::optional<actor> get() {
      std::lock_guard lock{mutex};
      return current;
    }
  };

  static launch_options random_options(std::mt19937_64& words) {
    launch_options o;
    o.mode = words() % 2 == 0 ? actor_mode::persistent : actor_mode::event_driven;
    o.input_queue_capacity = 2u << words() % 6;
    o.output_queue_capacity = 4096;
    o.auto_activate = words() % 4 != 0;
    o.overflow = static_cast<overflow_policy>(words() % 3);
    o.restart = words() % 2 == 0 ? restart_policy::permanent : restart_policy::one_for_one;
    return o;
  }

  /// One random change to one actor.
  void change(std::mt19937_64& words) {
    slot& s = slots[words() % places];
    auto a = s.get();
    switch (words() % 8) {
      case 0:
      case 1:
        return replace(s, words);
      case 2:
        if (a) static_cast<void>(a->terminate());
        return;
      case 3:
      case 4:
        if (a) static_cast<void>(a->deactivate());
        return;
      default:
        if (a) static_cast<void>(a->activate());
    }
  }

  void replace(slot& s, std::mt19937_64& words) {
    auto old = s.get();
    {
      std::lock_guard lock{s.mutex};
      s.current.reset();
    }
    if (old) {
      EXPECT_TRUE(runtime.remove(old->id(), far()));
      gone.push_back(*old);
      if (gone.size() > 1000) settle_gone();
    }
    auto made = runtime.launch(kernel, "", random_options(words));
    ASSERT_TRUE(made) << made.error().message;
    std::lock_guard lock{s.mutex};
    s.current = *made;
  }

  /// Adds up what the actors say that are gone.
  void settle_gone() {
    for (auto& a : gone) {
      expect_balanced(a);
      const auto c = a.status().counters;
      total.sent += c.sent;
      total.dead_lettered += c.dead_lettered;
      total.expired += c.expired;
      total.processed += c.processed;
      total.failed += c.failed;
      total.terminated += c.terminated;
      total.emitted += c.emitted;
      total.refused += c.refused;
      EXPECT_EQ(a.status().input_queue_depth, 0u);
      while (a.try_receive([&](const message_view& m) { see(m.header, m.payload); })) continue;
    }
    gone.clear();
  }

  /// A note that somebody sent, as it came out; each comes out once.
  void see(const message_header& header, std::span<const std::byte> payload) {
    if (header.type == noted::type_id) ++seen[from_bytes<noted>(payload).value];
  }

  void send_one(std::mt19937_64& words, std::uint64_t thread, std::uint64_t& next) {
    auto a = slots[words() % places].get();
    if (!a) return;
    const note n{thread << 48 | next};
    auto m = outgoing(n, static_cast<message_priority>(words() % 4));
    if (words() % 4 == 0) m.deadline = std::chrono::milliseconds{1 + words() % 3};
    const auto sent = words() % 2 == 0 ? a->send(m) : a->try_send(m);
    if (sent) ++next;  // accepted, so it comes out or is a dead letter
  }

  void send_trouble(std::mt19937_64& words) {
    auto a = slots[words() % places].get();
    auto b = slots[words() % places].get();
    if (!a || !b) return;
    const play p{static_cast<std::uint64_t>(trick::fail)};
    const loop l{b->number()};
    if (words() % 16 == 0) static_cast<void>(a->try_send(outgoing(p)));
    static_cast<void>(a->try_send(outgoing(l)));
  }

  void call_one(std::mt19937_64& words, chaos_call& c, call_tally& tally) {
    if (!c.is_free) {
      if (words() % 4 == 0 && slots[0].get() && slots[0].get()->cancel(c.ticket)) {
        ++tally.cancelled;
        c.is_free = true;
      }
      return;
    }
    auto a = slots[words() % places].get();
    auto b = slots[words() % places].get();
    if (!a || !b) return;
    c.tally = &tally;
    c.value = words();
    c.is_free = false;
    const ping direct{c.value};
    const pass passed{c.value, b->number(), words() % 2 == 0 ? a->number() : 0};
    auto m = words() % 2 == 0 ? outgoing(direct) : outgoing(passed);
    if (words() % 4 == 0) m.deadline = 2ms;
    const auto ticket = a->begin_call(m, c.receiver());
    if (ticket) {
      ++tally.begun;
      c.ticket = *ticket;
    } else {
      c.is_free = true;
    }
  }

  void traffic(std::uint64_t thread, std::uint64_t seed, call_tally& tally) {
    std::mt19937_64 words{seed};
    std::array<chaos_call, 16> calls;
    std::uint64_t next = 0;
    while (!is_over) {
      send_one(words, thread, next);
      for (int i = 0; i < 2; ++i) call_one(words, calls[words() % calls.size()], tally);
      if (words() % 64 == 0) send_trouble(words);
    }
    accepted[thread] = next;
    actors_may_end.wait(false);
    for (auto& c : calls) {
      while (!c.is_free) std::this_thread::yield();
    }
  }

  std::array<slot, places> slots;
  std::atomic<bool> is_over{false};
  std::atomic<bool> actors_may_end{false};
  std::array<std::uint64_t, traffic_threads> accepted{};
  std::vector<actor> gone;  // the changing thread's
  actor_counters total;
  std::map<std::uint64_t, int> seen;
};

TEST_F(ChaosTest, EveryMessageIsAccountedFor) {
  test::random_words words;
  std::cerr << "KERND_TEST_SEED=" << words.seed() << '\n';
  std::array<call_tally, traffic_threads> tallies;
  {
    std::vector<std::jthread> threads;
    for (std::uint64_t t = 0; t < traffic_threads; ++t) {
      threads.emplace_back([this, t, seed = words(), &tallies] { traffic(t, seed, tallies[t]); });
    }
    const auto time = wanted_time();
    const auto until = std::chrono::steady_clock::now() + time.value_or(0s);
    for (std::uint64_t i = 0;
         time ? std::chrono::steady_clock::now() < until : i < changes_unless_told; ++i) {
      change(words);
      for (auto pause = words() % 4; pause > 0; --pause) std::this_thread::yield();
    }
    is_over = true;
    EXPECT_TRUE(runtime.shutdown(far()));
    actors_may_end = true;
    actors_may_end.notify_all();
  }
  for (auto& s : slots) {
    if (s.current) gone.push_back(*s.current);
  }
  settle_gone();

  std::uint64_t calls = 0;
  for (auto& t : tallies) {
    EXPECT_EQ(t.begun, t.cancelled + t.answered + t.ended);
    EXPECT_EQ(t.wrong, 0u);
    calls += t.begun;
  }
  EXPECT_EQ(runtime.metrics().calls_waiting, 0u);
  EXPECT_EQ(total.sent, total.processed + total.expired + total.dead_lettered + total.terminated +
                            total.failed);
  EXPECT_EQ(runtime.dead_letters().dropped(), 0u);

  // Each accepted note was emitted by one actor, or is a dead letter.
  for (const auto& letter : runtime.dead_letters().list(0, ~std::size_t{0})) {
    if (letter.header.type == note::type_id) ++seen[from_bytes<note>(letter.payload).value];
    see(letter.header, letter.payload);
  }
  std::uint64_t notes = 0;
  for (std::uint64_t t = 0; t < traffic_threads; ++t) {
    for (std::uint64_t i = 0; i < accepted[t]; ++i)
      ASSERT_EQ(seen[t << 48 | i], 1) << t << ' ' << i;
    notes += accepted[t];
  }
  EXPECT_EQ(seen.size(), notes);
  EXPECT_GT(notes, 0u);
  EXPECT_GT(calls, 0u);
  std::cerr << notes << " notes, " << calls << " calls, " << runtime.metrics().total_launched
            << " actors, " << total.expired << " expired, " << total.dead_lettered
            << " dead-lettered, " << total.failed << " failed\n";
}

}  // namespace
}  // namespace kernd
