#include "kernels/core/sort.hpp"

#include "contract/kernel_runner.hpp"
#include "kernels/catalogue.hpp"
#include "tests/support/random_words.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>
#include <vector>

namespace kernd::kernels {
namespace {

struct SortTest : ::testing::Test {
  kernel_registry registry;
  test::kernel_runner runner{[this]() -> const kernel_entry& {
    add_all(registry).value();
    return *registry.find("core/sort");
  }()};
};

TEST_F(SortTest, RefusesValuesThatDoNotMatch) {
  EXPECT_EQ(runner.refusal(R"({"keys":[1,2],"values":[1]})"),
            "/input/values: 2 elements, as many as keys expected, found 1");
  EXPECT_EQ(runner.refusal(R"({"keys":[],"values":[1]})"),
            "/input/values: 0 elements, as many as keys expected, found 1");
}

TEST_F(SortTest, RefusesMoreKeysThanAPermutationHolds) {
  const auto valid =
      sort::validate({.keys = {nullptr, std::uint64_t{1} << 32, dtype::f32}, .values = {}});

  ASSERT_FALSE(valid);
  EXPECT_EQ(valid.error().message,
            "/keys: fewer than 4294967296 elements expected, found 4294967296");
}

TEST_F(SortTest, RefusesWhatIsNoNumber) {
  EXPECT_EQ(runner.refusal(R"({"keys":[NaN]})"), "/input/keys/0: number expected, found NaN");
  EXPECT_EQ(runner.refusal(R"({"keys":[0],"values":["a"]})"),
            R"(/input/values/0: number expected, found "a")");
}

TEST_F(SortTest, RefusesOtherMembersOfTheWrongKind) {
  EXPECT_EQ(runner.refusal(R"({"keys":[1],"dtype":"u8"})"),
            R"(/input/dtype: one of "f32", "f64", "i32", "u32" expected, found "u8")");
  EXPECT_EQ(runner.refusal(R"({"keys":[1],"descending":1})").substr(0, 18), "/input/descending:");
}

struct SortRunTest : ::testing::Test {
  arena memory{std::size_t{1} << 28};
  std::atomic<bool> stop{false};
  cpu_context context{memory, stop};
};

template <class T, class Less>
void expect_stable_sort(std::vector<T> keys, bool descending, Less less, cpu_context& context) {
  std::vector<std::uint32_t> expected(keys.size());
  std::iota(expected.begin(), expected.end(), 0U);
  std::stable_sort(expected.begin(), expected.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return less(keys[a], keys[b]); });
  sort::input in{
      .keys = {keys.data(), keys.size(), dtype_of<T>}, .descending = descending, .values = {}};
  if (std::is_same_v<T, double>) in.dtype = sort::element_type::f64;

  const auto out = sort::run(in, context).value();

  ASSERT_TRUE(std::equal(expected.begin(), expected.end(), out.permutation.begin()));
  const auto sorted = out.keys.as<T>();
  for (std::size_t i = 0; i < keys.size(); ++i) ASSERT_EQ(sorted[i], keys[expected[i]]) << i;
}

TEST_F(SortRunTest, IsTheStableSortOverManyBlocks) {
  test::random_words random;
  std::normal_distribution<double> normal;
  std::vector<float> few_values(300'001), many_values(300'001);
  std::vector<double> wide(150'000);
  for (float& v : few_values) v = static_cast<float>(static_cast<int>(random() % 64) - 32);
  for (float& v : many_values) v = static_cast<float>(normal(random));
  for (double& v : wide) v = normal(random);

  expect_stable_sort(few_values, false, std::less<>{}, context);
  expect_stable_sort(few_values, true, std::greater<>{}, context);
  expect_stable_sort(many_values, false, std::less<>{}, context);
  expect_stable_sort(wide, true, std::greater<>{}, context);
}

TEST_F(SortRunTest, ReturnsOnceItIsStopped) {
  std::vector<float> keys(300'000, 1.0F);
  keys[7] = 2;
  stop = true;

  EXPECT_TRUE(sort::run({.keys = {keys.data(), keys.size(), dtype::f32}, .values = {}}, context));
}

}  // namespace
}  // namespace kernd::kernels
