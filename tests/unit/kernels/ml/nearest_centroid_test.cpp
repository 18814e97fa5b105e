#include "kernels/ml/nearest_centroid.hpp"

#include "tests/support/random_words.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace kernd::kernels {
namespace {

struct NearestCentroidTest : ::testing::Test {
  arena memory{std::size_t{1} << 28};
  std::atomic<bool> stop{false};
  cpu_context context{memory, stop};
  test::random_words words;

  /// Numbers `offset`, `offset + spacing` … : some points lie on each other, or between centroids.
  matrix<float> grid(std::size_t rows, std::size_t cols, float offset, float spacing) {
    const matrix<float> result{context.allocate<float>(rows * cols).data, rows, cols};
    for (float& v : result.span()) v = offset + spacing * static_cast<float>(words() % 8);
    return result;
  }

  void expect_nearest(const matrix<float>& points, const matrix<float>& places) {
    const matrix<double> centroids{context.allocate<double>(places.rows * places.cols).data,
                                   places.rows, places.cols};
    std::copy_n(places.data, places.rows * places.cols, centroids.data);
    const point_tiles tiles = make_tiles(points, context);
    nearest_centroid search{points, tiles, centroids.rows, context};
    const auto labels = context.allocate<std::uint32_t>(points.rows);
    std::fill(labels.begin(), labels.end(), 4000000000);

    EXPECT_EQ(search.assign(centroids, labels), points.rows);

    for (std::size_t i = 0; i < points.rows; ++i) {
      std::uint32_t nearest = 0;
      double smallest = squared_distance(points.row(i).data(), centroids.data, points.cols);
      for (std::uint32_t c = 1; c < centroids.rows; ++c) {
        const double other =
            squared_distance(points.row(i).data(), centroids.row(c).data(), points.cols);
        if (other < smallest) smallest = other, nearest = c;
      }
      ASSERT_EQ(labels[i], nearest) << i;
    }
    EXPECT_EQ(search.assign(centroids, labels), 0u);
  }
};

TEST_F(NearestCentroidTest, GivesExactTiesToTheLowestIndex) {
  for (const std::size_t cols : {1, 2, 3, 7}) {
    for (const std::size_t k : {1, 2, 7, 8, 9, 40}) {
      SCOPED_TRACE(k);
      expect_nearest(grid(501, cols, -4, 1), grid(k, cols, -4, 1));
    }
  }
}

TEST_F(NearestCentroidTest, SeesDifferencesThatF32DoesNot) {
  for (const float offset : {0.0F, 1e3F, 1e6F}) {
    expect_nearest(grid(2000, 4, offset, 0.0625F), grid(30, 4, offset, 0.0625F));
  }
  auto points = grid(1000, 3, 0, 1);
  points(0, 0) = 1e9F;  // takes the mean away from all others
  expect_nearest(points, grid(20, 3, 0, 1));
}

TEST_F(NearestCentroidTest, ComparesNumbersWhoseSquaresAreBeyondF32) {
  expect_nearest(grid(300, 3, -1.5e38F, 4e37F), grid(12, 3, -1.5e38F, 4e37F));
  expect_nearest(grid(300, 3, 0, 1e-42F), grid(12, 3, 0, 1e-42F));
  auto far = grid(100, 2, -3.4e38F, 0);
  far(7, 0) = 3.4e38F;
  expect_nearest(far, far);
}

TEST_F(NearestCentroidTest, AgreesOnPointsWithoutStructure) {
  std::normal_distribution<float> normal;
  for (const std::size_t cols : {1, 16, 50}) {
    auto points = grid(3000, cols, 0, 0), places = grid(33, cols, 0, 0);
    for (float& v : points.span()) v = normal(words);
    for (float& v : places.span()) v = normal(words);
    expect_nearest(points, places);
  }
}

}  // namespace
}  // namespace kernd::kernels
