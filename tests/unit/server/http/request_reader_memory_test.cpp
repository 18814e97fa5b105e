// What a body takes of the budget for all bodies while it arrives.

#include "request_reader_fixture.hpp"

#include <string>

namespace kernd::http {
namespace {

using progress = request_reader::progress;

constexpr std::size_t kib = 1024;

std::string head_of(std::size_t length) {
  return "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(length) + "\r\n\r\n";
}
constexpr const char* chunked_head =
    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
std::string chunk_of(std::size_t size) {
  return "1000\r\n" + std::string(size - 8, 'c') + "\r\n";
}

struct RequestReaderMemoryTest : RequestReaderTest {
  /// The room of the body follows its share of the budget.
  void expect_share(std::size_t bytes) const {
    EXPECT_EQ(budget.used(), bytes);
    EXPECT_EQ(req.body.capacity(), bytes + text_buffer::padding);
  }
};

TEST_F(RequestReaderMemoryTest, ALengthThatIsOnlyDeclaredTakesTheFirstStep) {
  ASSERT_EQ(feed(head_of(64 << 20)), progress::more);

  expect_share(16 * kib);
}

TEST_F(RequestReaderMemoryTest, ASmallBodyTakesItsLength) {
  ASSERT_EQ(feed(head_of(100)), progress::more);

  expect_share(100);
}

TEST_F(RequestReaderMemoryTest, ABodyTakesAtMostTwiceWhatHasArrived) {
  ASSERT_EQ(feed(head_of(1 << 20)), progress::more);

  for (std::size_t step = 16 * kib; step < 1 << 20; step *= 2) {
    ASSERT_EQ(feed(std::string(step - req.body.size() - 1, 'a')), progress::more);
    expect_share(step);
    ASSERT_EQ(feed("a"), progress::more);
    expect_share(2 * step);
  }
}

TEST_F(RequestReaderMemoryTest, TheLastStepIsTheRestOfTheBody) {
  ASSERT_EQ(feed(head_of(40 * kib) + std::string(39 * kib, 'a')), progress::more);

  expect_share(40 * kib);
}

TEST_F(RequestReaderMemoryTest, BytesThatCameWithTheHeadAreCounted) {
  const std::string text = head_of(100 * kib) + std::string(3000, 'a');
  ASSERT_EQ(feed(text), progress::more);

  EXPECT_EQ(req.body.size(), 3000u);
  expect_share(16 * kib);
}

TEST_F(RequestReaderMemoryTest, ChunksTakeAtMostTwiceWhatHasArrived) {
  ASSERT_EQ(feed(chunked_head), progress::more);
  expect_share(16 * kib);

  for (int i = 0; i < 3; ++i) ASSERT_EQ(feed(chunk_of(4 * kib + 8)), progress::more);

  expect_share(16 * kib);
  ASSERT_EQ(feed(chunk_of(4 * kib + 8)), progress::more);
  expect_share(32 * kib);
}

TEST_F(RequestReaderMemoryTest, ChunksTakeNoMoreThanTheLimitOfABody) {
  limits.max_body_bytes = 20 * kib;
  ASSERT_EQ(feed(chunked_head), progress::more);

  for (int i = 0; i < 5; ++i) ASSERT_EQ(feed(chunk_of(4 * kib + 8)), progress::more);

  expect_share(20 * kib);
}

TEST_F(RequestReaderMemoryTest, ABodyBeyondTheBudgetIsRefusedBeforeItIsRead) {
  budget.set_limit(99);

  EXPECT_EQ(refused(head_of(100)), errc::memory_exhausted);
  EXPECT_EQ(reader.refusal().message, "no memory for the body: all bodies together have 99 bytes");
  EXPECT_EQ(budget.used(), 0u);
}

TEST_F(RequestReaderMemoryTest, ABodyIsRefusedWhereTheBudgetEnds) {
  budget.set_limit(40 * kib);
  ASSERT_EQ(feed(head_of(100 * kib) + std::string(32 * kib - 1, 'a')), progress::more);

  EXPECT_EQ(refused("a"), errc::memory_exhausted);
}

TEST_F(RequestReaderMemoryTest, ABodyThatFillsTheBudgetIsTaken) {
  budget.set_limit(40 * kib);

  EXPECT_EQ(feed(head_of(40 * kib) + std::string(40 * kib, 'a')), progress::whole);
  expect_share(40 * kib);
}

TEST_F(RequestReaderMemoryTest, ChunksBeyondTheBudgetAreRefusedBeforeTheyAreRead) {
  budget.set_limit(10);

  EXPECT_EQ(refused(chunked_head), errc::memory_exhausted);
}

TEST_F(RequestReaderMemoryTest, ChunksAreRefusedWhereTheBudgetEnds) {
  budget.set_limit(20 * kib);
  ASSERT_EQ(feed(chunked_head), progress::more);
  for (int i = 0; i < 3; ++i) ASSERT_EQ(feed(chunk_of(4 * kib + 8)), progress::more);

  EXPECT_EQ(refused(chunk_of(4 * kib + 8)), errc::memory_exhausted);
}

TEST_F(RequestReaderMemoryTest, ARequestThatEndsGivesItsShareBack) {
  ASSERT_EQ(feed(head_of(100) + std::string(100, 'a')), progress::whole);

  req.reset();

  EXPECT_EQ(budget.used(), 0u);
}

TEST_F(RequestReaderMemoryTest, TheNextBodyStartsAnew) {
  ASSERT_EQ(feed(head_of(100 * kib) + std::string(100 * kib, 'a')), progress::whole);
  req.reset();
  reader.next();

  ASSERT_EQ(feed(head_of(100 * kib)), progress::more);

  expect_share(16 * kib);
}

}  // namespace
}  // namespace kernd::http
