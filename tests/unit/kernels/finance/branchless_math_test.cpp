#include "kernels/finance/branchless_math.hpp"

#include "tests/support/random_words.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace kernd::kernels {
namespace {

constexpr test::measured_with measured{20240302};

template <class Approximation, class Exact>
void expect_relative(double low, double high, double bound, Approximation approximation,
                     Exact exact) {
  test::random_words words{measured};
  std::uniform_real_distribution<double> between{low, high};
  double worst = 0, where = 0;
  for (int i = 0; i < 200000; ++i) {
    const double x = between(words);
    const double relative = std::fabs(approximation(x) / exact(x) - 1);
    if (!(relative <= worst)) worst = relative, where = x;
  }
  EXPECT_LE(worst, bound) << "at " << where;
}

double exact_cdf(double x) {
  return 0.5 * std::erfc(-x / std::sqrt(2.0));
}

TEST(BranchlessMathTest, ExpIsWithinItsBound) {
  const auto exact = [](double x) { return std::exp(x); };
  expect_relative(-708, 708, 2e-14, branchless::exp, exact);
  expect_relative(-1, 1, 2e-14, branchless::exp, exact);
  EXPECT_EQ(branchless::exp(0), 1);
  EXPECT_EQ(branchless::exp(-1e300), branchless::exp(-708));
  EXPECT_EQ(branchless::exp(1e300), branchless::exp(708));
}

TEST(BranchlessMathTest, LogIsWithinItsBound) {
  test::random_words words{measured};
  std::uniform_real_distribution<double> exponent{-300, 300};
  for (int i = 0; i < 200000; ++i) {
    const double x = std::pow(10, exponent(words));
    ASSERT_NEAR(branchless::log(x), std::log(x), 1e-15 * std::fmax(1, std::fabs(std::log(x)))) << x;
  }
  const auto exact = [](double x) { return std::log(x); };
  expect_relative(0.5, 0.999, 1e-14, branchless::log, exact);
  expect_relative(1.001, 2, 1e-14, branchless::log, exact);
  EXPECT_EQ(branchless::log(1), 0);
}

TEST(BranchlessMathTest, NormalDistributionIsWithinItsBoundInBothTails) {
  const auto cdf = [](double x) {
    return branchless::normal_cdf(x, branchless::normal_density(x));
  };
  expect_relative(-37.5, 0, 3e-13, cdf, exact_cdf);
  expect_relative(-3, 37.5, 3e-13, cdf, exact_cdf);
  EXPECT_NEAR(cdf(0), 0.5, 1e-13);
  EXPECT_NEAR(cdf(0.5), 0.6914624612740131, 1e-13);
  EXPECT_NEAR(cdf(1), 0.8413447460685429, 1e-13);
  EXPECT_NEAR(cdf(2), 0.9772498680518208, 1e-13);
  EXPECT_NEAR(cdf(3), 0.9986501019683699, 1e-13);
  EXPECT_EQ(cdf(37.5), 1);
}

TEST(BranchlessMathTest, BothTailsSumToOne) {
  for (double x = 0.01; x < 37.5; x += 0.01) {
    const double density = branchless::normal_density(x);
    EXPECT_EQ(branchless::normal_cdf(x, density), 1 - branchless::normal_cdf(-x, density)) << x;
  }
}

}  // namespace
}  // namespace kernd::kernels
