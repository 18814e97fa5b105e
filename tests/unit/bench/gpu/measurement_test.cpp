#include "bench/gpu/measurement.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace kernd::bench {
namespace {

/// Takes what it is told to take, one after the other, and notes who had a turn.
class told final : public measurement {
 public:
  told(char name, std::vector<double> times, std::string& turns)
      : name_{name}, times_{std::move(times)}, turns_{turns} {}

  double run_us() override {
    turns_ += name_;
    return times_.at(next_++);
  }

 private:
  char name_;
  std::vector<double> times_;
  std::string& turns_;
  std::size_t next_ = 0;
};

TEST(MeasurementTest, TakesTurns) {
  std::string turns;
  told a{'a', {0, 0, 0}, turns}, b{'b', {0, 0, 0}, turns};

  medians_us({&a, &b}, 2, 1);

  EXPECT_EQ(turns, "ababab");
}

TEST(MeasurementTest, GivesTheMedianOfEachWithoutItsWarmUps) {
  std::string turns;
  told a{'a', {900, 5, 1, 3}, turns}, b{'b', {900, 20, 60, 40}, turns};

  EXPECT_EQ(medians_us({&a, &b}, 3, 1), (std::vector<double>{3, 40}));
}

}  // namespace
}  // namespace kernd::bench
