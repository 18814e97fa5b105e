#include "kernd/gpu/driver.hpp"

#include "unit/gpu/fakes.hpp"

namespace kernd::gpu::test {
namespace {

using DriverTest = FakeCudaTest;

TEST_F(DriverTest, IsAbsentWhereItsLibraryIs) {
  const driver_report report = ask_driver("libkernd_no_such_driver.so.1");

  EXPECT_FALSE(report.is_installed);
  EXPECT_EQ(report.failure, "");
}

TEST_F(DriverTest, TellsItsVersionAndItsDevices) {
  set("KERND_FAKE_DRIVER_VERSION", "12020");

  const driver_report report = ask_driver(KERND_FAKE_DRIVER);

  EXPECT_TRUE(report.is_installed);
  EXPECT_EQ(report.failure, "");
  EXPECT_EQ(cuda_version_text(report.version), "12.2");
  ASSERT_EQ(report.devices.size(), 1u);
  EXPECT_EQ(report.devices[0].name, "Fake GPU");
  EXPECT_EQ(report.devices[0].compute_major, 9);
  EXPECT_EQ(report.devices[0].compute_minor, 0);
  EXPECT_EQ(report.devices[0].memory_bytes, std::uint64_t{80} << 30);
}

TEST_F(DriverTest, MayHaveNoDevice) {
  set("CUDA_VISIBLE_DEVICES", "");

  const driver_report report = ask_driver(KERND_FAKE_DRIVER);

  EXPECT_TRUE(report.is_installed);
  EXPECT_EQ(report.failure, "");
  EXPECT_TRUE(report.devices.empty());
}

TEST_F(DriverTest, ADeviceThatItDoesNotGiveLeavesTheOthersTheirNumbers) {
  set("KERND_FAKE_DRIVER_DEVICES", "3");
  set("KERND_FAKE_DRIVER_LOST", "1");

  const driver_report report = ask_driver(KERND_FAKE_DRIVER);

  ASSERT_EQ(report.devices.size(), 2u);
  EXPECT_EQ(report.devices[0].ordinal, 0);
  EXPECT_EQ(report.devices[1].ordinal, 2);
}

TEST_F(DriverTest, SaysWhatItFailsWith) {
  set("KERND_FAKE_DRIVER_ERROR", "803");
  EXPECT_EQ(ask_driver(KERND_FAKE_DRIVER).failure,
            "it answers with error 803 (driver and library do not match)");

  set("KERND_FAKE_DRIVER_ERROR", "999");
  EXPECT_EQ(ask_driver(KERND_FAKE_DRIVER).failure, "it answers with error 999");
}

TEST_F(DriverTest, IsUnusableWithoutItsFunctions) {
  const driver_report report = ask_driver(KERND_EMPTY_MODULE);

  EXPECT_TRUE(report.is_installed);
  EXPECT_EQ(report.failure, "functions are missing in it");
}

}  // namespace
}  // namespace kernd::gpu::test
