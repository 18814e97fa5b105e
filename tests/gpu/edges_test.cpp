#include "gpu/close_outputs.hpp"
#include "gpu/device_fixture.hpp"
#include "kernels/core/axpy.hpp"
#include "kernels/core/gemm.hpp"
#include "kernels/core/reduce.hpp"
#include "kernels/core/sort.hpp"
#include "kernels/finance/black_scholes.hpp"
#include "kernels/graph/pagerank.hpp"
#include "kernels/ml/kmeans_cluster.hpp"
#include "kernels/signal/fft.hpp"
#include "support/random_words.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace kernd::gpu::test {
namespace {

/// Twins at the edges of what a kernel accepts, against the CPU.
struct EdgesTest : DeviceTest {
  kernd::test::random_words words{kernd::test::measured_with{6}};

  template <class Kernel>
  void expect_close(std::string_view id, const typename Kernel::input& in, double tolerance) {
    ASSERT_TRUE(Kernel::validate(in));
    const auto expected = on_cpu<Kernel>(in);
    const auto found = on_device<Kernel>(id, in);
    EXPECT_EQ(difference(describe<typename Kernel::output>(), &found, &expected, tolerance), "");
  }

  /// Any bits that are a finite number.
  template <class T>
  array<T> any_numbers(std::size_t size) {
    const auto values = job.allocate<T>(size);
    for (T& value : values) {
      do {
        if constexpr (sizeof(T) == 8) {
          value = std::bit_cast<T>(words());
        } else if constexpr (sizeof(T) == 4) {
          value = std::bit_cast<T>(static_cast<std::uint32_t>(words()));
        } else {
          value = static_cast<T>(words());
        }
      } while (value - value != 0);
    }
    return values;
  }

  array<float> reals(std::size_t size) {
    const auto values = job.allocate<float>(size);
    for (float& value : values) {
      value = static_cast<float>(static_cast<std::int32_t>(words())) * 0x1p-31F;
    }
    return values;
  }

  matrix<float> matrix_of(std::size_t rows, std::size_t cols) {
    return {reals(rows * cols).data, rows, cols};
  }
};

TEST_F(EdgesTest, AxpyTakesAnyBits) {
  for (const std::size_t size : {0, 1, 255, 256, 257, 3'000'017}) {
    expect_close<kernels::axpy>(
        "core/axpy", {.alpha = -1.7F, .x = any_numbers<float>(size), .y = any_numbers<float>(size)},
        0);
  }
}

TEST_F(EdgesTest, ReducesEveryTypeInEveryWay) {
  using kernels::reduce;
  using enum reduce::operation;
  for (const std::size_t size : {1, 63, 64, 65, 65'535, 65'536, 65'537, 1'000'003}) {
    for (const auto type :
         {dtype::f32, dtype::f64, dtype::i32, dtype::i64, dtype::u32, dtype::u64, dtype::u8}) {
      const numbers data = visit_dtype(type, [&](auto zero) {
        return numbers{any_numbers<decltype(zero)>(size).data, size, type};
      });
      for (const auto op : {sum, min, max, mean, norm2, argmin, argmax}) {
        SCOPED_TRACE(std::to_string(size) + " of dtype " + std::to_string(int(type)) + ", op " +
                     std::to_string(int(op)));
        expect_close<reduce>("core/reduce", {.data = data, .op = op, .dtype = type}, 1e-12);
      }
    }
  }
}

TEST_F(EdgesTest, ReducesNothing) {
  using kernels::reduce;
  expect_close<reduce>("core/reduce", {.data = {}, .op = reduce::operation::sum}, 0);
  expect_close<reduce>("core/reduce", {.data = {}, .op = reduce::operation::norm2}, 0);
}

TEST_F(EdgesTest, TakesTheLowestIndexOfEqualNumbers) {
  using kernels::reduce;
  std::vector<float> values(200'000, 1);
  for (const std::size_t at : {70'003, 70'002, 140'000}) values[at] = -1;
  values[199'999] = values[131'072] = 2;
  values[5] = 0.0F;
  const auto x = array_of(values);
  const numbers data{x.data, x.size, dtype::f32};

  const auto least = on_device<reduce>("core/reduce", {data, reduce::operation::argmin});
  const auto greatest = on_device<reduce>("core/reduce", {data, reduce::operation::argmax});

  EXPECT_EQ(least.index, 70'002u);
  EXPECT_EQ(greatest.index, 131'072u);
}

TEST_F(EdgesTest, SortsEveryTypeBothWays) {
  using kernels::sort;
  using enum sort::element_type;
  for (const std::size_t size : {0, 1, 2, 1000, 100'000, 2'000'003}) {
    for (const bool descending : {false, true}) {
      const auto keys = [&](auto array, dtype type) { return numbers{array.data, size, type}; };
      const auto values = any_numbers<double>(size);
      expect_close<sort>("core/sort",
                         {keys(any_numbers<float>(size), dtype::f32), f32, descending, values}, 0);
      expect_close<sort>("core/sort",
                         {keys(any_numbers<double>(size), dtype::f64), f64, descending, {}}, 0);
      expect_close<sort>(
          "core/sort", {keys(any_numbers<std::int32_t>(size), dtype::i32), i32, descending, {}}, 0);
      expect_close<sort>("core/sort",
                         {keys(any_numbers<std::uint32_t>(size), dtype::u32), u32, descending, {}},
                         0);
    }
  }
}

TEST_F(EdgesTest, SortsStablyWithBothZeros) {
  using kernels::sort;
  std::vector<float> values(50'000);
  for (float& value : values) {
    const auto word = words() % 6;
    value = word < 2 ? 0.0F : word < 4 ? -0.0F : static_cast<float>(word) - 4.5F;
  }
  const auto keys = array_of(values);
  for (const bool descending : {false, true}) {
    expect_close<sort>(
        "core/sort", {{keys.data, keys.size, dtype::f32}, sort::element_type::f32, descending, {}},
        0);
  }
}

TEST_F(EdgesTest, MultipliesMatricesOfEveryShape) {
  using kernels::gemm;
  struct shape {
    std::size_t rows, inner, cols;
  };
  for (const shape s : {shape{1, 1, 1}, shape{3, 5, 7}, shape{1, 300, 2}, shape{257, 129, 65},
                        shape{0, 3, 2}, shape{2, 0, 3}, shape{2, 3, 0}, shape{1000, 1, 1000}}) {
    for (const int which : {0, 1, 2, 3}) {
      SCOPED_TRACE(std::to_string(s.rows) + " " + std::to_string(s.inner) + " " +
                   std::to_string(s.cols) + " " + std::to_string(which));
      const bool ta = which % 2 != 0, tb = which / 2 != 0;
      gemm::input in{.a = ta ? matrix_of(s.inner, s.rows) : matrix_of(s.rows, s.inner),
                     .b = tb ? matrix_of(s.cols, s.inner) : matrix_of(s.inner, s.cols),
                     .c = {},
                     .alpha = 0.75F,
                     .transpose_a = ta,
                     .transpose_b = tb};
      expect_close<gemm>("core/gemm", in, 1e-5);
      in.c = matrix_of(s.rows, s.cols);
      in.beta = -1.5F;
      expect_close<gemm>("core/gemm", in, 1e-5);
    }
  }
}

TEST_F(EdgesTest, DoesNotLookAtCWhereBetaIs0) {
  using kernels::gemm;
  gemm::input in{.a = matrix_of(4, 4), .b = matrix_of(4, 4), .c = matrix_of(4, 4)};
  for (float& value : in.c->span()) value = std::numeric_limits<float>::quiet_NaN();

  expect_close<gemm>("core/gemm", in, 1e-5);
}

TEST_F(EdgesTest, TransformsAnyLengthBothWays) {
  using kernels::fft;
  for (const std::uint64_t n : {1, 2, 3, 7, 60, 127, 1024, 10'007, 65'536, 99'991}) {
    for (const std::uint64_t batch : {1, 3}) {
      SCOPED_TRACE(std::to_string(n) + " x " + std::to_string(batch));
      fft::input in{.real = reals(n * batch), .imag = {}, .batch = batch};
      expect_close<fft>("signal/fft", in, 1e-6);
      in.imag = reals(n * batch);
      in.inverse = true;
      expect_close<fft>("signal/fft", in, 1e-6);
    }
  }
}

TEST_F(EdgesTest, RanksGraphsWithHubsAndDeadEnds) {
  using kernels::pagerank;
  constexpr std::uint32_t n = 3000;
  std::vector<std::uint64_t> offsets{0};
  std::vector<std::uint32_t> targets;
  for (std::uint32_t v = 0; v < n; ++v) {  // most lead to node 5, some nowhere, some twice
    for (std::uint64_t e = words() % 4; e > 0; --e) {
      targets.push_back(words() % 2 == 0 ? 5 : static_cast<std::uint32_t>(words() % n));
    }
    offsets.push_back(targets.size());
  }
  pagerank::input in;
  in.graph = {.num_nodes = n,
              .row_offsets = array_of(offsets),
              .col_indices = array_of(targets),
              .weights = {}};
  expect_close<pagerank>("graph/pagerank", in, 1e-12);

  in.graph.weights = reals(targets.size());
  for (float& weight : in.graph.weights) weight = weight < -0.8F ? 0 : std::fabs(weight);
  in.personalization = any_numbers<double>(n);
  for (double& one : *in.personalization) one = static_cast<double>(words() % 3);
  expect_close<pagerank>("graph/pagerank", in, 1e-12);
}

TEST_F(EdgesTest, RanksGraphsWithoutEdges) {
  using kernels::pagerank;
  pagerank::input in;
  in.graph.row_offsets = array_of<std::uint64_t>({0});
  expect_close<pagerank>("graph/pagerank", in, 1e-12);

  in.graph.num_nodes = 3;
  in.graph.row_offsets = array_of<std::uint64_t>({0, 0, 0, 0});
  expect_close<pagerank>("graph/pagerank", in, 1e-12);
}

TEST_F(EdgesTest, ClustersWithTheBitsOfTheCpu) {
  using kernels::kmeans_cluster;
  struct shape {
    std::size_t rows, cols;
    std::uint32_t k;
  };
  for (const shape s : {shape{1, 1, 1}, shape{255, 17, 7}, shape{257, 16, 9}, shape{5'000, 3, 300},
                        shape{100'003, 2, 8}, shape{40'000, 33, 65}}) {
    SCOPED_TRACE(std::to_string(s.rows) + " points, " + std::to_string(s.k) + " clusters");
    kmeans_cluster::input in;
    in.data = matrix_of(s.rows, s.cols);
    in.k = s.k;
    in.seed = s.rows;
    expect_close<kmeans_cluster>("ml/kmeans-cluster", in, 0);

    in.max_iterations = 1;
    expect_close<kmeans_cluster>("ml/kmeans-cluster", in, 0);
  }
}

TEST_F(EdgesTest, ClustersNumbersOfEverySize) {
  using kernels::kmeans_cluster;
  kmeans_cluster::input in;
  in.data = {any_numbers<float>(30'000).data, 10'000, 3};
  in.k = 20;
  expect_close<kmeans_cluster>("ml/kmeans-cluster", in, 0);
}

TEST_F(EdgesTest, ClustersPointsThatLieOnEachOther) {
  using kernels::kmeans_cluster;
  kmeans_cluster::input in;
  in.data = matrix_of(9'000, 2);
  for (float& value : in.data.span()) value = value < 0 ? -1.0F : 2.0F;
  in.k = 9;  // of four places
  expect_close<kmeans_cluster>("ml/kmeans-cluster", in, 0);
}

TEST_F(EdgesTest, FillsEmptyClusters) {
  using kernels::kmeans_cluster;
  kmeans_cluster::input in;
  in.data = matrix_of(70'000, 3);
  for (float& value : in.data.span()) value = std::round(value * 8);  // many are equally far
  in.k = 40;
  in.init = kernels::kmeans_init::points;
  in.initial_centroids = matrix_of(40, 3);
  for (float& value : in.initial_centroids->span()) value = value < 0 ? 1.0F : 50.0F;
  for (const double tolerance : {0.0, 1e-4, 1.0}) {
    in.tolerance = tolerance;
    expect_close<kmeans_cluster>("ml/kmeans-cluster", in, 0);
  }
}

TEST_F(EdgesTest, PricesLimitsAndOneForAll) {
  using kernels::black_scholes, kernels::option_type;
  const auto one = [&](float value) { return array_of<float>({value}); };
  const black_scholes::input in{.spot = array_of<float>({0, 100, 100, 100, 1e30F, 100}),
                                .strike = one(100),
                                .rate = one(0.03F),
                                .dividend_yield = {},
                                .volatility = array_of<float>({0.2F, 0, 0.2F, 100, 0.2F, 0.2F}),
                                .expiry = array_of<float>({1, 1, 0, 1000, 1, 0.5F}),
                                .type = array_of<option_type>({option_type::put})};

  expect_close<black_scholes>("finance/black-scholes", in, 1e-6);
}

TEST_F(EdgesTest, PricesWithTheBitsOfTheCpu) {
  using kernels::black_scholes;
  expect_close<black_scholes>("finance/black-scholes", black_scholes::sample(1'000'000, 3, cpu), 0);
}

}  // namespace
}  // namespace kernd::gpu::test
