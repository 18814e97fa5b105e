#include "kernd/deadline_list.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <new>
#include <vector>

namespace kernd {
namespace {

using namespace std::chrono_literals;

class recorded final : public deadline {
 public:
  explicit recorded(std::function<void()> then) : then_{std::move(then)} {}

 private:
  void expired() override { then_(); }

  std::function<void()> then_;
};

struct DeadlineListTest : ::testing::Test {
  boost::asio::io_context io{1};
  deadline_list& list = deadline_list::of(io);
  std::vector<int> fired;
  deadline::clock::time_point start = deadline::clock::now();

  auto record(int number) {
    return [this, number] { fired.push_back(number); };
  }
};

TEST_F(DeadlineListTest, FiresInTheOrderOfTime) {
  recorded late{record(2)};
  recorded early{record(1)};
  list.arm(late, start + 4ms);
  list.arm(early, start + 2ms);

  io.run();

  EXPECT_EQ(fired, (std::vector{1, 2}));
  EXPECT_GE(deadline::clock::now() - start, 4ms);
}

TEST_F(DeadlineListTest, FiresOneThatIsAlreadyPast) {
  recorded past{record(1)};
  list.arm(past, start - 1s);

  io.run();

  EXPECT_EQ(fired, std::vector{1});
  EXPECT_FALSE(past.armed());
}

TEST_F(DeadlineListTest, NeverFiresACancelledOne) {
  recorded cancelled{record(1)};
  recorded other{record(2)};
  list.arm(cancelled, start + 1ms);
  list.arm(other, start + 2ms);

  cancelled.cancel();
  io.run();

  EXPECT_EQ(fired, std::vector{2});
}

TEST_F(DeadlineListTest, CancelsADestroyedOne) {
  auto gone = std::make_unique<recorded>(record(1));
  list.arm(*gone, start + 1ms);

  gone.reset();
  io.run();

  EXPECT_TRUE(fired.empty());
}

TEST_F(DeadlineListTest, MovesOneToALaterTime) {
  recorded moved{record(1)};
  recorded between{record(2)};
  list.arm(moved, start + 1ms);
  list.arm(between, start + 3ms);

  list.arm(moved, start + 6ms);
  io.run();

  EXPECT_EQ(fired, (std::vector{2, 1}));
  EXPECT_GE(deadline::clock::now() - start, 6ms);
}

TEST_F(DeadlineListTest, MovesOneToAnEarlierTime) {
  recorded moved{record(1)};
  recorded between{record(2)};
  list.arm(moved, start + 1h);
  list.arm(between, start + 2ms);

  list.arm(moved, start + 1ms);
  io.run();

  EXPECT_EQ(fired, (std::vector{1, 2}));
}

TEST_F(DeadlineListTest, MayBeArmedAgainWhenItFires) {
  std::unique_ptr<recorded> again;
  again = std::make_unique<recorded>([&] {
    fired.push_back(1);
    if (fired.size() < 3) list.arm(*again, 1ms);
  });
  list.arm(*again, 1ms);

  io.run();

  EXPECT_EQ(fired, (std::vector{1, 1, 1}));
}

TEST_F(DeadlineListTest, MayDestroyAnotherDueOneWhenItFires) {
  auto victim = std::make_unique<recorded>(record(2));
  recorded first{[&] { victim.reset(); }};
  list.arm(first, start - 2s);
  list.arm(*victim, start - 1s);

  io.run();

  EXPECT_TRUE(fired.empty());
}

TEST_F(DeadlineListTest, GoesOnAfterOneThatThrew) {
  recorded bad{[] { throw std::bad_alloc{}; }};
  recorded next{record(2)};
  recorded later{record(3)};
  list.arm(bad, start - 2s);
  list.arm(next, start - 1s);
  EXPECT_THROW(io.run(), std::bad_alloc);

  io.restart();
  list.resume();
  list.arm(later, start);
  io.run();

  EXPECT_EQ(fired, (std::vector{2, 3}));
}

TEST(DeadlineListShutdownTest, LetsADeadlineOutliveTheLoop) {
  bool fired = false;
  recorded survivor{[&] { fired = true; }};
  {
    boost::asio::io_context io{1};
    deadline_list::of(io).arm(survivor, 1h);
  }

  EXPECT_FALSE(survivor.armed());
  EXPECT_FALSE(fired);
}

}  // namespace
}  // namespace kernd
