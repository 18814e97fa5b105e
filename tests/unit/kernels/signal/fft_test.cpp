#include "kernels/signal/fft.hpp"

#include "contract/kernel_runner.hpp"
#include "kernels/catalogue.hpp"
#include "kernels/signal/butterflies.hpp"
#include "tests/support/random_words.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <cstring>
#include <numbers>
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

/// The definition, with every root computed by itself.
std::vector<std::complex<double>> naive(const fft::input& in) {
  const std::size_t n = in.real.size;
  std::vector<std::complex<double>> roots(n), sums(n);
  for (std::size_t k = 0; k < n; ++k) {
    roots[k] = std::polar(1.0, -2 * std::numbers::pi * static_cast<double>(k) / double(n));
  }
  for (std::size_t k = 0; k < n; ++k) {
    for (std::size_t j = 0; j < n; ++j) {
      sums[k] += std::complex<double>{in.real[j], (*in.imag)[j]} * roots[j * k % n];
    }
  }
  return sums;
}

// Primes that have passes of their own and ones that have none; alone, beside each other and after
// passes that interleave fewer or more columns than a vector holds.
TEST_F(FftRunTest, MatchesTheDefinition) {
  for (const std::size_t n :
       {11u,      13u,       17u,      19u,      97u,       101u,     113u,     251u,
        257u,     17u * 2,   17u * 8,  19u * 64, 23u * 29,  31u * 7,  17u * 17, 13u * 11 * 9,
        67u * 12, 101u * 20, 97u * 21, 241u * 8, 251u * 10, 263u * 5, 509u * 8, 521u * 6}) {
    SCOPED_TRACE(n);
    const auto in = noise(n);
    const auto expected = naive(in);

    const auto found = fft::run(in, context).value();

    double error = 0, norm = 0;
    for (std::size_t k = 0; k < n; ++k) {
      error += std::norm(expected[k] - std::complex<double>{found.real[k], found.imag[k]});
      norm += std::norm(expected[k]);
    }
    EXPECT_LE(std::sqrt(error / norm), 6e-8);  // half an ulp of f32
  }
}

TEST_F(FftRunTest, IsUndoneByItsInverseAndKeepsTheEnergy) {
  for (const std::size_t n :
       {1u, 2u, 60u, 1001u, 4096u, 10007u, 65536u, 69'632u, 100'003u, 63'001u, 150'150u}) {
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
  for (const std::size_t n : {40'000u, 97u * 400}) {  // their passes have several ranges
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
}

TEST_F(FftRunTest, ReturnsOnceItIsStopped) {
  stop = true;
  for (const std::size_t n : {65536u, 97u * 400, 100'003u}) {
    EXPECT_TRUE(fft::run(noise(n), context)) << n;
  }
}

// However its columns are cut into ranges: the ranges of `parallel_for` are no part of a result.
TEST_F(FftRunTest, RunsThePassesOfColumnsInAnyRanges) {
  for (const auto& [radix, s, m] :
       {std::array<std::size_t, 3>{17, 1, 40}, {97, 3, 7}, {19, 64, 1}, {4, 1, 100}, {7, 5, 9}}) {
    SCOPED_TRACE(radix);
    const std::size_t n = radix * s * m, columns = s * m;
    const unit_roots twiddles{n, context};
    const auto roots = context.allocate<unit_roots::root>(radix);
    for (std::size_t t = 0; t < radix; ++t) roots[t] = exact_root(t, radix);
    const butterfly_pass pass{radix, s, m, twiddles, roots.data};
    const butterfly_function run = radix <= butterfly_pass::largest_small_radix
                                       ? widest_small_butterflies()
                                       : widest_odd_butterfly();
    const split_complex x = allocate_split(n, context), whole = allocate_split(n, context),
                        cut = allocate_split(n, context);
    std::normal_distribution<double> normal;
    for (std::size_t i = 0; i < n; ++i) x.re[i] = normal(random), x.im[i] = normal(random);

    run(pass, x, whole, 0, columns);
    for (std::size_t first = 0, size = 1; first < columns; first += size, ++size) {
      run(pass, x, cut, first, std::min(columns, first + size));
    }

    EXPECT_EQ(std::memcmp(whole.re, cut.re, n * sizeof(double)), 0);
    EXPECT_EQ(std::memcmp(whole.im, cut.im, n * sizeof(double)), 0);
  }
}

}  // namespace
}  // namespace kernd::kernels
