#include "kernels/core/axpy.hpp"

#include "contract/kernel_runner.hpp"
#include "kernels/catalogue.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace kernd::kernels {
namespace {

struct AxpyTest : ::testing::Test {
  kernel_registry registry;
  test::kernel_runner runner{[this]() -> const kernel_entry& {
    add_all(registry).value();
    return *registry.find("core/axpy");
  }()};
};

TEST_F(AxpyTest, TakesOneForAnAbsentAlpha) {
  EXPECT_EQ(runner.execute(R"({"x":[1,2],"y":[0.5,-2]})").value(), R"({"result":[1.5,0]})");
}

TEST_F(AxpyTest, AcceptsEmptyVectors) {
  EXPECT_EQ(runner.execute(R"({"x":[],"y":[]})").value(), R"({"result":[]})");
}

TEST_F(AxpyTest, RefusesVectorsOfDifferentLength) {
  EXPECT_EQ(runner.refusal(R"({"x":[1,2],"y":[1]})"),
            "/input/y: 2 elements, as many as x expected, found 1");
  EXPECT_EQ(runner.refusal(R"({"x":[],"y":[1]})"),
            "/input/y: 0 elements, as many as x expected, found 1");
}

TEST_F(AxpyTest, RefusesAnAlphaThatIsNoF32) {
  EXPECT_EQ(runner.refusal(R"({"alpha":"2","x":[],"y":[]})"),
            R"(/input/alpha: number expected, found "2")");
  EXPECT_EQ(runner.refusal(R"({"alpha":NaN,"x":[],"y":[]})"),
            "/input/alpha: number expected, found NaN");
  EXPECT_EQ(runner.refusal(R"({"alpha":1e39,"x":[],"y":[]})"),
            "/input/alpha: number in the range of f32 expected, found 1e39");
}

TEST_F(AxpyTest, RefusesElementsThatAreNoF32) {
  EXPECT_EQ(runner.refusal(R"({"x":[1,null],"y":[1,2]})"),
            "/input/x/1: number expected, found null");
  EXPECT_EQ(runner.refusal(R"({"x":[-3.5e38],"y":[1]})"),
            "/input/x/0: number in the range of f32 expected, found -3.5e38");
  EXPECT_EQ(runner.refusal(R"({"x":[1],"y":[Infinity]})"),
            "/input/y/0: number expected, found Infinity");
  EXPECT_EQ(runner.refusal(R"({"x":[1],"y":"1"})"), R"(/input/y: array expected, found "1")");
}

TEST_F(AxpyTest, ReportsOverflowOfItsResult) {
  const auto output = runner.execute(R"({"alpha":2,"x":[0,3e38],"y":[0,3e38]})");

  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().code, errc::non_finite_output);
  EXPECT_EQ(output.error().message, "/result/1: finite number expected, found an infinity");
}

TEST_F(AxpyTest, RoundsOnceFromF64) {
  // In f32 the product overflows, or its last bits are lost before the sum cancels.
  EXPECT_EQ(runner.execute(R"({"alpha":2,"x":[3e38],"y":[-3e38]})").value(),
            R"({"result":[3e+38]})");
  EXPECT_EQ(runner.execute(R"({"alpha":1.0000001,"x":[1.0000001],"y":[-1.0000002]})").value(),
            R"({"result":[1.4210855e-14]})");
}

struct AxpyRunTest : ::testing::Test {
  arena memory{std::size_t{1} << 28};
  std::atomic<bool> stop{false};
  cpu_context context{memory, stop};

  axpy::input ramp(std::size_t size) {
    axpy::input in{-0.5F, memory.allocate<float>(size), memory.allocate<float>(size)};
    for (std::size_t i = 0; i < size; ++i) {
      in.x[i] = static_cast<float>(i % 4096) * 2;
      in.y[i] = static_cast<float>(i / 4096);
    }
    return in;
  }
};

TEST_F(AxpyRunTest, MatchesAClosedFormBeyondOneBlock) {
  const std::size_t size = (std::size_t{1} << 21) + 3;

  const auto output = axpy::run(ramp(size), context);

  ASSERT_TRUE(output);
  ASSERT_EQ(output->result.size, size);
  for (std::size_t i = 0; i < size; ++i) {
    const auto expected = static_cast<float>(i / 4096) - static_cast<float>(i % 4096);
    ASSERT_EQ(output->result[i], expected) << i;
  }
}

TEST_F(AxpyRunTest, ComputesNothingOnceItIsStopped) {
  const auto in = ramp(1000);
  arena marked{1 << 20};
  const auto mark = marked.allocate<float>(1000);  // the memory that the result will get
  std::fill(mark.begin(), mark.end(), 42.0F);
  marked.reset(1 << 20);
  cpu_context marked_context{marked, stop};
  stop = true;

  const auto output = axpy::run(in, marked_context);

  ASSERT_TRUE(output);
  ASSERT_EQ(output->result.data, mark.data);
  EXPECT_EQ(output->result[0], 42.0F);
  EXPECT_EQ(output->result[999], 42.0F);
}

}  // namespace
}  // namespace kernd::kernels
