#pragma once

#include "kernd/body_budget.hpp"
#include "kernd/executor.hpp"
#include "tests/unit/test_kernels.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace kernd::test {

/// What became of one `executor::run`; empty until the loop has resumed it.
using pending = std::shared_ptr<std::optional<result<job_output>>>;

/// A job must reach its worker within this, on a busy machine too, to be abandoned there.
constexpr std::chrono::milliseconds long_enough_to_start{200};

/// The context of a request whose first byte comes now.
inline execution_context within(std::chrono::milliseconds timeout, int priority = 5) {
  const auto now = std::chrono::steady_clock::now();
  return {.received = now, .deadline = now + timeout, .priority = priority, .cancelled = {}};
}

/// An executor and the loop of its caller, which the test's own thread runs.
struct executor_fixture : ::testing::Test {
  body_budget bodies{1 << 20};
  boost::asio::io_context io;  // outlives the executor: a late job still completes into it
  kernel_registry registry;
  gate where;
  executor_config options{.workers = 1};
  limits_config limits;

  executor_fixture() {
    registry.add(make_kernel<adding>()).value();
    registry.add(make_kernel<gated>()).value();
    registry.add(make_kernel<failing>()).value();
    registry.add(make_kernel<joining>()).value();
  }

  const kernel_entry& entry(std::string_view id) const { return *registry.find(id); }

  /// `body` with its share of `bodies`.
  job_request request_of(text_buffer body) {
    job_request request{std::move(body)};
    EXPECT_TRUE(bodies.raise(request.body_memory, request.body.size()));
    return request;
  }

  /// Begins a run; `settle` or `poll` lets it go on.
  pending begin(executor& jobs, std::string_view id, text_buffer body,
                execution_context context = within(std::chrono::minutes{1})) {
    auto into = std::make_shared<std::optional<result<job_output>>>();
    boost::asio::co_spawn(io, jobs.run(entry(id), request_of(std::move(body)), std::move(context)),
                          [into](std::exception_ptr failure, result<job_output> output) {
                            if (failure) std::rethrow_exception(failure);
                            *into = std::move(output);
                          });
    return into;
  }
  /// As above, and waits until it is admitted or refused.
  pending admit(executor& jobs, std::string_view id, text_buffer body,
                execution_context context = within(std::chrono::minutes{1})) {
    auto into = begin(jobs, id, std::move(body), std::move(context));
    io.restart();
    io.poll();
    return into;
  }
  /// Runs the loop until `p` has ended, and takes its result.
  result<job_output> settle(const pending& p) {
    io.restart();
    while (!*p) io.run_one();
    return std::move(**p);
  }

  /// Occupies the one worker until `where` opens.
  pending block(executor& jobs, execution_context context = within(std::chrono::minutes{1})) {
    auto blocking = admit(jobs, "core/test-gated", gated_body(where, -1), std::move(context));
    where.wait_entered(1);
    return blocking;
  }

  void wait_idle(executor& jobs) { ASSERT_TRUE(jobs.wait_idle(std::chrono::seconds{30})); }
};

}  // namespace kernd::test
