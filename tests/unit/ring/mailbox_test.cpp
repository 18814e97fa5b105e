// Which message is next, and when slots come back.

#include "src/ring/mailbox.hpp"

#include "tests/support/random_words.hpp"

#include <gtest/gtest.h>

#include <array>
#include <deque>
#include <optional>
#include <vector>

namespace kernd {
namespace {

using enum message_priority;

bool put(mailbox& m, std::uint64_t id, message_priority p = normal) {
  const auto r = m.reserve();
  if (!r) return false;
  message_header h{};
  h.message_id = id;
  h.priority = static_cast<std::uint8_t>(p);
  copy_fields(h, *r.message);
  m.commit(r);
  return true;
}
std::optional<std::uint64_t> take(mailbox& m) {
  const message_header* const next = m.next();
  if (!next) return std::nullopt;
  const auto id = next->message_id;
  m.done();
  return id;
}

TEST(MailboxTest, EqualsComeInOrder) {
  mailbox m{4, 64, normal};
  for (std::uint64_t i = 1; i <= 4; ++i) EXPECT_TRUE(put(m, i));
  EXPECT_FALSE(put(m, 5));

  for (std::uint64_t i = 1; i <= 4; ++i) EXPECT_EQ(take(m), i);
  EXPECT_EQ(take(m), std::nullopt);
}

TEST(MailboxTest, TheHighestComesFirst) {
  mailbox m{8, 64, normal};
  put(m, 1, low);
  put(m, 2, critical);
  put(m, 3, high);
  put(m, 4, critical);

  EXPECT_EQ(take(m), 2u);
  EXPECT_EQ(take(m), 4u);
  EXPECT_EQ(take(m), 3u);
  EXPECT_EQ(take(m), 1u);
  EXPECT_EQ(take(m), std::nullopt);
}

TEST(MailboxTest, AMessageWhosePriorityIsUsualIsNoExceptionWhateverItIs) {
  mailbox m{8, 64, critical};
  put(m, 1, critical);
  put(m, 2, low);
  put(m, 3, critical);

  EXPECT_EQ(take(m), 1u);
  EXPECT_EQ(take(m), 3u);
  EXPECT_EQ(take(m), 2u);
}

TEST(MailboxTest, AMessageIsOvertakenByHalfTheMailboxAtMost) {
  mailbox m{8, 64, normal};
  put(m, 100, low);
  std::uint64_t next = 0;
  int overtaken = 0;
  for (int i = 0; i < 7; ++i) put(m, next++, high);
  while (take(m) != 100u) {
    ++overtaken;
    put(m, next++, high);
  }

  EXPECT_EQ(overtaken, 4);
}

TEST(MailboxTest, ALowOneDoesNotKeepTheMailboxFull) {
  mailbox m{4, 64, normal};
  put(m, 100, low);
  std::uint64_t sent = 0;
  std::uint64_t taken = 0;
  for (int round = 0; round < 1000; ++round) {
    sent += put(m, 1, high);
    sent += put(m, 1, high);
    taken += take(m).has_value();
    taken += take(m).has_value();
  }

  EXPECT_GE(sent, 1900u);
  EXPECT_GE(taken, sent - 4);
}

TEST(MailboxTest, CountsWhatIsLeft) {
  mailbox m{8, 64, normal};
  put(m, 1, low);
  put(m, 2, high);
  EXPECT_EQ(m.depth(), 2u);
  take(m);
  EXPECT_EQ(m.depth(), 1u);
  take(m);
  EXPECT_EQ(m.depth(), 0u);
  EXPECT_EQ(m.pushed(), 2u);
}

TEST(MailboxTest, IsDrainedWhenItIsClosedAndEmpty) {
  mailbox m{8, 64, normal};
  put(m, 1);
  put(m, 2, high);
  m.close();

  EXPECT_FALSE(put(m, 3));
  EXPECT_FALSE(m.drained());
  take(m);
  take(m);
  EXPECT_TRUE(m.drained());
}

/// The least that can be: four queues, and how often the oldest has been overtaken.
class model {
 public:
  explicit model(std::size_t capacity) : capacity_{capacity} {}

  void put(std::uint64_t id, message_priority p) { waiting_.push_back({id, p, false}); }
  bool is_full() const { return waiting_.size() == capacity_; }
  std::optional<std::uint64_t> take() {
    std::size_t best = waiting_.size();
    std::size_t done = 0;
    for (std::size_t i = 0; i < waiting_.size(); ++i) {
      done += waiting_[i].is_done;
      if (waiting_[i].is_done) continue;
      if (best == waiting_.size() || waiting_[i].priority > waiting_[best].priority) best = i;
    }
    if (best == waiting_.size()) return std::nullopt;
    if (done >= capacity_ / 2) best = 0;
    waiting_[best].is_done = true;
    const auto id = waiting_[best].id;
    while (!waiting_.empty() && waiting_.front().is_done) waiting_.pop_front();
    return id;
  }

 private:
  struct message {
    std::uint64_t id;
    message_priority priority;
    bool is_done;
  };
  std::size_t capacity_;
  std::deque<message> waiting_;
};

TEST(MailboxTest, RandomPrioritiesComeAsInASimpleModel) {
  test::random_words words;
  for (const std::size_t capacity : {2u, 4u, 16u, 64u}) {
    mailbox m{capacity, 64, normal};
    model simple{capacity};
    for (std::uint64_t i = 0; i < 20'000; ++i) {
      // Stretches of equals, so that it goes back to the simple way again and again.
      const bool is_mixed = words() % 4096 < 2048 && i / 500 % 2 == 0;
      const auto p = is_mixed ? static_cast<message_priority>(words() % 4) : normal;
      // What has been handled may come back late, when there is nothing else to do.
      if (words() % 2 == 0 && !simple.is_full() && put(m, i, p)) simple.put(i, p);
      if (words() % 2 == 0) {
        ASSERT_EQ(take(m), simple.take()) << "capacity " << capacity << ", step " << i;
        m.flush();
      }
    }
  }
}

}  // namespace
}  // namespace kernd
