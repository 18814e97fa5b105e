#include "kernels/core/vector_add.hpp"

#include "contract/kernel_runner.hpp"
#include "kernels/catalogue.hpp"

#include <gtest/gtest.h>

namespace kernd::kernels {
namespace {

struct VectorAddTest : ::testing::Test {
  kernel_registry registry;
  test::kernel_runner runner{[this]() -> const kernel_entry& {
    add_all(registry).value();
    return *registry.find("core/vector-add");
  }()};
};

TEST_F(VectorAddTest, AddsElementByElement) {
  EXPECT_EQ(runner.execute(R"({"a":[1,-0,0.1,1e-45],"b":[0.5,-0,0.2,1e-45]})").value(),
            R"({"result":[1.5,-0,0.3,3e-45]})");
}

TEST_F(VectorAddTest, AcceptsEmptyVectors) {
  EXPECT_EQ(runner.execute(R"({"a":[],"b":[]})").value(), R"({"result":[]})");
}

TEST_F(VectorAddTest, RefusesVectorsOfDifferentLength) {
  EXPECT_EQ(runner.refusal(R"({"a":[1,2],"b":[1]})"),
            "/input/b: 2 elements, as many as a expected, found 1");
}

TEST_F(VectorAddTest, RefusesElementsThatAreNoF32) {
  EXPECT_EQ(runner.refusal(R"({"a":[1e39],"b":[1]})"),
            "/input/a/0: number in the range of f32 expected, found 1e39");
  EXPECT_EQ(runner.refusal(R"({"a":[1],"b":["1"]})"), R"(/input/b/0: number expected, found "1")");
}

TEST_F(VectorAddTest, ReportsOverflowOfItsResult) {
  const auto output = runner.execute(R"({"a":[3e38],"b":[3e38]})");

  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().code, errc::non_finite_output);
}

}  // namespace
}  // namespace kernd::kernels
