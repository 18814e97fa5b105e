#include "kernd/ring/dead_letters.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace kernd {
namespace {

dead_letter letter_to(std::string id) {
  dead_letter letter;
  letter.actor_id = std::move(id);
  return letter;
}
std::vector<std::uint64_t> ids(const dead_letter_queue& q, std::uint64_t after, std::size_t max) {
  std::vector<std::uint64_t> found;
  for (const auto& letter : q.list(after, max)) found.push_back(letter.id);
  return found;
}

TEST(DeadLettersTest, AreListedInOrder) {
  dead_letter_queue q{10};
  for (int i = 0; i < 5; ++i) q.add(letter_to("a"));

  EXPECT_EQ(ids(q, 0, 10), (std::vector<std::uint64_t>{1, 2, 3, 4, 5}));
  EXPECT_EQ(ids(q, 2, 2), (std::vector<std::uint64_t>{3, 4}));
  EXPECT_EQ(ids(q, 5, 2), std::vector<std::uint64_t>{});
  EXPECT_EQ(ids(q, ~0ull, 2), std::vector<std::uint64_t>{});
}

TEST(DeadLettersTest, TheOldestMakesRoom) {
  dead_letter_queue q{2};
  for (int i = 0; i < 5; ++i) q.add(letter_to("a"));

  EXPECT_EQ(ids(q, 0, 10), (std::vector<std::uint64_t>{4, 5}));
  EXPECT_EQ(q.size(), 2u);
  EXPECT_EQ(q.added(), 5u);
  EXPECT_EQ(q.dropped(), 3u);
}

TEST(DeadLettersTest, OneIsTakenOnce) {
  dead_letter_queue q{10};
  for (int i = 0; i < 3; ++i) q.add(letter_to("a"));

  EXPECT_EQ(q.take(2)->id, 2u);
  EXPECT_FALSE(q.take(2));
  EXPECT_FALSE(q.take(0));
  EXPECT_FALSE(q.take(4));
  EXPECT_EQ(ids(q, 0, 10), (std::vector<std::uint64_t>{1, 3}));
}

TEST(DeadLettersTest, OneThatIsPutBackHasItsPlace) {
  dead_letter_queue q{10};
  for (int i = 0; i < 3; ++i) q.add(letter_to("a"));

  q.put_back(*q.take(2));

  EXPECT_EQ(ids(q, 0, 10), (std::vector<std::uint64_t>{1, 2, 3}));
  EXPECT_EQ(q.added(), 3u);
}

TEST(DeadLettersTest, OneThatIsPutBackIntoAFullQueueMayBeTheOldest) {
  dead_letter_queue q{2};
  q.add(letter_to("a"));
  q.add(letter_to("b"));
  auto first = q.take(1);
  q.add(letter_to("c"));

  q.put_back(std::move(*first));

  EXPECT_EQ(ids(q, 0, 10), (std::vector<std::uint64_t>{2, 3}));
  EXPECT_EQ(q.dropped(), 1u);
}

}  // namespace
}  // namespace kernd
