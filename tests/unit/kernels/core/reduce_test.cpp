#include "kernels/core/reduce.hpp"

#include "contract/kernel_runner.hpp"
#include "kernels/catalogue.hpp"
#include "kernels/core/reduce_sum.hpp"
#include "tests/support/random_words.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <random>
#include <vector>

namespace kernd::kernels {
namespace {

struct ReduceTest : ::testing::Test {
  kernel_registry registry;
  test::kernel_runner runner{[this]() -> const kernel_entry& {
    add_all(registry).value();
    return *registry.find("core/reduce");
  }()};
  test::kernel_runner sum_runner{*registry.find("core/reduce-sum")};
};

TEST_F(ReduceTest, RefusesToChooseFromNothing) {
  for (const std::string op : {"min", "max", "mean", "argmin", "argmax"}) {
    EXPECT_EQ(runner.refusal(R"({"data":[],"op":")" + op + R"("})"),
              "/input/data: at least 1 element for " + op + " expected, found 0");
    EXPECT_EQ(runner.refusal(R"({"data":[],"dtype":"u64","op":")" + op + R"("})"),
              "/input/data: at least 1 element for " + op + " expected, found 0");
  }
}

TEST_F(ReduceTest, RefusesAnOperationThatItDoesNotKnow) {
  EXPECT_EQ(runner.refusal(R"({"data":[1],"op":"median"})").substr(0, 10), "/input/op:");
}

TEST_F(ReduceTest, RefusesADtypeThatItDoesNotKnow) {
  EXPECT_EQ(runner.refusal(R"({"data":[1],"dtype":"f16"})").substr(0, 13), "/input/dtype:");
}

TEST_F(ReduceTest, RefusesElementsThatTheDtypeDoesNotHold) {
  EXPECT_EQ(runner.refusal(R"({"data":[1,256],"dtype":"u8"})"),
            "/input/data/1: integer (u8, 0 to 255) expected, found 256");
  EXPECT_EQ(runner.refusal(R"({"data":[1e39]})"),
            "/input/data/0: number in the range of f32 expected, found 1e39");
}

TEST_F(ReduceTest, ReportsOverflowOfItsResult) {
  const auto output = runner.execute(R"({"data":[1e308,1e308],"dtype":"f64"})");

  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().code, errc::non_finite_output);
}

TEST_F(ReduceTest, SumsIntegersExactlyAndRoundsOnce) {
  const auto sum = [&](const std::string& data, const std::string& dtype, const char* op = "sum") {
    return nlohmann::json::parse(runner
                                     .execute(R"({"data":)" + data + R"(,"dtype":")" + dtype +
                                              R"(","op":")" + op + "\"}")
                                     .value())
        .at("value")
        .get<double>();
  };

  // In f64, the first two of each would lose the 1 that is left in the end.
  EXPECT_EQ(sum("[9223372036854775807,-9223372036854775806]", "i64"), 1);
  EXPECT_EQ(sum("[-9223372036854775808,-9223372036854775808,9223372036854775807,"
                "9223372036854775807,7]",
                "i64"),
            5);
  EXPECT_EQ(sum("[18446744073709551615,18446744073709551615]", "u64"), 0x1p65);
  EXPECT_EQ(sum("[9007199254740993,9007199254740993,9007199254740992]", "u64", "mean"),
            9007199254740992.0);
  EXPECT_EQ(sum("[-2147483648,2147483647]", "i32"), -1);
  EXPECT_EQ(sum("[255,255,1]", "u8"), 511);
}

TEST_F(ReduceTest, ComparesIntegersThatF64CannotTellApart) {
  EXPECT_EQ(
      runner.execute(R"({"data":[9007199254740993,9007199254740992],"dtype":"i64","op":"argmin"})")
          .value(),
      R"({"value":9007199254740992,"index":1,"count":2})");
  EXPECT_EQ(
      runner
          .execute(
              R"({"data":[18446744073709551614,18446744073709551615],"dtype":"u64","op":"argmax"})")
          .value(),
      R"({"value":18446744073709551616,"index":1,"count":2})");
}

TEST_F(ReduceTest, GivesTheMeanAndTheSumOfWhatOverflowsOnTheWay) {
  EXPECT_EQ(runner.execute(R"({"data":[1e308,1.5e308],"dtype":"f64","op":"mean"})").value(),
            R"({"value":1.25e+308,"count":2})");
  EXPECT_EQ(runner.execute(R"({"data":[1e308,-1e308,1e308,-1e308,1e308],"dtype":"f64"})").value(),
            R"({"value":1e+308,"count":5})");
}

TEST_F(ReduceTest, SumsUnderTheOlderName) {
  EXPECT_EQ(sum_runner.execute(R"({"data":[]})").value(), R"({"sum":0,"count":0})");
  EXPECT_EQ(sum_runner.execute(R"({"data":[16777216,1,0.5]})").value(),
            R"({"sum":16777217.5,"count":3})");
  EXPECT_EQ(sum_runner.refusal(R"({"data":[1,null]})"),
            "/input/data/1: number expected, found null");
}

struct ReduceRunTest : ::testing::Test {
  arena memory{std::size_t{1} << 28};
  std::atomic<bool> stop{false};
  cpu_context context{memory, stop};
  test::random_words random;
  std::vector<float> values = std::vector<float>(1'000'003);

  ReduceRunTest() {
    std::normal_distribution<float> normal;
    for (float& v : values) v = normal(random);
  }

  reduce::output run(reduce::operation op) {
    return reduce::run({.data = {values.data(), values.size(), dtype::f32}, .op = op}, context)
        .value();
  }
};

/// The tree that reduce promises, one block after the other: 64 lanes in blocks of 2^16, then
/// pairs.
double sum_in_the_same_tree(const std::vector<float>& x) {
  std::vector<double> parts;
  for (std::size_t first = 0; first < x.size(); first += 65536) {
    std::vector<double> lane(64);
    for (std::size_t i = first; i < std::min(x.size(), first + 65536); ++i) {
      lane[(i - first) % 64] += double{x[i]};
    }
    for (std::size_t half = 32; half > 0; half /= 2) {
      for (std::size_t l = 0; l < half; ++l) lane[l] += lane[l + half];
    }
    parts.push_back(lane[0]);
  }
  while (parts.size() > 1) {
    std::vector<double> next;
    for (std::size_t i = 0; i < parts.size(); i += 2) {
      next.push_back(i + 1 < parts.size() ? parts[i] + parts[i + 1] : parts[i]);
    }
    parts = next;
  }
  return parts[0];
}

TEST_F(ReduceRunTest, SumsInOneOrderForAnyNumberOfThreads) {
  EXPECT_EQ(run(reduce::operation::sum).value, sum_in_the_same_tree(values));
}

TEST_F(ReduceRunTest, FindsTheFirstOfEqualsInALaterBlock) {
  values[500'000] = values[500'001] = values[900'000] = -100;
  values[70'000] = values[999'999] = 100;

  EXPECT_EQ(run(reduce::operation::argmin).index, 500'000u);
  EXPECT_EQ(run(reduce::operation::argmax).index, 70'000u);
  EXPECT_EQ(run(reduce::operation::max).value, 100);
}

TEST_F(ReduceRunTest, ReturnsOnceItIsStopped) {
  stop = true;
  for (const auto op : {reduce::operation::sum, reduce::operation::argmin}) {
    EXPECT_EQ(run(op).count, values.size());
  }
}

}  // namespace
}  // namespace kernd::kernels
