// Memory that runs out on a worker, at each of the allocations of a job in turn.

#include "tests/contract/shipped_kernel.hpp"
#include "tests/faults/allocation_fault.hpp"
#include "tests/unit/executor_fixture.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace kernd {
namespace {

using namespace std::chrono_literals;
using test::allocation_fault;
using test::body_of;
using test::within;

/// What a caller saw of a job.
struct sight {
  std::optional<errc> failure;
  std::string text;  ///< The output, or the message.
  bool operator==(const sight&) const = default;
};

struct WorkerAllocationTest : test::executor_fixture {
  std::optional<executor> jobs;
  job_metadata told;

  sight run(const kernel_entry& entry, const text_buffer& body, execution_context context) {
    told = {};
    context.metadata = &told;
    auto into = std::make_shared<std::optional<result<job_output>>>();
    boost::asio::co_spawn(
        io, jobs->run(entry, request_of(text_buffer{body.view()}), std::move(context)),
        [into](std::exception_ptr failure, result<job_output> output) {
          if (failure) std::rethrow_exception(failure);
          *into = std::move(output);
        });
    const auto output = settle(into);
    wait_idle(*jobs);
    if (output) return {std::nullopt, std::string{output->output.view()}};
    const error failure = output.error();
    return {failure.code, failure.message};
  }
  sight run(const kernel_entry& entry, const text_buffer& body) {
    return run(entry, body, within(1min));
  }

  /// Lets each allocation fail, alone or with all that follow, and the next job run without fault.
  void walk(const kernel_entry& entry, const text_buffer& body) {
    jobs.emplace(test::shipped(), options, limits);
    const sight whole = run(entry, body);
    for (const auto which :
         {allocation_fault::extent::once, allocation_fault::extent::from_then_on}) {
      int refusals = 0;
      bool struck = true;
      for (std::int64_t first = 0; struck; ++first) {
        sight seen;
        jobs.emplace(test::shipped(), options, limits);  // a worker that has kept nothing yet
        {
          const allocation_fault fault{"kernd-worker", first, which};
          seen = run(entry, body);
          struck = fault.struck();
        }
        const bool is_refused = seen.failure == errc::memory_exhausted;
        if (is_refused) ++refusals;
        ASSERT_TRUE(is_refused || seen == whole) << "allocation " << first << ": " << seen.text;
        ASSERT_TRUE(struck || seen == whole) << "allocation " << first << ": " << seen.text;
        ASSERT_EQ(run(entry, body), whole) << "after allocation " << first;
        ASSERT_EQ(bodies.used(), 0u);
      }
      EXPECT_GT(refusals, 0);
    }
  }

  const kernel_entry& shipped(std::string_view id) const { return *test::shipped().find(id); }
};

struct EveryKernelAllocationTest : WorkerAllocationTest,
                                   ::testing::WithParamInterface<std::size_t> {};

TEST_P(EveryKernelAllocationTest, EndsInItsOutputOrInMemoryExhausted) {
  const kernel_entry& entry = *test::shipped().by_index()[GetParam()];

  walk(entry, body_of(std::string{entry.kernel.info.example.input}));
}
INSTANTIATE_TEST_SUITE_P(Shipped, EveryKernelAllocationTest, test::all_shipped_batch(),
                         test::name_of_shipped);

TEST_F(WorkerAllocationTest, ALongArrayEndsInItsOutputOrInMemoryExhausted) {
  std::string numbers = "0.5";
  for (int i = 1; i < 50'000; ++i) numbers += ",0.5";

  walk(shipped("core/identity"), body_of("{\"data\":[" + numbers + "]}"));
}

/// Which of them runs what is nobody's to say, so there is no walk to the end.
TEST_F(WorkerAllocationTest, AFaultOnTheComputeThreadsEndsInTheOutputOrInMemoryExhausted) {
  std::string numbers = "0.5";
  for (int i = 1; i < 60'000; ++i) numbers += ",0.5";
  const text_buffer body = body_of("{\"data\":[" + numbers + "]}");
  const kernel_entry& identity = shipped("core/identity");
  jobs.emplace(test::shipped(), options, limits);
  const sight whole = run(identity, body);
  for (std::int64_t first = 0; first < 16; ++first) {
    sight seen;
    {
      const allocation_fault fault{"kernd-compute", first, allocation_fault::extent::from_then_on};
      seen = run(identity, body);
    }
    ASSERT_TRUE(seen.failure == errc::memory_exhausted || seen == whole) << first << seen.text;
    ASSERT_EQ(run(identity, body), whole) << first;
  }
}

TEST_F(WorkerAllocationTest, ARefusedInputEndsInItsRefusalOrInMemoryExhausted) {
  walk(shipped("core/axpy"), body_of(R"({"x":[1],"y":["a text that is no number at all"]})"));
}

TEST_F(WorkerAllocationTest, ABodyThatIsNoJsonEndsInItsRefusalOrInMemoryExhausted) {
  walk(shipped("core/axpy"),
       text_buffer{R"({"input":{"x":[1],"y":[1}},"metadata":{"trace_id":"a rather long trace"}})"});
}

TEST_F(WorkerAllocationTest, ABodyWithMetadataEndsInItsOutputOrInMemoryExhausted) {
  walk(shipped("core/axpy"),
       body_of(R"({"x":[1],"y":[1]})",
               R"({"timeout_ms":59000,"trace_id":"a rather long trace","tenant_id":"tenant"})"));
}

TEST_F(WorkerAllocationTest, EveryJobOfABatchEndsInItsOutputOrInMemoryExhausted) {
  options.max_batch_size = 3;
  executor other{registry, options, limits};
  const auto run_three = [&] {
    std::vector<test::pending> all;
    for (int tag = 1; tag <= 3; ++tag) {
      all.push_back(
          begin(other, "core/test-joining", body_of(R"({"tag":)" + std::to_string(tag) + "}")));
    }
    std::vector<sight> seen;
    for (const auto& each : all) {
      const auto output = settle(each);
      seen.push_back(output ? sight{std::nullopt, std::string{output->output.view()}}
                            : sight{output.error().code, {}});
    }
    wait_idle(other);
    return seen;
  };
  const auto whole = run_three();
  bool struck = true;
  for (std::int64_t first = 0; struck; ++first) {
    std::vector<sight> seen;
    {
      const allocation_fault fault{"kernd-worker", first, allocation_fault::extent::once};
      seen = run_three();
      struck = fault.struck();
    }
    int spoilt = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      if (seen[i] == whole[i]) continue;
      ASSERT_EQ(seen[i].failure, errc::memory_exhausted) << "allocation " << first;
      ++spoilt;
    }
    ASSERT_LE(spoilt, 1) << "allocation " << first;
    ASSERT_EQ(run_three(), whole) << "after allocation " << first;
    ASSERT_EQ(bodies.used(), 0u);
  }
}

TEST_F(WorkerAllocationTest, AThrowingKernelEndsInItsErrorOrInMemoryExhausted) {
  executor other{registry, options, limits};
  const auto run_failing = [&](const char* how) {
    return settle(
        begin(other, "core/test-failing", body_of(R"({"how":")" + std::string{how} + "\"}")));
  };
  for (const auto* how : {"exception", "number", "bad_alloc", "error", "not_finite", "memory"}) {
    const auto expected = run_failing(how).error().code;
    bool struck = true;
    for (std::int64_t first = 0; struck; ++first) {
      errc code{};
      {
        const allocation_fault fault{"kernd-worker", first, allocation_fault::extent::from_then_on};
        code = run_failing(how).error().code;
        wait_idle(other);
        struck = fault.struck();
      }
      ASSERT_TRUE(code == errc::memory_exhausted || code == expected) << how << ' ' << first;
      ASSERT_EQ(run_failing(how).error().code, expected) << how << ' ' << first;
    }
  }
}

}  // namespace
}  // namespace kernd
