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
  EXPECT_DOUBLE_EQ(told.utilization.value(), 0.25);
  EXPECT_DOUBLE_EQ(told.temperature_celsius.value(), 40);
  EXPECT_DOUBLE_EQ(told.power_watts.value(), 123.5);
}

/// Whether anything was told.
bool tells(const device_sensors& told) {
  return told.utilization || told.temperature_celsius || told.power_watts;
}

TEST_F(SensorsTest, TellNothingOfADeviceThatIsNotThere) {
  EXPECT_FALSE(tells(sensors{KERND_FAKE_NVML}.read("0000:0b:00.0")));
}

TEST_F(SensorsTest, TellNothingWithoutTheLibrary) {
  EXPECT_FALSE(tells(sensors{"libkernd-there-is-none.so"}.read(place)));
}

TEST_F(SensorsTest, TellNothingFromALibraryWithoutItsFunctions) {
  EXPECT_FALSE(tells(sensors{KERND_EMPTY_MODULE}.read(place)));
}

TEST_F(SensorsTest, TellNothingWhereTheLibraryDoesNotStart) {
  ::setenv("KERND_FAKE_NVML_ERROR", "init", 1);
  EXPECT_FALSE(tells(sensors{KERND_FAKE_NVML}.read(place)));
}

TEST_F(SensorsTest, TellTheRestWhereOneIsNotTold) {
  const auto read_without = [](const char* function) {
    ::setenv("KERND_FAKE_NVML_ERROR", function, 1);
    return sensors{KERND_FAKE_NVML}.read(place);
  };
  const auto slice = read_without("rates");  // as of a MIG slice
  EXPECT_FALSE(slice.utilization);
  EXPECT_TRUE(slice.temperature_celsius && slice.power_watts);
  const auto cool = read_without("temperature");
  EXPECT_FALSE(cool.temperature_celsius);
  EXPECT_TRUE(cool.utilization && cool.power_watts);
  const auto idle = read_without("power");
  EXPECT_FALSE(idle.power_watts);
  EXPECT_TRUE(idle.utilization && idle.temperature_celsius);
}

}  // namespace
}  // namespace kernd::gpu::test
