#include "kernels/signal/fft.hpp"

#include "contract/kernel_runner.hpp"
#include "kernels/catalogue.hpp"
#include "tests/support/random_words.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <random>
#include <vector>

namespace kernd::kernels {
namespace {

struct FftTest : ::testing::Test {
  kernel_registry registry;
  test::kernel_runner runner{[this]() -> const kernel_entry& {
    add_all(registry).value();
    return *registry.find("signal/fft");
  }()};
};

TEST_F(FftTest, RefusesWhatHasNoLength) {
  EXPECT_EQ(runner.refusal(R"({"real":[]})").substr(0, 12), "/input/real:");
}

TEST_F(FftTest, RefusesImaginaryPartsThatDoNotMatch) {
  EXPECT_EQ(runner.refusal(R"({"real":[1,2],"imag":[1]})"),
            "/input/imag: 2 elements, as many as real expected, found 1");
}

TEST_F(FftTest, RefusesABatchThatDoesNotDivide) {
  EXPECT_EQ(runner.refusal(R"({"real":[1,2,3],"batch":2})"),
            "/input/batch: divisor of the 3 elements expected, found 2");
  EXPECT_EQ(runner.refusal(R"({"real":[1,2,3],"batch":6})"),
            "/input/batch: divisor of the 3 elements expected, found 6");
  EXPECT_EQ(runner.refusal(R"({"real":[1],"batch":18446744073709551615})").substr(0, 13),
            "/input/batch:");
  EXPECT_EQ(runner.refusal(R"({"real":[1],"batch":0})").substr(0, 13), "/input/batch:");
}

TEST_F(FftTest, RefusesWhatIsNoNumberOrBoolean) {
  EXPECT_EQ(runner.refusal(R"({"real":[1e39]})"),
            "/input/real/0: number in the range of f32 expected, found 1e39");
  EXPECT_EQ(runner.refusal(R"({"real":[1],"imag":[NaN]})"),
            "/input/imag/0: number expected, found NaN");
  EXPECT_EQ(runner.refusal(R"({"real":[1],"inverse":0})").substr(0, 15), "/input/inverse:");
}

TEST_F(FftTest, ReportsOverflowOfItsResult) {
  const auto output = runner.execute(R"({"real":[3e38,3e38]})");

  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().code, errc::non_finite_output);
}

struct FftRunTest : ::testing::Test {
  arena memory{std::size_t{1} << 29};
  std::atomic<bool> stop{false};
  cpu_context context{memory, stop};
  test::random_words random;

  fft::input noise(std::size_t n) {
    std::normal_distribution<float> normal;
    fft::input in{.real = context.allocate<float>(n), .imag = context.allocate<float>(n)};
    for (std::size_t i = 0; i < n; ++i) in.real[i] = normal(random), (*in.imag)[i] = normal(random);
    return in;
  }
};

double energy(const array<float>& re, const array<float>& im) {
  double sum = 0;
  for (std::size_t i = 0; i < re.size; ++i) sum += std::pow(re[i], 2.0) + std::pow(im[i], 2.0);
  return sum;
}

TEST_F(FftRunTest, IsUndoneByItsInverseAndKeepsTheEnergy) {
  for (const std::size_t n : {1u, 2u, 60u, 1001u, 4096u, 10007u, 65536u, 100'003u, 150'150u}) {
    SCOPED_TRACE(n);
    const auto in = noise(n);

    const auto there = fft::run(in, context).value();
    const auto back =
        fft::run({.real = there.real, .imag = there.imag, .inverse = true}, context).value();

    const double before = energy(in.real, *in.imag);
    EXPECT_NEAR(energy(there.real, there.imag) / static_cast<double>(n), before, 1e-6 * before);
    double error = 0;
    for (std::size_t i = 0; i < n; ++i) {
      error +=
          std::pow(back.real[i] - in.real[i], 2.0) + std::pow(back.imag[i] - (*in.imag)[i], 2.0);
    }
    EXPECT_LE(std::sqrt(error / before), 2e-7);
  }
}

TEST_F(FftRunTest, GivesTheSameBitsInABatchAndAlone) {
  const std::size_t n = 40'000;  // its passes have several ranges
  auto in = noise(3 * n);
  in.batch = 3;

  const auto together = fft::run(in, context).value();

  for (std::size_t row = 0; row < 3; ++row) {
    const array<float> re{in.real.data + row * n, n}, im{in.imag->data + row * n, n};
    const auto alone = fft::run({.real = re, .imag = im}, context).value();
    EXPECT_EQ(std::memcmp(alone.real.data, &together.real[row * n], n * sizeof(float)), 0);
    EXPECT_EQ(std::memcmp(alone.imag.data, &together.imag[row * n], n * sizeof(float)), 0);
  }
}

TEST_F(FftRunTest, ReturnsOnceItIsStopped) {
  const auto in = noise(100'003);
  stop = true;

  EXPECT_TRUE(fft::run(in, context));
}

}  // namespace
}  // namespace kernd::kernels
