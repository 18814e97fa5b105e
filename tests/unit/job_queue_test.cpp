#include "src/job_queue.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <deque>

namespace kernd {
namespace {

using namespace std::chrono_literals;
using admission = job_queue::admission;

struct JobQueueTest : ::testing::Test {
  using clock = job_queue_entry::clock;

  const clock::time_point start{1h};
  std::deque<job_queue_entry> entries;
  job_queue queue{2, {.total = 4, .per_kernel = 3, .ageing = 100ms}};

  ~JobQueueTest() override {
    while (queue.pop() != nullptr) {
    }
  }

  job_queue_entry& entry(std::size_t kernel = 0) { return entries.emplace_back(kernel); }
  job_queue_entry& push(int priority, std::chrono::milliseconds at, std::size_t kernel = 0) {
    auto& e = entry(kernel);
    EXPECT_EQ(queue.push(e, priority, start + at), admission::accepted);
    return e;
  }
  /// One that joins batches and is held until `until`.
  job_queue_entry& push_to_join(int priority, std::chrono::milliseconds at, std::size_t kernel = 0,
                                std::chrono::milliseconds until = 0ms) {
    auto& e = entry(kernel);
    e.join_batches(start + until);
    EXPECT_EQ(queue.push(e, priority, start + at), admission::accepted);
    return e;
  }
};

TEST_F(JobQueueTest, IsEmptyAtFirst) {
  EXPECT_EQ(queue.pop(), nullptr);
}

TEST_F(JobQueueTest, KeepsTheOrderOfArrivalInsideAPriority) {
  auto& first = push(5, 0ms);
  auto& second = push(5, 1ms);
  auto& third = push(5, 2ms);

  EXPECT_EQ(queue.pop(), &first);
  EXPECT_EQ(queue.pop(), &second);
  EXPECT_EQ(queue.pop(), &third);
}

TEST_F(JobQueueTest, KeepsTheOrderOfArrivalAtTheSameInstant) {
  auto& first = push(5, 0ms);
  auto& second = push(5, 0ms);

  EXPECT_EQ(queue.pop(), &first);
  EXPECT_EQ(queue.pop(), &second);
}

TEST_F(JobQueueTest, TakesTheHigherPriorityFirst) {
  auto& low = push(0, 0ms);
  auto& high = push(10, 1ms);

  EXPECT_EQ(queue.pop(), &high);
  EXPECT_EQ(queue.pop(), &low);
}

TEST_F(JobQueueTest, AgeingLetsALowPriorityOvertakeAStreamOfHighOnes) {
  auto& low = push(0, 0ms);

  push(10, 999ms);
  EXPECT_NE(queue.pop(), &low);
  push(10, 1001ms);
  EXPECT_EQ(queue.pop(), &low);
}

TEST_F(JobQueueTest, OneStepOfPriorityIsWorthOneAgeing) {
  auto& low = push(4, 0ms);
  auto& high = push(5, 100ms);

  EXPECT_EQ(queue.pop(), &low);  // equal by now, and it came first
  EXPECT_EQ(queue.pop(), &high);
}

TEST_F(JobQueueTest, KernelsTakeTurnsByTheTimeTheyHad) {
  auto& slow = push(5, 0ms, 0);
  auto& slower = push(5, 1ms, 0);
  EXPECT_EQ(queue.pop(), &slow);
  auto& quick = push(5, 2ms, 1);

  queue.charge(0, 1s);

  EXPECT_EQ(queue.pop(), &quick);
  EXPECT_EQ(queue.pop(), &slower);
}

TEST_F(JobQueueTest, AKernelGetsNothingForTheTimeItWasIdle) {
  for (int i = 0; i < 3; ++i) {  // kernel 0 has three seconds while kernel 1 is idle
    push(5, 0ms, 0);
    queue.pop();
    queue.charge(0, 1s);
  }
  auto& waiting = push(5, 0ms, 0);
  auto& quick = push(5, 1ms, 1);
  auto& last = push(5, 2ms, 1);

  EXPECT_EQ(queue.pop(), &quick);
  queue.charge(1, 1500ms);
  EXPECT_EQ(queue.pop(), &waiting);
  EXPECT_EQ(queue.pop(), &last);
}

TEST_F(JobQueueTest, AKernelThatCameLateIsNotBehindOneThatItsPriorityTookAhead) {
  job_queue three{3, {.total = 10, .per_kernel = 10, .ageing = 100ms}};
  auto& waiting = entry(0);
  auto& urgent = entry(1);
  auto& late = entry(2);
  three.push(waiting, 5, start);
  for (int i = 0; i < 4; ++i) {  // 400 ms, which five steps of priority allow
    three.push(urgent, 10, start);
    EXPECT_EQ(three.pop(), &urgent);
    three.charge(1, 100ms);
  }

  three.push(late, 5, start + 1ms);

  EXPECT_EQ(three.pop(), &waiting);
  three.charge(0, 10ms);
  three.push(waiting, 5, start + 2ms);
  EXPECT_EQ(three.pop(), &late);
  EXPECT_EQ(three.pop(), &waiting);
}

TEST_F(JobQueueTest, AStepOfPriorityIsWorthOneAgeingOfAnotherKernelsTime) {
  push(5, 0ms, 0);
  auto& urgent = push(6, 1ms, 0);
  auto& other = push(5, 2ms, 1);
  EXPECT_EQ(queue.pop(), &urgent);

  queue.charge(0, 101ms);
  auto& urgent_again = push(6, 3ms, 0);

  EXPECT_EQ(queue.pop(), &other);
  EXPECT_EQ(queue.pop(), &urgent_again);
}

TEST_F(JobQueueTest, ThoseThatJoinAreTakenInTheOrderOfTheirKernel) {
  push_to_join(5, 0ms);
  auto& second = push_to_join(5, 1ms);
  auto& urgent = push_to_join(9, 2ms);

  ASSERT_EQ(queue.pop(), &urgent);
  queue.pop_to_join(0);
  EXPECT_EQ(queue.pop_to_join(0), &second);
  EXPECT_EQ(queue.pop_to_join(0), nullptr);
}

TEST_F(JobQueueTest, OneThatDoesNotJoinIsNotOvertaken) {
  push_to_join(5, 0ms);
  auto& alone = push(5, 1ms);
  push_to_join(5, 2ms);
  queue.pop();

  EXPECT_EQ(queue.pop_to_join(0), nullptr);

  EXPECT_EQ(queue.pop(), &alone);
}

TEST_F(JobQueueTest, OnlyThoseOfTheSameKernelJoin) {
  push_to_join(5, 0ms, 0);
  push_to_join(5, 1ms, 1);
  queue.pop();

  EXPECT_EQ(queue.pop_to_join(0), nullptr);
  EXPECT_EQ(queue.size_of(1), 1u);
}

TEST_F(JobQueueTest, ABatchIsOneTurn) {
  push_to_join(5, 0ms, 0);
  push_to_join(5, 1ms, 0);
  auto& next = push_to_join(5, 2ms, 0);
  auto& other = push(5, 3ms, 1);

  queue.pop();
  queue.pop_to_join(0);
  queue.charge(0, 1ms);

  EXPECT_EQ(queue.pop(), &other);
  EXPECT_EQ(queue.pop(), &next);
}

TEST_F(JobQueueTest, NothingIsHeldWhenNothingWaits) {
  EXPECT_FALSE(queue.held());
}

TEST_F(JobQueueTest, WhatJoinsIsHeldUntilTheMostHurriedHasWaited) {
  push_to_join(5, 0ms, 1, 9ms);
  push_to_join(5, 1ms, 1, 4ms);

  const auto held = queue.held();

  ASSERT_TRUE(held);
  EXPECT_EQ(held->kernel, 1u);
  EXPECT_EQ(held->count, 2u);
  EXPECT_EQ(held->until, start + 4ms);
}

TEST_F(JobQueueTest, NothingIsHeldBesideAnotherKernel) {
  push_to_join(5, 0ms, 0, 9ms);
  push_to_join(5, 1ms, 1, 9ms);

  EXPECT_FALSE(queue.held());
}

TEST_F(JobQueueTest, NothingIsHeldBehindOneThatDoesNotJoin) {
  push_to_join(5, 0ms, 0, 9ms);
  push(5, 1ms, 0);

  EXPECT_FALSE(queue.held());
}

TEST_F(JobQueueTest, AKernelThatHadNoJobForgetsTheHurryOfItsLast) {
  push_to_join(5, 0ms, 0, 4ms);
  queue.pop();
  push_to_join(5, 1ms, 0, 9ms);

  const auto held = queue.held();

  ASSERT_TRUE(held);
  EXPECT_EQ(held->until, start + 9ms);
}

TEST_F(JobQueueTest, RefusesBeyondTheDepthOfAKernel) {
  push(5, 0ms);
  push(5, 0ms);
  push(5, 0ms);

  EXPECT_EQ(queue.push(entry(), 10, start), admission::kernel_full);
  EXPECT_EQ(queue.size(), 3u);
}

TEST_F(JobQueueTest, AFullKernelLeavesRoomForOthers) {
  for (int i = 0; i < 3; ++i) push(5, 0ms, 0);

  EXPECT_EQ(queue.push(entry(1), 5, start), admission::accepted);
}

TEST_F(JobQueueTest, RefusesBeyondTheTotalDepth) {
  for (int i = 0; i < 2; ++i) push(5, 0ms, 0);
  for (int i = 0; i < 2; ++i) push(5, 0ms, 1);

  EXPECT_EQ(queue.push(entry(1), 10, start), admission::total_full);
}

TEST_F(JobQueueTest, ARemovedEntryFreesItsPlace) {
  auto& first = push(5, 0ms);
  auto& second = push(5, 0ms);
  auto& third = push(5, 0ms);

  queue.remove(second);

  EXPECT_EQ(queue.push(second, 5, start + 1ms), admission::accepted);
  EXPECT_EQ(queue.pop(), &first);
  EXPECT_EQ(queue.pop(), &third);
  EXPECT_EQ(queue.pop(), &second);
}

TEST_F(JobQueueTest, ATakenEntryFreesItsPlace) {
  for (int i = 0; i < 3; ++i) push(5, 0ms);

  queue.pop();

  EXPECT_EQ(queue.push(entry(), 5, start), admission::accepted);
}

TEST_F(JobQueueTest, NewLimitsHoldForWhatComesNext) {
  push(5, 0ms);
  push(5, 0ms);

  queue.set_limits({.total = 4, .per_kernel = 2, .ageing = 100ms});

  EXPECT_EQ(queue.push(entry(), 5, start), admission::kernel_full);
  EXPECT_EQ(queue.size(), 2u);
}

}  // namespace
}  // namespace kernd
