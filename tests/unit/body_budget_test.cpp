#include "kernd/body_budget.hpp"

#include <gtest/gtest.h>

namespace kernd {
namespace {

TEST(BodyBudgetTest, LeasesUpToItsLimit) {
  body_budget budget{100};
  body_budget::lease first;
  body_budget::lease second;

  EXPECT_TRUE(budget.raise(first, 60));
  EXPECT_FALSE(budget.raise(second, 41));
  EXPECT_TRUE(budget.raise(second, 40));
  EXPECT_EQ(budget.used(), 100u);
}

TEST(BodyBudgetTest, RefusesMoreThanThereIsAtAll) {
  body_budget budget{100};
  body_budget::lease lease;

  EXPECT_FALSE(budget.raise(lease, SIZE_MAX));
  EXPECT_EQ(budget.used(), 0u);
}

TEST(BodyBudgetTest, RaisesALeaseByTheDifference) {
  body_budget budget{100};
  body_budget::lease lease;
  ASSERT_TRUE(budget.raise(lease, 60));

  EXPECT_TRUE(budget.raise(lease, 100));
  EXPECT_FALSE(budget.raise(lease, 101));
  EXPECT_EQ(lease.bytes(), 100u);
  EXPECT_EQ(budget.used(), 100u);
}

TEST(BodyBudgetTest, TakesALeaseBackWhenItEnds) {
  body_budget budget{100};
  {
    body_budget::lease lease;
    ASSERT_TRUE(budget.raise(lease, 60));
  }

  EXPECT_EQ(budget.used(), 0u);
}

TEST(BodyBudgetTest, MovesALeaseWithItsBytes) {
  body_budget budget{100};
  body_budget::lease job;
  {
    body_budget::lease request;
    ASSERT_TRUE(budget.raise(request, 60));
    ASSERT_TRUE(budget.raise(job, 30));
    job = std::move(request);
  }

  EXPECT_EQ(job.bytes(), 60u);
  EXPECT_EQ(budget.used(), 60u);
}

TEST(BodyBudgetTest, LeavesLeasesAloneWhenItShrinks) {
  body_budget budget{100};
  body_budget::lease lease;
  ASSERT_TRUE(budget.raise(lease, 60));

  budget.set_limit(10);

  EXPECT_FALSE(budget.raise(lease, 61));
  lease.release();
  EXPECT_TRUE(budget.raise(lease, 10));
}

}  // namespace
}  // namespace kernd
