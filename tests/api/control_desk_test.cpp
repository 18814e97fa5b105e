#include "server/api/control_desk.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace kernd::api {
namespace {

using namespace std::chrono_literals;
using pending = std::shared_ptr<std::optional<result<http::response>>>;

struct ControlDeskTest : ::testing::Test {
  boost::asio::io_context io;  // runs on the test's own thread
  std::atomic<int> rings{0};
  control_desk desk{[this] { ++rings; }, 1min};

  pending ask(control_desk& at, control_desk::task what) {
    auto into = std::make_shared<std::optional<result<http::response>>>();
    boost::asio::co_spawn(io, at.ask(std::move(what)),
                          [into](std::exception_ptr failure, result<http::response> answer) {
                            if (failure) std::rethrow_exception(failure);
                            *into = std::move(answer);
                          });
    io.restart();
    io.poll();
    return into;
  }

  result<http::response> settle(const pending& p) {
    io.restart();
    while (!*p) io.run_one();
    return std::move(**p);
  }

  static http::response teapot() { return http::json_response("{}", 418); }
};

TEST_F(ControlDeskTest, RunsATaskOnTheThreadThatServes) {
  std::thread::id ran_on;
  const pending asked = ask(desk, [&] {
    ran_on = std::this_thread::get_id();
    return teapot();
  });
  std::thread control{[&] { desk.serve(); }};
  const auto served_on = control.get_id();
  control.join();

  const auto answer = settle(asked);

  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 418u);
  EXPECT_EQ(ran_on, served_on);
}

TEST_F(ControlDeskTest, RingsOnceForEachTask) {
  ask(desk, teapot);
  ask(desk, teapot);

  EXPECT_EQ(rings.load(), 2);
  desk.serve();
}

TEST_F(ControlDeskTest, RunsTasksInTheirOrder) {
  std::vector<int> order;
  std::vector<pending> all;
  for (int i = 0; i < 3; ++i) {
    all.push_back(ask(desk, [&order, i] {
      order.push_back(i);
      return teapot();
    }));
  }

  desk.serve();

  for (const pending& p : all) EXPECT_TRUE(settle(p));
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2}));
}

TEST_F(ControlDeskTest, RefusesMoreThanItsLimit) {
  std::vector<pending> all;
  for (std::size_t i = 0; i < control_desk::most_waiting; ++i) all.push_back(ask(desk, teapot));

  const auto refused = settle(ask(desk, teapot));

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::service_unavailable);
  desk.serve();
  for (const pending& p : all) EXPECT_TRUE(settle(p));
}

TEST_F(ControlDeskTest, GivesUpAfterItsPatienceAndTheTaskNeverRuns) {
  control_desk hasty{[] {}, 1ms};
  bool has_run = false;

  const auto late = settle(ask(hasty, [&] {
    has_run = true;
    return teapot();
  }));
  hasty.serve();

  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, errc::execution_timeout);
  EXPECT_FALSE(has_run);
}

TEST_F(ControlDeskTest, AnswersWhatWaitsWhenItClosesAndRefusesTheRest) {
  const pending before = ask(desk, teapot);

  desk.close();

  EXPECT_TRUE(settle(before));
  const auto refused = settle(ask(desk, teapot));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::service_unavailable);
}

TEST_F(ControlDeskTest, MayGoAwayBeforeItsAnswers) {
  {
    control_desk brief{[] {}, 1min};
    ask(brief, teapot);
    brief.serve();
    ask(brief, teapot);
  }

  EXPECT_EQ(rings.load(), 0);
}

}  // namespace
}  // namespace kernd::api
