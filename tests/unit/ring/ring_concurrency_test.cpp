// Random producers beside a consumer: what went in comes out, once, whole and in order, and what
// was refused did not go in.

#include "kernd/ring/ring.hpp"
#include "tests/support/random_words.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstring>
#include <thread>
#include <vector>

namespace kernd {
namespace {

constexpr std::size_t most_payload_bytes = 448;
constexpr std::uint64_t attempts = 20'000;  // of each producer in each round

using payload = std::array<std::byte, most_payload_bytes>;

/// The `n`th message of a producer, whose every byte depends on both.
void fill(message_header& header, payload& bytes, std::uint32_t producer, std::uint64_t n) {
  std::mt19937 words{static_cast<std::uint32_t>(n * 31 + producer)};
  header.source = producer;
  header.message_id = n;
  header.payload_bytes = static_cast<std::uint32_t>(words() % (most_payload_bytes + 1));
  const auto value = static_cast<int>(words() & 0xFF);
  std::memset(bytes.data(), value, header.payload_bytes);
}

bool is_intact(const message_header& m) {
  message_header expected{};
  payload bytes;
  fill(expected, bytes, m.source, m.message_id);
  return m.payload_bytes == expected.payload_bytes &&
         std::memcmp(payload_of(&m), bytes.data(), m.payload_bytes) == 0;
}

/// Pushes by either path; returns how many the ring took. Only those have numbers.
template <class Ring>
std::uint64_t produce(Ring& ring, std::uint32_t producer, std::uint32_t seed) {
  std::mt19937 words{seed};
  std::uint64_t taken = 0;
  for (std::uint64_t i = 0; i < attempts; ++i) {
    message_header header{};
    payload bytes;
    fill(header, bytes, producer, taken);
    if (words() % 2 == 0) {
      const auto status = ring.try_push(header, {bytes.data(), header.payload_bytes});
      taken += status == push_status::pushed ? 1 : 0;
    } else if (const auto r = ring.reserve()) {
      copy_fields(header, *r.message);
      std::memcpy(payload_of(r.message), bytes.data(), header.payload_bytes);
      ring.commit(r);
      ++taken;
    } else if (words() % 4 == 0) {
      std::this_thread::yield();
    }
  }
  return taken;
}

/// Pops in batches of any size until the ring is drained; returns how many came of each producer.
template <class Ring>
std::vector<std::uint64_t> consume(Ring& ring, std::size_t num_producers, std::uint32_t seed) {
  std::mt19937 words{seed};
  std::vector<std::uint64_t> received(num_producers);
  std::size_t broken = 0;
  while (!ring.drained()) {
    const auto count = ring.pop(1 + words() % 8, [&](const message_header& m) {
      const bool is_next = m.source < num_producers && m.message_id == received[m.source]++;
      if (!is_next || !is_intact(m)) ++broken;
    });
    if (count == 0) std::this_thread::yield();
  }
  EXPECT_EQ(broken, 0u);
  return received;
}

template <class Ring>
void expect_nothing_lost(std::size_t num_producers, test::random_words& random) {
  const auto start = (std::uint64_t{1} << 63) - random() % (2 * attempts);
  Ring ring{{.capacity = std::size_t{1} << random() % 7,
             .payload_bytes = most_payload_bytes,
             .start = start}};
  std::vector<std::uint64_t> taken(num_producers);
  std::vector<std::uint64_t> received;
  std::thread consumer{[&, seed = static_cast<std::uint32_t>(random())] {
    received = consume(ring, num_producers, seed);
  }};

  std::vector<std::thread> threads;
  for (std::uint32_t p = 0; p < num_producers; ++p) {
    threads.emplace_back(
        [&, p, seed = static_cast<std::uint32_t>(random())] { taken[p] = produce(ring, p, seed); });
  }
  for (auto& thread : threads) thread.join();
  ring.close();
  consumer.join();

  EXPECT_EQ(received, taken);
  std::uint64_t sum = 0;
  for (const auto count : taken) sum += count;
  EXPECT_EQ(ring.pushed(), sum);
  EXPECT_EQ(ring.popped(), sum);
}

TEST(RingConcurrencyTest, OneProducersMessagesArriveOnceWholeAndInOrder) {
  test::random_words random;
  for (int round = 0; round < 3; ++round) expect_nothing_lost<spsc_ring>(1, random);
}

TEST(RingConcurrencyTest, ManyProducersMessagesArriveOnceWholeAndInOrder) {
  test::random_words random;
  for (int round = 0; round < 3; ++round) expect_nothing_lost<mpsc_ring>(1 + random() % 4, random);
}

/// The ring's promise to those who close it from outside: nothing appears after the last look.
TEST(RingConcurrencyTest, NothingGetsInAfterACloseAmongManyProducers) {
  test::random_words random;
  for (int round = 0; round < 200; ++round) {
    mpsc_ring ring{{.capacity = 4}};
    std::atomic<std::uint64_t> taken{0};
    std::vector<std::thread> producers;
    for (int p = 0; p < 2; ++p) {
      producers.emplace_back([&] {
        push_status status;
        while ((status = ring.try_push({}, {})) != push_status::closed) {
          if (status == push_status::pushed) taken.fetch_add(1, std::memory_order_relaxed);
        }
      });
    }
    std::uint64_t received = 0;
    const auto count = [&](const message_header&) { ++received; };
    while (ring.pushed() == 0) std::this_thread::yield();
    for (auto i = random() % 100; i > 0; --i) ring.pop(2, count);

    ring.close();
    while (!ring.drained()) ring.pop(4, count);

    const auto until_drained = received;
    for (auto& producer : producers) producer.join();
    EXPECT_EQ(until_drained, taken.load());
    EXPECT_EQ(ring.peek(), nullptr);
  }
}

}  // namespace
}  // namespace kernd
