#include "src/ring/wall_clock.hpp"

#include <gtest/gtest.h>

namespace kernd {
namespace {

using namespace std::chrono_literals;
using wall_time = std::chrono::sys_time<std::chrono::microseconds>;

constexpr wall_time noon = std::chrono::sys_days{std::chrono::year{2024} / 2 / 29} + 12h;

/// Shows what it is set to.
struct set_steady_clock {
  using duration = std::chrono::nanoseconds;
  using time_point = std::chrono::time_point<set_steady_clock, duration>;
  static inline time_point shown{};
  static time_point now() noexcept { return shown; }
};
struct set_wall_clock {
  const wall_time* shown;
  wall_time operator()() const noexcept { return *shown; }
};

struct DerivedWallClockTest : ::testing::Test {
  DerivedWallClockTest() { set_steady_clock::shown = start; }

  static constexpr set_steady_clock::time_point start{5s};
  wall_time wall = noon;
  derived_wall_clock<set_steady_clock, set_wall_clock> clock{{&wall}};
};

TEST_F(DerivedWallClockTest, ShowsTheWallClock) {
  EXPECT_EQ(clock.at(start), noon);
}

TEST_F(DerivedWallClockTest, GoesOnWithTheSteadyClock) {
  clock.at(start);
  EXPECT_EQ(clock.at(start + 700us), noon + 700us);
  EXPECT_EQ(clock.at(start + 999us), noon + 999us);
}

TEST_F(DerivedWallClockTest, KnowsTimesFromBeforeItRead) {
  clock.at(start);
  EXPECT_EQ(clock.at(start - 3us), noon - 3us);
}

TEST_F(DerivedWallClockTest, FollowsAStepOfTheWallClockWithinAMillisecond) {
  clock.at(start);
  wall = noon - 1h;
  EXPECT_EQ(clock.at(start + 1ms), noon + 1ms);
  set_steady_clock::shown = start + 1ms + 1ns;
  EXPECT_EQ(clock.at(start + 1ms + 1ns), noon - 1h);
}

}  // namespace
}  // namespace kernd
