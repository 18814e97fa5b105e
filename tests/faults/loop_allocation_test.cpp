// Memory that runs out on the loop of an execution's caller, at each allocation in turn.

#include "kernd/deadline_list.hpp"
#include "tests/faults/allocation_fault.hpp"
#include "tests/unit/executor_fixture.hpp"

#include <gtest/gtest.h>
#include <pthread.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <stop_token>

namespace kernd {
namespace {

using namespace std::chrono_literals;
using test::allocation_fault;
using test::body_of;
using test::gated_body;
using test::within;

struct LoopAllocationTest : test::executor_fixture {
  executor jobs{registry, options, limits};

  LoopAllocationTest() { pthread_setname_np(pthread_self(), "test-loop"); }

  /// Runs what is ready, as a server's loop does: what is thrown there ends one operation.
  void turn(bool wait) {
    io.restart();
    try {
      wait ? io.run_one() : io.poll();
    } catch (const std::bad_alloc&) {
      deadline_list::of(io).resume();
    }
  }

  struct waiting_caller {
    std::shared_ptr<std::optional<result<job_output>>> seen;
    /// Whether nothing will come any more: it is there, or the caller's frame is gone.
    bool has_ended() const { return seen->has_value() || seen.use_count() == 1; }
  };

  /// Starts a caller while allocations fail on this thread from `first` on. True when one did.
  bool start(std::int64_t first, std::string_view id, text_buffer body, execution_context context,
             waiting_caller& caller) {
    caller.seen = std::make_shared<std::optional<result<job_output>>>();
    job_request request = request_of(std::move(body));
    const kernel_entry& wanted = entry(id);
    const allocation_fault fault{"test-loop", first, allocation_fault::extent::once};
    try {
      boost::asio::co_spawn(
          io, jobs.run(wanted, std::move(request), std::move(context)),
          [into = caller.seen](std::exception_ptr failure, result<job_output> output) {
            if (failure) output = error{errc::memory_exhausted, ""};
            *into = std::move(output);
          });
    } catch (const std::bad_alloc&) {
    }
    turn(false);
    return fault.struck();
  }

  void finish(const waiting_caller& caller) {
    while (!caller.has_ended()) turn(true);
    wait_idle(jobs);
    turn(false);
    EXPECT_EQ(jobs.in_flight(), 0u);
    EXPECT_EQ(bodies.used(), 0u);
    EXPECT_TRUE(settle(begin(jobs, "core/test-adding", body_of("{}"))));
  }
};

TEST_F(LoopAllocationTest, ACallerThatCannotWaitHasNoJob) {
  bool struck = true;
  std::uint64_t executions = 0;
  for (std::int64_t first = 0; struck; ++first) {
    waiting_caller caller;
    struck = start(first, "core/test-adding", body_of("{}"), within(1min), caller);
    finish(caller);
    const auto total = jobs.metrics().totals(entry("core/test-adding").index)[job_outcome::success];
    // The one that `finish` runs, and that of the caller if it was told.
    EXPECT_EQ(total - executions, caller.seen->has_value() && **caller.seen ? 2u : 1u) << first;
    executions = total;
  }
}

TEST_F(LoopAllocationTest, ADeadlineNeedsNoMemoryUntilTheJobIsGivenUp) {
  bool struck = true;
  for (std::int64_t first = 0; struck; ++first) {
    const auto running = block(jobs);
    waiting_caller caller;
    start(1 << 20, "core/test-adding", body_of("{}"), within(1ms), caller);
    {
      const allocation_fault fault{"test-loop", first, allocation_fault::extent::once};
      while (jobs.queued() != 0) turn(true);
      struck = fault.struck();
    }
    EXPECT_EQ(jobs.queued(), 0u);
    where.open();
    settle(running);
    finish(caller);
  }
}

TEST_F(LoopAllocationTest, ACancellationNeedsNoMemory) {
  const auto running = block(jobs);
  std::stop_source client;
  auto context = within(1min);
  context.cancelled = client.get_token();
  waiting_caller caller;
  start(1 << 20, "core/test-adding", body_of("{}"), std::move(context), caller);

  {
    const allocation_fault fault{"test-loop", 0, allocation_fault::extent::from_then_on};
    client.request_stop();
    EXPECT_FALSE(fault.struck());
  }

  EXPECT_EQ(jobs.queued(), 0u);
  where.open();
  settle(running);
  finish(caller);
  EXPECT_EQ(caller.seen->value().error().code, errc::cancelled);
}

}  // namespace
}  // namespace kernd
