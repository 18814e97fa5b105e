#include "server/self_test.hpp"

#include "kernels/catalogue.hpp"
#include "tests/unit/test_kernels.hpp"

#include <boost/describe/class.hpp>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>

namespace kernd::test {
namespace {

const std::atomic<bool> never{false};

/// Hands back what it gets.
struct repeating {
  struct input {
    std::int64_t whole = 0;
    std::uint64_t natural = 0;
    double real = 0;
  };
  using output = input;

  static kernel_info info() {
    return {.id = "core/test-repeating",
            .version = "1.0.0",
            .description = "Repeats.",
            .fields = {field<&input::whole>{.doc = "An integer."},
                       field<&input::natural>{.doc = "A large one."},
                       field<&input::real>{.doc = "A number."}}};
  }
  static result<void> validate(const input&) { return {}; }
  static result<output> run(const input& in, cpu_context&) { return in; }
};
BOOST_DESCRIBE_STRUCT(repeating::input, (), (whole, natural, real))

/// Whether the self-test takes `expected` for what repeating `given` must answer, at tolerance 0.
bool equals(const std::string& given, const std::string& expected) {
  kernel_registry registry;
  kernel k = make_kernel<repeating>();
  k.info.example = {.input = given, .output = expected};
  registry.add(k).value();
  return self_test(*registry.find(k.info.id), {}, never).has_value();
}

std::string three(const std::string& whole, const std::string& natural, const std::string& real) {
  return R"({"whole":)" + whole + R"(,"natural":)" + natural + R"(,"real":)" + real + "}";
}

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
    EXPECT_TRUE(self_test(*entry, {}, never)) << entry->kernel.info.id;
  }
}

TEST(SelfTestTest, NamesTheFirstDifference) {
  kernel_registry registry;
  const auto& entry = registered(registry, {.input = R"({"a":1,"b":2})", .output = R"({"sum":4})"});

  const auto passed = self_test(entry, {}, never);

  ASSERT_FALSE(passed);
  EXPECT_NE(passed.error().message.find("/sum"), std::string::npos);
}

TEST(SelfTestTest, AllowsTheKernelsTolerance) {
  kernel_registry registry;
  const auto& entry =
      registered(registry, {.input = R"({"a":1,"b":2})", .output = R"({"sum":3.0001})"}, 1e-3);

  EXPECT_TRUE(self_test(entry, {}, never));
}

TEST(SelfTestTest, ComparesIntegersBeyondTheReachOfADouble) {
  const std::string given = three("-9223372036854775807", "18446744073709551615", "0.5");

  EXPECT_TRUE(equals(given, given));
  EXPECT_FALSE(equals(given, three("-9223372036854775808", "18446744073709551615", "0.5")));
  EXPECT_FALSE(equals(given, three("-9223372036854775807", "18446744073709551614", "0.5")));
  EXPECT_FALSE(equals(three("0", "9007199254740993", "0"), three("0", "9007199254740992", "0")));
}

TEST(SelfTestTest, TellsNegativeZeroApart) {
  EXPECT_TRUE(equals(three("0", "0", "-0.0"), three("0", "0", "-0.0")));
  EXPECT_TRUE(equals(three("0", "0", "0"), three("0", "0", "0.0")));
  EXPECT_FALSE(equals(three("0", "0", "-0.0"), three("0", "0", "0.0")));
  EXPECT_FALSE(equals(three("0", "0", "0.0"), three("0", "0", "-0.0")));
}

TEST(SelfTestTest, RefusesAnotherShapeOfOutput) {
  kernel_registry registry;
  const auto& entry =
      registered(registry, {.input = R"({"a":1,"b":2})", .output = R"({"sum":3,"more":1})"});

  EXPECT_FALSE(self_test(entry, {}, never));
}

TEST(SelfTestTest, AsksTheKernelToStop) {
  gate where;
  kernel_registry registry;
  kernel k = make_kernel<gated>();
  const std::string input =
      R"({"gate":)" + std::to_string(reinterpret_cast<std::uintptr_t>(&where)) + "}";
  k.info.example = {.input = input, .output = R"({"tag":0})"};
  registry.add(k).value();
  std::atomic<bool> stop{false};
  std::thread tested{[&] { static_cast<void>(self_test(*registry.find(k.info.id), {}, stop)); }};
  where.wait_entered(1);

  stop = true;

  where.open();
  tested.join();
  EXPECT_TRUE(where.saw_stop());
}

TEST(SelfTestTest, ReportsAnExampleThatIsRefused) {
  kernel_registry registry;
  const auto& entry = registered(registry, {.input = R"({"a":"x"})", .output = R"({"sum":3})"});

  const auto passed = self_test(entry, {}, never);

  ASSERT_FALSE(passed);
  EXPECT_EQ(passed.error().code, errc::invalid_input);
}

}  // namespace
}  // namespace kernd::test
