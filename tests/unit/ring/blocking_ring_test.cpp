#include "kernd/ring/blocking_ring.hpp"

#include "tests/support/random_words.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <thread>
#include <vector>

namespace kernd {
namespace {

using namespace std::chrono_literals;

/// Counts system calls.
struct counted_memory : shared_memory {
  static inline std::atomic<std::uint64_t> waits{0};
  static inline std::atomic<std::uint64_t> wakes{0};

  static bool wait(std::uint32_t& word, std::uint32_t expected, clock::time_point until) noexcept {
    waits.fetch_add(1, std::memory_order_relaxed);
    return shared_memory::wait(word, expected, until);
  }
  static void wake_all(std::uint32_t& word) noexcept {
    wakes.fetch_add(1, std::memory_order_relaxed);
    shared_memory::wake_all(word);
  }
};

template <producers Producers>
using counted_ring = blocking_ring<Producers, counted_memory>;
using spsc = counted_ring<producers::one>;
using mpsc = counted_ring<producers::many>;

constexpr auto past = shared_memory::clock::time_point::min();
/// Never reached, unless a wake-up is missed.
shared_memory::clock::time_point far() {
  return shared_memory::clock::now() + 120s;
}

/// Until a thread has begun to sleep since `waits_before`.
void until_asleep(std::uint64_t waits_before) {
  while (counted_memory::waits.load() == waits_before) std::this_thread::yield();
}

message_header numbered(std::uint64_t id, std::uint32_t source = 0) {
  message_header header{};
  header.message_id = id;
  header.source = source;
  return header;
}

TEST(BlockingRingTest, AnEndedDeadlineIsAnAnswer) {
  spsc ring{{.capacity = 1}};

  EXPECT_EQ(ring.peek(past), nullptr);
  EXPECT_EQ(ring.push({}, {}, past), push_status::pushed);
  EXPECT_EQ(ring.push({}, {}, past), push_status::full);
  EXPECT_EQ(ring.reserve(past).status, push_status::full);
  EXPECT_NE(ring.peek(past), nullptr);
}

TEST(BlockingRingTest, ADeadlineThatPassesDuringTheSleepEndsIt) {
  spsc ring{{.capacity = 1}, 0};
  const auto before = shared_memory::clock::now();

  EXPECT_EQ(ring.peek(before + 2ms), nullptr);

  EXPECT_GE(shared_memory::clock::now(), before + 2ms);
}

TEST(BlockingRingTest, NobodyAsleepMeansNoSystemCall) {
  mpsc ring{{.capacity = 4}};
  const auto calls = counted_memory::waits + counted_memory::wakes;

  for (std::uint64_t i = 0; i < 1000; ++i) {
    ASSERT_EQ(ring.push(numbered(i), {}, past), push_status::pushed);
    ASSERT_EQ(ring.peek(past)->message_id, i);
    ring.release();
  }

  EXPECT_EQ(counted_memory::waits + counted_memory::wakes, calls);
}

TEST(BlockingRingTest, APushWakesTheConsumer) {
  spsc ring{{.capacity = 1}, 0};
  const auto waits = counted_memory::waits.load();
  std::thread consumer{[&] { EXPECT_NE(ring.peek(far()), nullptr); }};
  until_asleep(waits);

  ring.try_push({}, {});

  consumer.join();
}

TEST(BlockingRingTest, ABatchThatIsPoppedWakesAllProducers) {
  mpsc ring{{.capacity = 2}, 0};
  while (ring.try_push({}, {}) == push_status::pushed) continue;
  const auto waits = counted_memory::waits.load();
  std::thread one{[&] { EXPECT_EQ(ring.push({}, {}, far()), push_status::pushed); }};
  until_asleep(waits);
  std::thread other{[&] { EXPECT_TRUE(ring.reserve(far())); }};
  until_asleep(waits + 1);

  EXPECT_EQ(ring.pop(2, [](const message_header&) {}), 2u);

  one.join();
  other.join();
}

TEST(BlockingRingTest, ACloseWakesTheConsumer) {
  mpsc ring{{.capacity = 1}, 0};
  const auto waits = counted_memory::waits.load();
  std::thread consumer{[&] { EXPECT_EQ(ring.peek(far()), nullptr); }};
  until_asleep(waits);

  ring.close();

  consumer.join();
  EXPECT_TRUE(ring.state().drained());
}

template <class Ring>
struct BlockedProducerTest : ::testing::Test {};
using both_rings = ::testing::Types<spsc, mpsc>;
TYPED_TEST_SUITE(BlockedProducerTest, both_rings);

TYPED_TEST(BlockedProducerTest, IsWokenByAClose) {
  TypeParam ring{{.capacity = 1}, 0};
  ring.try_push({}, {});
  const auto waits = counted_memory::waits.load();
  std::thread producer{[&] { EXPECT_EQ(ring.push({}, {}, far()), push_status::closed); }};
  until_asleep(waits);

  ring.close();

  producer.join();
}

/// `count` messages of each producer to one consumer, in order, with random pauses on both sides
/// and few looks before a sleep.
template <class Ring>
void hand_over(std::uint64_t count, std::uint32_t num_producers, test::random_words& random) {
  Ring ring{{.capacity = std::size_t{1} << random() % 6}, static_cast<std::uint32_t>(random() % 8)};
  const auto dawdle = [](std::mt19937& words) {
    if (words() % 16 == 0) {
      for (auto i = words() % 64; i > 0; --i) shared_memory::pause();
    }
  };
  std::vector<std::thread> threads;
  for (std::uint32_t p = 0; p < num_producers; ++p) {
    threads.emplace_back(
        [&, p, words = std::mt19937{static_cast<std::uint32_t>(random())}]() mutable {
          for (std::uint64_t i = 0; i < count; ++i) {
            dawdle(words);
            if (ring.push(numbered(i, p), {}, far()) != push_status::pushed) return;
          }
        });
  }
  std::mt19937 words{static_cast<std::uint32_t>(random())};
  std::vector<std::uint64_t> received(num_producers);
  for (std::uint64_t i = 0; i < count * num_producers; ++i) {
    dawdle(words);
    const message_header* const message = ring.peek(far());
    if (!message || message->message_id != received[message->source]++) {
      ADD_FAILURE() << "at " << i << (message ? ": out of order" : ": a wake-up was missed");
      ring.close();
      break;
    }
    ring.release();
  }
  for (auto& thread : threads) thread.join();
}

TEST(BlockingRingTest, AMillionHandOversMissNoWakeUp) {
  test::random_words random;
  const auto waits = counted_memory::waits.load();

  for (int round = 0; round < 10; ++round) hand_over<spsc>(50'000, 1, random);
  for (int round = 0; round < 10; ++round) hand_over<mpsc>(25'000, 2, random);

  EXPECT_GT(counted_memory::waits.load(), waits);
}

}  // namespace
}  // namespace kernd
