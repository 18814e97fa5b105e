#include "src/gpu/sensors.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace kernd::gpu::test {
namespace {

struct SensorsTest : ::testing::Test {
  SensorsTest() { ::unsetenv("KERND_FAKE_NVML_ERROR"); }
  ~SensorsTest() override { ::unsetenv("KERND_FAKE_NVML_ERROR"); }

  static constexpr const char* place = "0000:0a:00.0";
};

TEST_F(SensorsTest, TellWhatTheDeviceMeasures) {
  const sensors nvml{KERND_FAKE_NVML};
  const auto told = nvml.read(place);
  ASSERT_TRUE(told);
  EXPECT_DOUBLE_EQ(told->utilization, 0.25);
  EXPECT_DOUBLE_EQ(told->temperature_celsius, 40);
  EXPECT_DOUBLE_EQ(told->power_watts, 123.5);
}

TEST_F(SensorsTest, TellNothingOfADeviceThatIsNotThere) {
  EXPECT_FALSE(sensors{KERND_FAKE_NVML}.read("0000:0b:00.0"));
}

TEST_F(SensorsTest, TellNothingWithoutTheLibrary) {
  EXPECT_FALSE(sensors{"libkernd-there-is-none.so"}.read(place));
}

TEST_F(SensorsTest, TellNothingFromALibraryWithoutItsFunctions) {
  EXPECT_FALSE(sensors{KERND_EMPTY_MODULE}.read(place));
}

TEST_F(SensorsTest, TellNothingWhereSomeOfItFails) {
  for (const char* function : {"init", "rates", "temperature", "power"}) {
    ::setenv("KERND_FAKE_NVML_ERROR", function, 1);
    EXPECT_FALSE(sensors{KERND_FAKE_NVML}.read(place)) << function;
  }
}

}  // namespace
}  // namespace kernd::gpu::test
