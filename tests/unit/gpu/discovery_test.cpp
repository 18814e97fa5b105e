#include "kernd/gpu/discovery.hpp"

#include "kernd/version.hpp"
#include "unit/gpu/fakes.hpp"

#include <dlfcn.h>

namespace kernd::gpu::test {
namespace {

using DiscoveryTest = FakeCudaTest;

TEST_F(DiscoveryTest, NoDriverIsNormal) {
  places.driver = "libkernd_no_such_driver.so.1";

  const cuda_report report = find();

  EXPECT_EQ(report.state, cuda_state::driver_absent);
  EXPECT_EQ(report.found, "no CUDA driver, which is fine; kernels run on the CPU");
  EXPECT_EQ(report.advice, "");
  EXPECT_FALSE(report.is_fault());
}

TEST_F(DiscoveryTest, WithoutADriverNoModuleIsLoaded) {
  places.driver = "libkernd_no_such_driver.so.1";

  find();

  EXPECT_EQ(::dlopen(KERND_FAKE_MODULE_FILE, RTLD_NOW | RTLD_NOLOAD), nullptr);
}

TEST_F(DiscoveryTest, AModuleThatFitsIsLoadedForGood) {
  const cuda_report report = find();

  EXPECT_EQ(report.state, cuda_state::module_loaded);
  EXPECT_FALSE(report.is_fault());
  ASSERT_NE(report.module, nullptr);
  EXPECT_STREQ(report.module->kernels[0].id, "core/axpy");
  EXPECT_EQ(report.found,
            "CUDA driver for 13.0, 1 device: Fake GPU; libkernd_cuda.so fits and has core/axpy");
  EXPECT_NE(::dlopen(KERND_FAKE_MODULE_FILE, RTLD_NOW | RTLD_NOLOAD), nullptr);
}

TEST_F(DiscoveryTest, ADriverThatFailsIsNamedWithItsError) {
  set("KERND_FAKE_DRIVER_ERROR", "803");

  const cuda_report report = find();

  EXPECT_EQ(report.state, cuda_state::driver_unusable);
  EXPECT_TRUE(report.is_fault());
  EXPECT_NE(report.found.find("error 803"), std::string::npos) << report.found;
  EXPECT_NE(report.advice.find("nvidia-smi"), std::string::npos) << report.advice;
}

TEST_F(DiscoveryTest, HiddenDevicesAreToldFromNone) {
  set("CUDA_VISIBLE_DEVICES", "");

  const cuda_report hidden = find();

  EXPECT_EQ(hidden.state, cuda_state::no_device);
  EXPECT_EQ(hidden.found,
            "CUDA driver for 13.0 without a device: CUDA_VISIBLE_DEVICES is ''; kernels run on the "
            "CPU");
  EXPECT_NE(hidden.advice.find("unset CUDA_VISIBLE_DEVICES"), std::string::npos) << hidden.advice;

  ::unsetenv("CUDA_VISIBLE_DEVICES");
  set("KERND_FAKE_DRIVER_ERROR", "100");

  const cuda_report none = find();

  EXPECT_EQ(none.state, cuda_state::no_device);
  EXPECT_EQ(none.found, "CUDA driver for 13.0 without a device; kernels run on the CPU");
  EXPECT_NE(none.advice.find("container"), std::string::npos) << none.advice;
}

TEST_F(DiscoveryTest, AnAbsentModuleIsMissed) {
  places.module = "/nowhere/libkernd_cuda.so";

  const cuda_report report = find();

  EXPECT_EQ(report.state, cuda_state::module_absent);
  EXPECT_NE(report.found.find("no libkernd_cuda.so beside kernd"), std::string::npos);
  EXPECT_NE(report.advice.find("KERND_CUDA=ON"), std::string::npos) << report.advice;
  EXPECT_EQ(report.detail, "/nowhere/libkernd_cuda.so");
}

TEST_F(DiscoveryTest, AFileThatIsNoLibraryIsBroken) {
  places.module = "/proc/self/status";

  const cuda_report report = find();

  EXPECT_EQ(report.state, cuda_state::module_broken);
  EXPECT_NE(report.detail.find("/proc/self/status"), std::string::npos) << report.detail;
}

TEST_F(DiscoveryTest, ALibraryWithoutTheSymbolIsBroken) {
  places.module = KERND_EMPTY_MODULE;

  const cuda_report report = find();

  EXPECT_EQ(report.state, cuda_state::module_broken);
  EXPECT_EQ(report.found,
            "libkernd_cuda.so has no symbol kernd_cuda_module; kernels run on the CPU");
}

TEST_F(DiscoveryTest, AModuleThatSaysNothingIsBroken) {
  set("KERND_FAKE_MODULE", "silent");

  const cuda_report report = find();

  EXPECT_EQ(report.state, cuda_state::module_broken);
  EXPECT_EQ(report.module, nullptr);
}

TEST_F(DiscoveryTest, AnotherBuildIsRefusedAndBothAreNamed) {
  set("KERND_FAKE_MODULE_BUILD", "0.0.1+abc");

  const cuda_report report = find();

  EXPECT_EQ(report.state, cuda_state::build_differs);
  EXPECT_EQ(report.module, nullptr);
  EXPECT_EQ(report.found, "libkernd_cuda.so is of build 0.0.1+abc, kernd of " + build_id() +
                              "; kernels run on the CPU");
  EXPECT_NE(report.advice.find("same package"), std::string::npos) << report.advice;
}

TEST_F(DiscoveryTest, AnOldDriverIsRefusedAndBothVersionsAreNamed) {
  set("KERND_FAKE_DRIVER_VERSION", "12020");

  const cuda_report report = find();

  EXPECT_EQ(report.state, cuda_state::driver_too_old);
  EXPECT_EQ(report.module, nullptr);
  EXPECT_EQ(report.found,
            "the CUDA driver supports 12.2, libkernd_cuda.so needs 13.0; kernels run on the CPU");
  EXPECT_EQ(report.advice, "install an NVIDIA driver that supports CUDA 13.0 or newer");
}

TEST_F(DiscoveryTest, TheModuleSaysHowNewTheDriverMustBe) {
  set("KERND_FAKE_MODULE", "newer_cuda");

  EXPECT_EQ(find().state, cuda_state::driver_too_old);
}

TEST_F(DiscoveryTest, AnotherLayoutIsRefusedAndBothAreNamed) {
  set("KERND_FAKE_MODULE", "other_layout");

  const cuda_report report = find();

  EXPECT_EQ(report.state, cuda_state::kernels_differ);
  EXPECT_EQ(report.module, nullptr);
  EXPECT_NE(report.found.find("lays out core/axpy as 0000000000001234, kernd as "),
            std::string::npos)
      << report.found;
}

TEST_F(DiscoveryTest, AKernelThatKerndHasNotIsRefused) {
  set("KERND_FAKE_MODULE", "unknown_kernel");

  const cuda_report report = find();

  EXPECT_EQ(report.state, cuda_state::kernels_differ);
  EXPECT_NE(report.found.find("'core/not-there'"), std::string::npos) << report.found;
}

TEST_F(DiscoveryTest, ABuildIsItsVersionAndItsCommit) {
  EXPECT_EQ(build_id(), std::string{version()} + "+" + std::string{revision()});
}

}  // namespace
}  // namespace kernd::gpu::test
