#include "kernd/gpu/module.hpp"

#include "unit/gpu/fakes.hpp"

namespace kernd::gpu::test {
namespace {

/// The module that was built, on a machine that need not have a GPU: only the driver is a fake.
struct ModuleTest : FakeCudaTest {
  ModuleTest() { places.module = KERND_CUDA_MODULE; }
};

TEST_F(ModuleTest, FitsTheCatalogueOfThisBuild) {
  const cuda_report report = find();

  ASSERT_EQ(report.state, cuda_state::module_loaded) << report.found << report.detail;
  ASSERT_EQ(report.module->kernel_count, 2u);
  EXPECT_STREQ(report.module->kernels[0].id, "core/axpy");
  EXPECT_STREQ(report.module->kernels[1].id, "core/vector-add");
}

TEST_F(ModuleTest, NeedsADriverOfItsMajorVersion) {
  set("KERND_FAKE_DRIVER_VERSION", "11080");

  EXPECT_EQ(find().state, cuda_state::driver_too_old);
}

TEST_F(ModuleTest, ADeviceThatIsNotThereIsAnErrorWithTheCallThatFailed) {
  const cuda_report report = find();
  ASSERT_NE(report.module, nullptr) << report.found;
  const job_memory memory{nullptr, [](void*, std::size_t) noexcept -> void* { return nullptr; }};
  error why{};

  context* const opened = report.module->open(1000, &memory, &why);

  EXPECT_EQ(opened, nullptr);
  EXPECT_EQ(why.code, errc::execution_failed);
  EXPECT_TRUE(why.internal.starts_with("cudaSetDevice: cudaError")) << why.internal;
}

}  // namespace
}  // namespace kernd::gpu::test
