#include "server/self_test.hpp"

#include "kernels/catalogue.hpp"
#include "tests/unit/test_kernels.hpp"

#include <gtest/gtest.h>

namespace kernd::test {
namespace {

const kernel_entry& registered(kernel_registry& registry, kernel_example example,
                               double tolerance = 0) {
  kernel k = make_kernel<adding>();
  k.info.example = example;
  k.info.tolerance = tolerance;
  registry.add(k).value();
  return *registry.find(k.info.id);
}

TEST(SelfTestTest, PassesForEveryKernelOfTheCatalogue) {
  kernel_registry registry;
  kernels::add_all(registry).value();

  for (const kernel_entry* entry : registry.find_all()) {
    EXPECT_TRUE(self_test(*entry, {})) << entry->kernel.info.id;
  }
}

TEST(SelfTestTest, NamesTheFirstDifference) {
  kernel_registry registry;
  const auto& entry = registered(registry, {.input = R"({"a":1,"b":2})", .output = R"({"sum":4})"});

  const auto passed = self_test(entry, {});

  ASSERT_FALSE(passed);
  EXPECT_NE(passed.error().message.find("/sum"), std::string::npos);
}

TEST(SelfTestTest, AllowsTheKernelsTolerance) {
  kernel_registry registry;
  const auto& entry =
      registered(registry, {.input = R"({"a":1,"b":2})", .output = R"({"sum":3.0001})"}, 1e-3);

  EXPECT_TRUE(self_test(entry, {}));
}

TEST(SelfTestTest, RefusesAnotherShapeOfOutput) {
  kernel_registry registry;
  const auto& entry =
      registered(registry, {.input = R"({"a":1,"b":2})", .output = R"({"sum":3,"more":1})"});

  EXPECT_FALSE(self_test(entry, {}));
}

TEST(SelfTestTest, ReportsAnExampleThatIsRefused) {
  kernel_registry registry;
  const auto& entry = registered(registry, {.input = R"({"a":"x"})", .output = R"({"sum":3})"});

  const auto passed = self_test(entry, {});

  ASSERT_FALSE(passed);
  EXPECT_EQ(passed.error().code, errc::invalid_input);
}

}  // namespace
}  // namespace kernd::test
