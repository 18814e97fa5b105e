#include "src/ring/launch_rules.hpp"

#include "kernd/describe.hpp"
#include "kernd/ring/ring_kernel.hpp"

#include <gtest/gtest.h>

namespace kernd {
namespace {

using namespace std::chrono_literals;

TEST(SpinTimeTest, IsAsConfiguredWhereTheOtherSideHasACoreOfItsOwn) {
  EXPECT_EQ(spin_time({.spin = 20us}, 2), 20us);
}

TEST(LaunchRulesTest, AMessageOfMoreThan64KiBIsRefused) {
  type_info large{};
  large.kind = type_kind::structure;
  ring_kernel kernel{};
  kernel.handled = {{.type_id = 1, .name = "large", .type = &large, .reply = 0}};

  large.size_bytes = 65536;
  EXPECT_TRUE(check_launch(kernel, {}));
  large.size_bytes = 65537;
  const auto refused = check_launch(kernel, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::invalid_request);
  EXPECT_EQ(refused.error().message, "message 'large' is 65537 bytes, limit 65536");
}

TEST(LaunchRulesTest, ARefusedOptionHasItsPlaceInALaunch) {
  const auto refused = check_launch({}, {.input_queue_capacity = 3});

  ASSERT_FALSE(refused);
  ASSERT_TRUE(refused.error().invalid);
  EXPECT_EQ(refused.error().invalid->pointer, "/options/input_queue_capacity");
  EXPECT_EQ(refused.error().invalid->expected, "a power of two from 2 to 65536");
  EXPECT_EQ(refused.error().invalid->found, "3");
}

TEST(LaunchRulesTest, ALongIdIsNotRepeated) {
  const auto refused = check_actor_id(std::string(65, 'a'));

  ASSERT_FALSE(refused);
  ASSERT_TRUE(refused.error().invalid);
  EXPECT_EQ(refused.error().invalid->pointer, "/actor_id");
  EXPECT_EQ(refused.error().invalid->found, "a longer text");
}

TEST(SpinTimeTest, IsNothingOnASingleCore) {
  EXPECT_EQ(spin_time({.spin = 20us}, 1), 0us);
}

}  // namespace
}  // namespace kernd
