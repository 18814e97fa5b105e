#include "kernels/core/identity.hpp"

#include "contract/kernel_runner.hpp"
#include "kernels/catalogue.hpp"

#include <gtest/gtest.h>

#include <string>

namespace kernd::kernels {
namespace {

struct IdentityTest : ::testing::Test {
  kernel_registry registry;
  test::kernel_runner runner{[this]() -> const kernel_entry& {
    add_all(registry).value();
    return *registry.find("core/identity");
  }()};
};

TEST_F(IdentityTest, ReadsF32WithoutADtype) {
  EXPECT_EQ(runner.execute(R"({"data":[16777217,0.1]})").value(), R"({"data":[16777216,0.1]})");
}

TEST_F(IdentityTest, KeepsTheExtremesOfEveryDtype) {
  for (const auto& [dtype, data] : {std::pair{"f32", "[3.4028235e+38,-3.4028235e+38,1e-45,-0]"},
                                    std::pair{"f64", "[1.7976931348623157e+308,5e-324,-0]"},
                                    std::pair{"i32", "[-2147483648,2147483647]"},
                                    std::pair{"i64", "[-9223372036854775808,9223372036854775807]"},
                                    std::pair{"u8", "[0,255]"}}) {
    const std::string output = R"({"data":)" + std::string{data} + "}";
    EXPECT_EQ(
        runner.execute(R"({"dtype":")" + std::string{dtype} + R"(","data":)" + data + "}").value(),
        output);
  }
}

TEST_F(IdentityTest, RefusesWhatTheDtypeDoesNotHold) {
  EXPECT_EQ(runner.refusal(R"({"dtype":"u8","data":[300]})"),
            "/input/data/0: integer (u8, 0 to 255) expected, found 300");
  EXPECT_EQ(runner.refusal(R"({"dtype":"u8","data":[-1]})"),
            "/input/data/0: integer (u8, 0 to 255) expected, found -1");
  EXPECT_EQ(runner.refusal(R"({"data":[1e39]})"),
            "/input/data/0: number in the range of f32 expected, found 1e39");
  EXPECT_EQ(runner.refusal(R"({"dtype":"i64","data":[0.5]})"),
            "/input/data/0: integer (i64, -9223372036854775808 to 9223372036854775807) expected, "
            "found 0.5");
}

TEST_F(IdentityTest, RefusesADtypeItDoesNotOffer) {
  EXPECT_EQ(runner.refusal(R"({"dtype":"u32","data":[1]})"),
            R"(/input/dtype: one of "f32", "f64", "i32", "i64", "u8" expected, found "u32")");
}

TEST_F(IdentityTest, RefusesDataThatIsNoList) {
  EXPECT_EQ(runner.refusal(R"({"data":1})"), "/input/data: array expected, found 1");
  EXPECT_EQ(runner.refusal(R"({"data":[[1]]})"), "/input/data/0: number expected, found an array");
}

}  // namespace
}  // namespace kernd::kernels
