#include "kernd/gpu/module.hpp"

#include "unit/gpu/fakes.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace kernd::gpu::test {
namespace {

/// The module that was built, on a machine that need not have a GPU: only the driver is a fake.
struct ModuleTest : FakeCudaTest {
  ModuleTest() { places.module = KERND_CUDA_MODULE; }
};

TEST_F(ModuleTest, FitsTheCatalogueOfThisBuild) {
  const cuda_report report = find();

  ASSERT_EQ(report.state, cuda_state::module_loaded) << report.found << report.detail;
  ASSERT_GE(report.module->kernel_count, 2u);
  EXPECT_STREQ(report.module->kernels[0].id, "core/axpy");
}

TEST_F(ModuleTest, TakesAtLeastOneInputAtATime) {
  const cuda_report report = find();

  ASSERT_NE(report.module, nullptr) << report.found;
  for (const module_kernel& twin : std::span{report.module->kernels, report.module->kernel_count}) {
    EXPECT_GE(twin.max_batch, 1u) << twin.id;
    EXPECT_NE(twin.run, nullptr) << twin.id;
  }
}

TEST_F(ModuleTest, HasATwinOnlyOfWhatCanBeSampled) {
  const cuda_report report = find();

  ASSERT_NE(report.module, nullptr) << report.found;
  for (const module_kernel& twin : std::span{report.module->kernels, report.module->kernel_count}) {
    EXPECT_NE(registry.find(twin.id, kernel_mode::batch)->kernel.sample, nullptr) << twin.id;
  }
}

TEST_F(ModuleTest, NeedsADriverOfItsMajorVersion) {
  set("KERND_FAKE_DRIVER_VERSION", "11080");

  EXPECT_EQ(find().state, cuda_state::driver_too_old);
}

/// What the module says of a device that there is not: that nothing works, and which call failed.
struct AbsentDeviceTest : ModuleTest {
  static constexpr int absent = 1000;
  const cuda_report report = find();
  error why{};

  void expect_call(std::string_view call) const {
    EXPECT_EQ(why.code, errc::device_error);
    EXPECT_TRUE(why.internal.starts_with(call)) << why.internal;
    EXPECT_NE(why.internal.find(": cudaError"), std::string::npos) << why.internal;
  }
};

TEST_F(AbsentDeviceTest, CannotBeStarted) {
  ASSERT_NE(report.module, nullptr) << report.found;

  EXPECT_FALSE(report.module->start(absent, 0, &why));

  expect_call("cudaInitDevice");
}

TEST_F(AbsentDeviceTest, HasNoContext) {
  ASSERT_NE(report.module, nullptr) << report.found;

  EXPECT_EQ(report.module->open(absent, &why), nullptr);

  expect_call("cudaSetDevice");
}

TEST_F(AbsentDeviceTest, HasNoMemory) {
  ASSERT_NE(report.module, nullptr) << report.found;
  device_memory memory{};

  EXPECT_FALSE(report.module->memory(absent, &memory, &why));

  expect_call("cudaSetDevice");
}

TEST_F(AbsentDeviceTest, FailsItsProbe) {
  ASSERT_NE(report.module, nullptr) << report.found;

  EXPECT_FALSE(report.module->probe(absent, &why));

  expect_call("cudaSetDevice");
}

TEST_F(AbsentDeviceTest, CannotBeReset) {
  ASSERT_NE(report.module, nullptr) << report.found;

  EXPECT_FALSE(report.module->reset(absent, &why));

  EXPECT_FALSE(why.internal.empty());
}

TEST_F(AbsentDeviceTest, LocksNoMemory) {
  ASSERT_NE(report.module, nullptr) << report.found;
  std::array<std::byte, 64> memory{};

  EXPECT_FALSE(report.module->lock(absent, memory.data(), memory.size(), &why));

  expect_call("cudaSetDevice");
}

}  // namespace
}  // namespace kernd::gpu::test
