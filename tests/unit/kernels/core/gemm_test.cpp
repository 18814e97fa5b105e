#include "kernels/core/gemm.hpp"

#include "contract/kernel_runner.hpp"
#include "kernels/catalogue.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <thread>
#include <vector>

namespace kernd::kernels {
namespace {

struct GemmTest : ::testing::Test {
  kernel_registry registry;
  test::kernel_runner runner{[this]() -> const kernel_entry& {
    add_all(registry).value();
    return *registry.find("core/gemm");
  }()};
  test::kernel_runner flat{*registry.find("core/matmul")};
};

TEST_F(GemmTest, RefusesShapesThatDoNotMatch) {
  EXPECT_EQ(runner.refusal(R"({"a":[[1,2]],"b":[[1,2]]})"),
            "/input/b: 2 rows, as a asks for expected, found 1 x 2");
  EXPECT_EQ(runner.refusal(R"({"a":[[1,2]],"b":[[1]],"transpose_b":true})"),
            "/input/b: 2 columns, as a asks for expected, found 1 x 1");
  EXPECT_EQ(runner.refusal(R"({"a":[[1]],"b":[[1]],"c":[[1,2]],"beta":1})"),
            "/input/c: matrix 1 x 1 expected, found 1 x 2");
}

TEST_F(GemmTest, RefusesABetaWithoutC) {
  EXPECT_EQ(runner.refusal(R"({"a":[[1]],"b":[[1]],"beta":1})"),
            "/input/c: matrix, since beta is not 0 expected, found none");
}

TEST_F(GemmTest, RefusesWhatIsNoF32) {
  EXPECT_EQ(runner.refusal(R"({"a":[[1e39]],"b":[[1]]})"),
            "/input/a/0/0: number in the range of f32 expected, found 1e39");
  EXPECT_EQ(runner.refusal(R"({"a":[[1]],"b":[[1]],"alpha":"x"})"),
            R"(/input/alpha: number expected, found "x")");
}

TEST_F(GemmTest, RefusesMatricesLongerThanTheBlasCounts) {
  const std::uint64_t long_row = std::uint64_t{1} << 31;

  const auto a =
      gemm::validate({.a = {nullptr, 1, long_row}, .b = {nullptr, long_row, 1}, .c = {}});
  const auto b = gemm::validate({.a = {nullptr, 1, 1}, .b = {nullptr, 1, long_row}, .c = {}});

  ASSERT_FALSE(a);
  EXPECT_EQ(a.error().message.substr(0, 3), "/a:");
  ASSERT_FALSE(b);
  EXPECT_EQ(b.error().message.substr(0, 3), "/b:");
}

TEST_F(GemmTest, ReportsOverflowOfItsResult) {
  const auto output = runner.execute(R"({"a":[[3e38]],"b":[[2]]})");

  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().code, errc::non_finite_output);
}

TEST_F(GemmTest, RefusesFlatMatricesOfTheWrongSize) {
  EXPECT_EQ(flat.refusal(R"({"a":[1,2],"b":[1],"rows_a":1,"cols_a":1,"cols_b":1})"),
            "/input/a: 1 elements, rows_a * cols_a expected, found 2");
  EXPECT_EQ(flat.refusal(R"({"a":[1],"b":[1,2],"rows_a":1,"cols_a":1,"cols_b":1})"),
            "/input/b: 1 elements, cols_a * cols_b expected, found 2");
  EXPECT_EQ(
      flat.refusal(R"({"a":[],"b":[],"rows_a":2147483648,"cols_a":0,"cols_b":1})").substr(0, 14),
      "/input/rows_a:");
}

TEST_F(GemmTest, RefusesFlatMatricesThatTheirSizesBelie) {
  EXPECT_EQ(flat.refusal(
                R"({"a":[],"b":[],"rows_a":2147483647,"cols_a":2147483647,"cols_b":2147483647})"),
            "/input/a: 4611686014132420609 elements, rows_a * cols_a expected, found 0");
}

// No input is too small to ask for an output that no memory holds.
TEST_F(GemmTest, RunsOutOfItsMemoryLimitOnAnOutputWithoutEnd) {
  EXPECT_THROW(runner.execute(
                   R"({"a":{"shape":[1048576,0],"data":[]},"b":{"shape":[0,1048576],"data":[]}})"),
               memory_limit_error);
  EXPECT_THROW(
      flat.execute(R"({"a":[],"b":[],"rows_a":2147483647,"cols_a":0,"cols_b":2147483647})"),
      memory_limit_error);
}

struct GemmRunTest : ::testing::Test {
  std::atomic<bool> stop{false};
  std::vector<float> a = std::vector<float>(700 * 300), b = std::vector<float>(300 * 550);
  gemm::input in{.a = {a.data(), 700, 300}, .b = {b.data(), 300, 550}, .c = {}};

  GemmRunTest() {
    for (std::size_t i = 0; i < a.size(); ++i) a[i] = static_cast<float>(i * 7919 % 101) - 50;
    for (std::size_t i = 0; i < b.size(); ++i) b[i] = static_cast<float>(i * 104729 % 97) - 48;
  }

  std::vector<float> run() {
    arena memory{std::size_t{1} << 24};
    cpu_context context{memory, stop};
    const auto c = gemm::run(in, context).value().c.span();
    return {c.begin(), c.end()};
  }
};

// All sums are integers below 2^24, so that every order of adding gives the same.
TEST_F(GemmRunTest, IsExactOverTheEdgesOfTiles) {
  const auto c = run();

  for (std::size_t r = 0; r < 700; r += 7) {
    for (std::size_t k = 0; k < 550; ++k) {
      double sum = 0;
      for (std::size_t i = 0; i < 300; ++i) sum += double{in.a(r, i)} * double{in.b(i, k)};
      ASSERT_EQ(double{c[r * 550 + k]}, sum) << r << ' ' << k;
    }
  }
}

TEST_F(GemmRunTest, GivesTheSameBitsToManyCallersAtOnce) {
  for (float& v : a) v *= 0.1F;
  const auto alone = run();
  std::vector<std::vector<float>> results(12);

  std::vector<std::jthread> callers;
  for (auto& result : results) {
    callers.emplace_back([&] {
      for (int again = 0; again < 4; ++again) result = run();
    });
  }
  callers.clear();

  for (const auto& result : results) {
    EXPECT_EQ(std::memcmp(result.data(), alone.data(), alone.size() * sizeof(float)), 0);
  }
}

TEST_F(GemmRunTest, ReturnsOnceItIsStopped) {
  stop = true;

  EXPECT_EQ(run().size(), 700u * 550u);
}

}  // namespace
}  // namespace kernd::kernels
