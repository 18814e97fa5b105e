#include "executor_fixture.hpp"

#include <boost/asio/co_spawn.hpp>
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <exception>
#include <numeric>
#include <thread>
#include <vector>

namespace kernd {
namespace {

using namespace std::chrono_literals;

constexpr int loops = 4;
constexpr int clients = 25;       // per loop
constexpr int jobs_each = 1'000;  // per client

/// What the clients of one loop saw. Confined to its loop.
struct seen {
  int clients_left = clients;
  std::uint64_t succeeded = 0;
  std::uint64_t refused = 0;
  std::uint64_t late = 0;
};

/// One client after the other sends good, bad and hopelessly late requests.
boost::asio::awaitable<void> client(executor& jobs, const kernel_entry& entry, seen& counts) {
  for (int i = 0; i < jobs_each; ++i) {
    const auto context = test::within(i % 10 == 7 ? 0ms : 60'000ms, i % 11);
    auto body = test::body_of(i % 10 == 3 ? R"({"a":"x"})" : R"({"a":1,"b":2})");
    auto running = jobs.run(entry, {std::move(body)}, context);
    const auto output = co_await std::move(running);
    if (output)
      ++counts.succeeded;
    else if (output.error().code == errc::execution_timeout)
      ++counts.late;
    else if (output.error().code == errc::invalid_input)
      ++counts.refused;
  }
}

TEST(ExecutorLoadTest, AccountsForEveryJobOfSeveralLoops) {
  std::array<boost::asio::io_context, loops> contexts;  // outlive the executor
  std::array<seen, loops> counts;
  kernel_registry registry;
  registry.add(make_kernel<test::adding>()).value();
  const auto& entry = *registry.find("core/test-adding");
  executor jobs{registry, {.workers = 3}, {}};
  {
    std::vector<std::jthread> threads;
    for (std::size_t l = 0; l < loops; ++l) {
      for (int c = 0; c < clients; ++c) {
        boost::asio::co_spawn(
            contexts[l], client(jobs, entry, counts[l]),
            [&io = contexts[l], &left = counts[l].clients_left](std::exception_ptr) {
              if (--left == 0) io.stop();
            });
      }
      threads.emplace_back([&io = contexts[l]] { io.run(); });
    }
  }
  ASSERT_TRUE(jobs.wait_idle(30s));

  constexpr std::uint64_t tenth = loops * clients * jobs_each / 10;
  const auto totals = jobs.metrics().totals(entry.index);
  EXPECT_EQ(totals[job_outcome::success], 8 * tenth);
  EXPECT_EQ(totals[job_outcome::client_error], tenth);
  EXPECT_EQ(totals[job_outcome::timeout], tenth);
  EXPECT_EQ(std::accumulate(totals.outcomes.begin(), totals.outcomes.end(), std::uint64_t{0}),
            10 * tenth);
  seen sum;
  for (const auto& s : counts) {
    sum.succeeded += s.succeeded;
    sum.refused += s.refused;
    sum.late += s.late;
  }
  EXPECT_EQ(sum.succeeded, 8 * tenth);
  EXPECT_EQ(sum.refused, tenth);
  EXPECT_EQ(sum.late, tenth);
  EXPECT_EQ(jobs.abandoned(), 0u);
}

}  // namespace
}  // namespace kernd
