#include "executor_fixture.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <exception>
#include <functional>
#include <numeric>
#include <stop_token>
#include <thread>
#include <vector>

namespace kernd {
namespace {

using namespace std::chrono_literals;

constexpr int loops = 4;
constexpr int clients = 25;  // per loop

/// What the clients of one loop saw. Confined to its loop.
struct seen {
  int clients_left = clients;
  std::uint64_t succeeded = 0;
  std::uint64_t refused = 0;
  std::uint64_t late = 0;
  std::uint64_t cancelled = 0;

  void count(const result<job_output>& output) {
    if (output) {
      ++succeeded;
    } else if (output.error().code == errc::invalid_input) {
      ++refused;
    } else if (output.error().code == errc::execution_timeout) {
      ++late;
    } else if (output.error().code == errc::cancelled) {
      ++cancelled;
    }
  }
};

struct ExecutorLoadTest : ::testing::Test {
  using client =
      std::function<boost::asio::awaitable<void>(boost::asio::io_context&, seen& counts)>;

  std::array<boost::asio::io_context, loops> contexts;  // outlive the executor
  std::array<seen, loops> counts;
  kernel_registry registry;
  const kernel_entry& entry = add_kernel();
  executor jobs{registry, {.workers = 3}, {}};

  const kernel_entry& add_kernel() {
    registry.add(make_kernel<test::adding>()).value();
    return *registry.find("core/test-adding");
  }

  /// Runs all clients, each loop on a thread of its own, and adds up what they saw.
  seen run_all(const client& one) {
    {
      std::vector<std::jthread> threads;
      for (std::size_t l = 0; l < loops; ++l) {
        auto& io = contexts[l];
        auto& left = counts[l].clients_left;
        for (int c = 0; c < clients; ++c) {
          boost::asio::co_spawn(io, one(io, counts[l]), [&io, &left](std::exception_ptr) {
            if (--left == 0) io.stop();
          });
        }
        threads.emplace_back([&io] { io.run(); });
      }
    }
    seen sum;
    for (const auto& s : counts) {
      sum.succeeded += s.succeeded;
      sum.refused += s.refused;
      sum.late += s.late;
      sum.cancelled += s.cancelled;
    }
    return sum;
  }
};

/// Sends good, bad and hopelessly late requests.
boost::asio::awaitable<void> send_all_kinds(executor& jobs, const kernel_entry& entry, int requests,
                                            seen& counts) {
  for (int i = 0; i < requests; ++i) {
    const auto context = test::within(i % 10 == 7 ? 0ms : 60'000ms, i % 11);
    auto body = test::body_of(i % 10 == 3 ? R"({"a":"x"})" : R"({"a":1,"b":2})");
    auto running = jobs.run(entry, {std::move(body)}, context);
    const auto output = co_await std::move(running);
    counts.count(output);
  }
}

TEST_F(ExecutorLoadTest, AccountsForEveryJobOfSeveralLoops) {
  constexpr int requests = 1'000;
  constexpr std::uint64_t tenth = loops * clients * requests / 10;

  const auto saw = run_all([this](boost::asio::io_context&, seen& into) {
    return send_all_kinds(jobs, entry, requests, into);
  });
  ASSERT_TRUE(jobs.wait_idle(30s));

  EXPECT_EQ(saw.succeeded, 8 * tenth);
  EXPECT_EQ(saw.refused, tenth);
  EXPECT_EQ(saw.late, tenth);
  const auto totals = jobs.metrics().totals(entry.index);
  EXPECT_EQ(totals[job_outcome::success], 8 * tenth);
  EXPECT_EQ(totals[job_outcome::client_error], tenth);
  EXPECT_EQ(totals[job_outcome::timeout], tenth);
  EXPECT_EQ(std::accumulate(totals.outcomes.begin(), totals.outcomes.end(), std::uint64_t{0}),
            10 * tenth);
}

/// Gives up about when the job ends: by a deadline, or by cancelling as soon as it waits.
boost::asio::awaitable<void> give_up_often(executor& jobs, const kernel_entry& entry, int requests,
                                           boost::asio::io_context& io, body_budget& bodies,
                                           seen& counts) {
  for (int i = 0; i < requests; ++i) {
    std::stop_source client;
    auto context = test::within(i % 3 == 0 ? std::chrono::milliseconds{i % 4} : 60'000ms);
    context.cancelled = client.get_token();
    if (i % 3 == 1) boost::asio::post(io, [client]() mutable { client.request_stop(); });
    job_request request{test::body_of("{}")};
    EXPECT_TRUE(bodies.raise(request.body_memory, request.body.size()));
    auto running = jobs.run(entry, std::move(request), context);
    const auto output = co_await std::move(running);
    counts.count(output);
  }
}

TEST_F(ExecutorLoadTest, AccountsForEveryJobWhenCallersAndWorkersRace) {
  constexpr int requests = 300;
  body_budget bodies{1 << 20};

  const auto saw = run_all([&](boost::asio::io_context& io, seen& into) {
    return give_up_often(jobs, entry, requests, io, bodies, into);
  });
  ASSERT_TRUE(jobs.wait_idle(30s));

  const auto totals = jobs.metrics().totals(entry.index);
  EXPECT_EQ(saw.succeeded + saw.late + saw.cancelled, std::uint64_t{loops} * clients * requests);
  EXPECT_EQ(totals[job_outcome::success], saw.succeeded);
  EXPECT_EQ(totals[job_outcome::timeout], saw.late);
  EXPECT_EQ(totals[job_outcome::cancelled], saw.cancelled);
  EXPECT_EQ(jobs.abandoned(), 0u);
  EXPECT_EQ(bodies.used(), 0u);
}

}  // namespace
}  // namespace kernd
