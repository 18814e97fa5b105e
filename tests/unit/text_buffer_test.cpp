#include "kernd/text_buffer.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <utility>

namespace kernd {
namespace {

TEST(TextBufferTest, StartsEmptyWithoutMemory) {
  const text_buffer buffer;

  EXPECT_TRUE(buffer.empty());
  EXPECT_EQ(buffer.capacity(), 0u);
  EXPECT_EQ(buffer.view(), "");
}

TEST(TextBufferTest, HoldsWhatWasAppended) {
  text_buffer buffer{"abc"};
  buffer.push_back('d');
  buffer.append("");
  buffer.append("ef");

  EXPECT_EQ(buffer.view(), "abcdef");
}

TEST(TextBufferTest, KeepsItsTextWhileItGrows) {
  text_buffer buffer;
  std::string expected;
  for (int i = 0; i < 20'000; ++i) {
    const std::string piece = std::to_string(i);
    buffer.append(piece);
    expected += piece;
    ASSERT_GE(buffer.capacity(), buffer.size() + text_buffer::padding);
  }
  EXPECT_EQ(buffer.view(), expected);
}

TEST(TextBufferTest, HasWritablePaddingBehindItsText) {
  for (const std::size_t size : {1u, 63u, 64u, 65u, 4096u}) {
    text_buffer buffer{std::string(size, 'x')};
    std::memset(buffer.data() + buffer.size(), 0, text_buffer::padding);
    EXPECT_GE(buffer.capacity(), size + text_buffer::padding);
  }
}

TEST(TextBufferTest, ReservesOnce) {
  text_buffer buffer;
  buffer.reserve(1000);
  const char* const place = buffer.data();
  buffer.append(std::string(1000, 'x'));

  EXPECT_EQ(buffer.data(), place);
  EXPECT_EQ(buffer.capacity(), 1000 + text_buffer::padding);
}

TEST(TextBufferTest, ReservesNoMoreThanItIsAskedFor) {
  text_buffer buffer{std::string(1000, 'x')};
  buffer.reserve(1100);

  EXPECT_EQ(buffer.capacity(), 1100 + text_buffer::padding);
  EXPECT_EQ(buffer.view(), std::string(1000, 'x'));
}

TEST(TextBufferTest, TakesBytesThatWerePrepared) {
  text_buffer buffer{"a"};
  std::memcpy(buffer.prepare(3), "bcd", 3);
  buffer.commit(2);

  EXPECT_EQ(buffer.view(), "abc");
}

TEST(TextBufferTest, KeepsItsMemoryWhenCleared) {
  text_buffer buffer{"abcdef"};
  const auto capacity = buffer.capacity();
  buffer.truncate(2);
  EXPECT_EQ(buffer.view(), "ab");
  buffer.clear();

  EXPECT_TRUE(buffer.empty());
  EXPECT_EQ(buffer.capacity(), capacity);
}

TEST(TextBufferTest, LeavesNothingBehindWhenMoved) {
  text_buffer from{"abc"};
  text_buffer to{std::move(from)};
  EXPECT_EQ(to.view(), "abc");
  EXPECT_EQ(from.view(), "");  // NOLINT(bugprone-use-after-move): that is the promise
  EXPECT_EQ(from.capacity(), 0u);

  from.append("again");
  to = std::move(from);
  EXPECT_EQ(to.view(), "again");
  EXPECT_TRUE(from.empty());
}

}  // namespace
}  // namespace kernd
