#include "src/ring/launch_rules.hpp"

#include <gtest/gtest.h>

namespace kernd {
namespace {

using namespace std::chrono_literals;

TEST(SpinTimeTest, IsAsConfiguredWhereTheOtherSideHasACoreOfItsOwn) {
  EXPECT_EQ(spin_time({.spin = 20us}, 2), 20us);
}

TEST(SpinTimeTest, IsNothingOnASingleCore) {
  EXPECT_EQ(spin_time({.spin = 20us}, 1), 0us);
}

}  // namespace
}  // namespace kernd
