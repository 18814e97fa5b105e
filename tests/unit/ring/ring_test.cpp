#include "kernd/ring/ring.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <memory_resource>
#include <new>
#include <string>
#include <string_view>

namespace kernd {
namespace {

constexpr std::uint64_t before_wrap_around = (std::uint64_t{1} << 63) - 1;

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span{text.data(), text.size()});
}

template <class Ring>
push_status push(Ring& ring, std::string_view text, std::uint32_t type = 1) {
  message_header header{};
  header.type = type;
  header.payload_bytes = static_cast<std::uint32_t>(text.size());
  return ring.try_push(header, bytes_of(text));
}

std::string text_of(const message_header& message) {
  return {reinterpret_cast<const char*>(payload_of(&message)), message.payload_bytes};
}

/// The oldest message's text, which is popped; "nothing" when there is none.
template <class Ring>
std::string pop(Ring& ring) {
  std::string text = "nothing";
  ring.pop(1, [&](const message_header& m) { text = text_of(m); });
  return text;
}

/// Every fact holds wherever the positions are when it comes to it.
template <class Ring>
struct RingTest : ::testing::Test {
  Ring ring{{.capacity = 4, .payload_bytes = 64, .start = before_wrap_around}};
};
using both_rings = ::testing::Types<spsc_ring, mpsc_ring>;
TYPED_TEST_SUITE(RingTest, both_rings);

TYPED_TEST(RingTest, HasNothingAtFirst) {
  EXPECT_EQ(this->ring.peek(), nullptr);
  EXPECT_EQ(this->ring.size(), 0u);
  EXPECT_EQ(this->ring.pushed(), 0u);
  EXPECT_EQ(this->ring.popped(), 0u);
  EXPECT_FALSE(this->ring.closed());
  EXPECT_FALSE(this->ring.drained());
}

TYPED_TEST(RingTest, GivesBackHeaderAndPayload) {
  message_header header{.sequence = 99,
                        .message_id = 1,
                        .correlation = 2,
                        .timestamp = 3,
                        .deadline = 4,
                        .type = 5,
                        .payload_bytes = 5,
                        .source = 6,
                        .destination = 7,
                        .flags = 8,
                        .priority = 9,
                        .hops = 10,
                        .crc32c = 11};

  ASSERT_EQ(this->ring.try_push(header, bytes_of("hello")), push_status::pushed);

  const message_header* const found = this->ring.peek();
  ASSERT_NE(found, nullptr);
  header.sequence = found->sequence;
  EXPECT_EQ(std::memcmp(found, &header, sizeof header), 0);
  EXPECT_EQ(text_of(*found), "hello");
}

TYPED_TEST(RingTest, TheSequenceIsTwiceThePositionPlusOne) {
  push(this->ring, "first");
  push(this->ring, "second");

  EXPECT_EQ(this->ring.peek(0)->sequence, 2 * before_wrap_around + 1);
  EXPECT_EQ(this->ring.peek(1)->sequence, 1u);
}

TYPED_TEST(RingTest, KeepsTheOrderRoundAndRound) {
  for (int i = 0; i < 20; ++i) {
    push(this->ring, "a" + std::to_string(i));
    push(this->ring, "b" + std::to_string(i));

    EXPECT_EQ(pop(this->ring), "a" + std::to_string(i));
    EXPECT_EQ(pop(this->ring), "b" + std::to_string(i));
  }
}

TYPED_TEST(RingTest, RefusesWhatDoesNotFitAndKeepsWhatItHas) {
  for (const auto* const text : {"1", "2", "3", "4"}) {
    EXPECT_EQ(push(this->ring, text), push_status::pushed);
  }

  EXPECT_EQ(push(this->ring, "5"), push_status::full);

  for (const auto* const text : {"1", "2", "3", "4", "nothing"}) EXPECT_EQ(pop(this->ring), text);
}

TYPED_TEST(RingTest, TakesAnotherOnceASlotIsReleased) {
  while (push(this->ring, "x") == push_status::pushed) continue;

  this->ring.release();

  EXPECT_EQ(push(this->ring, "y"), push_status::pushed);
  EXPECT_EQ(push(this->ring, "z"), push_status::full);
}

TYPED_TEST(RingTest, AMessageIsReadWhereItWasWritten) {
  const auto r = this->ring.reserve();
  r.message->payload_bytes = 0;
  EXPECT_EQ(this->ring.peek(), nullptr);

  this->ring.commit(r);

  EXPECT_EQ(this->ring.peek(), r.message);
}

TYPED_TEST(RingTest, PeeksAheadAsFarAsThereAreMessages) {
  push(this->ring, "1");
  push(this->ring, "2");

  EXPECT_EQ(text_of(*this->ring.peek(1)), "2");
  EXPECT_EQ(this->ring.peek(2), nullptr);
  EXPECT_EQ(this->ring.peek(4), nullptr);
}

TYPED_TEST(RingTest, PopsInBatches) {
  for (const auto* const text : {"1", "2", "3"}) push(this->ring, text);
  std::string seen;
  const auto append = [&](const message_header& m) { seen += text_of(m); };

  EXPECT_EQ(this->ring.pop(2, append), 2u);
  EXPECT_EQ(this->ring.pop(2, append), 1u);
  EXPECT_EQ(this->ring.pop(2, append), 0u);

  EXPECT_EQ(seen, "123");
}

TYPED_TEST(RingTest, CountsByItsPositions) {
  for (int i = 0; i < 5; ++i) push(this->ring, "x");
  pop(this->ring);

  EXPECT_EQ(this->ring.pushed(), 4u);
  EXPECT_EQ(this->ring.popped(), 1u);
  EXPECT_EQ(this->ring.size(), 3u);
}

TYPED_TEST(RingTest, ClosedRefusesAndStillGivesWhatIsIn) {
  push(this->ring, "last");
  this->ring.close();

  EXPECT_EQ(push(this->ring, "late"), push_status::closed);
  EXPECT_TRUE(this->ring.closed());
  EXPECT_FALSE(this->ring.drained());
  EXPECT_EQ(pop(this->ring), "last");
  EXPECT_TRUE(this->ring.drained());
  EXPECT_EQ(this->ring.pushed(), 1u);
}

TYPED_TEST(RingTest, AFullRingThatIsClosedSaysClosed) {
  while (push(this->ring, "x") == push_status::pushed) continue;

  this->ring.close();
  this->ring.close();

  EXPECT_EQ(push(this->ring, "y"), push_status::closed);
}

TYPED_TEST(RingTest, RoundsUpCapacityAndPayload) {
  TypeParam small{{.capacity = 5, .payload_bytes = 65}};

  EXPECT_EQ(small.capacity(), 8u);
  EXPECT_EQ(small.payload_capacity(), 192u);
}

TYPED_TEST(RingTest, OneSlotIsEnough) {
  TypeParam small{{.capacity = 1, .start = before_wrap_around}};
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(push(small, "x"), push_status::pushed);
    EXPECT_EQ(push(small, "y"), push_status::full);
    EXPECT_EQ(pop(small), "x");
  }
}

TYPED_TEST(RingTest, TakesItsSlotsFromTheGivenMemory) {
  EXPECT_THROW((TypeParam{{.memory = std::pmr::null_memory_resource()}}), std::bad_alloc);
}

TEST(MpscRingTest, AReservationHoldsUpOnlyWhatIsBehindIt) {
  mpsc_ring ring{{.capacity = 4}};
  push(ring, "before");
  const auto slow = ring.reserve();
  push(ring, "behind");

  EXPECT_EQ(pop(ring), "before");
  EXPECT_EQ(pop(ring), "nothing");
  slow.message->payload_bytes = 0;
  ring.commit(slow);
  EXPECT_EQ(pop(ring), "");
  EXPECT_EQ(pop(ring), "behind");
}

TEST(MpscRingTest, WhatWasReservedBeforeTheCloseGoesIn) {
  mpsc_ring ring{{.capacity = 4}};
  const auto r = ring.reserve();
  ring.close();
  EXPECT_FALSE(ring.drained());

  r.message->payload_bytes = 0;
  ring.commit(r);

  EXPECT_EQ(pop(ring), "");
  EXPECT_TRUE(ring.drained());
}

TEST(SpscRingTest, AReservationThatIsDroppedNeverWas) {
  spsc_ring ring{{.capacity = 4}};
  EXPECT_TRUE(ring.reserve());

  push(ring, "x");

  EXPECT_EQ(pop(ring), "x");
  EXPECT_EQ(ring.pushed(), 1u);
}

TEST(RingLayoutTest, EachSideWritesLinesOfItsOwn) {
  EXPECT_EQ(sizeof(spsc_ring), 3 * line_bytes);
  EXPECT_EQ(alignof(spsc_ring), line_bytes);
}

}  // namespace
}  // namespace kernd
