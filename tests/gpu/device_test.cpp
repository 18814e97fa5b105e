#include "gpu/device_fixture.hpp"
#include "kernels/core/axpy.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace kernd::gpu::test {
namespace {

struct ModuleDeviceTest : DeviceTest {
  device_memory memory() {
    device_memory found{};
    EXPECT_TRUE(cuda.module->memory(0, &found, &why)) << why.internal;
    return found;
  }

  bool runs_axpy() {
    const auto x = array_of<float>({1, 2, 3});
    const kernels::axpy::input in{.alpha = 2, .x = x, .y = x};
    kernels::axpy::output out;
    return run("core/axpy", {&in}, {&out}) == run_status::done && out.result[2] == 9;
  }
};

TEST_F(ModuleDeviceTest, PassesItsProbe) {
  EXPECT_TRUE(cuda.module->probe(0, &why)) << why.internal;
}

TEST_F(ModuleDeviceTest, KeepsThePoolItStartedWith) {
  EXPECT_GE(memory().reserved, std::uint64_t{64} << 20);
  EXPECT_EQ(memory().used, 0u);
  EXPECT_GT(memory().total, memory().free);
}

TEST_F(ModuleDeviceTest, CountsThePeakOfWhatKernelsUse) {
  ASSERT_TRUE(runs_axpy());

  EXPECT_GE(memory().peak, 24u);
  EXPECT_EQ(memory().used, 0u);
}

TEST_F(ModuleDeviceTest, LocksMemoryThatIsLockedAlready) {
  std::vector<std::byte> block(1 << 20);

  EXPECT_TRUE(cuda.module->lock(0, block.data(), block.size(), &why)) << why.internal;
  EXPECT_TRUE(cuda.module->lock(0, block.data(), block.size(), &why)) << why.internal;

  cuda.module->unlock(0, block.data());
}

TEST_F(ModuleDeviceTest, LocksMemoryAgainAfterAReset) {
  std::vector<std::byte> block(1 << 20);
  ASSERT_TRUE(cuda.module->lock(0, block.data(), block.size(), &why)) << why.internal;
  cuda.module->close(std::exchange(opened, nullptr));
  ASSERT_TRUE(cuda.module->reset(0, &why)) << why.internal;
  ASSERT_TRUE(cuda.module->start(0, std::size_t{1} << 20, &why)) << why.internal;

  EXPECT_TRUE(cuda.module->lock(0, block.data(), block.size(), &why)) << why.internal;

  cuda.module->unlock(0, block.data());
  opened = cuda.module->open(0, &why);
  ASSERT_NE(opened, nullptr) << why.internal;
}

TEST_F(ModuleDeviceTest, RunsAgainAfterAReset) {
  ASSERT_TRUE(runs_axpy());
  cuda.module->close(std::exchange(opened, nullptr));

  ASSERT_TRUE(cuda.module->reset(0, &why)) << why.internal;

  ASSERT_TRUE(cuda.module->start(0, std::size_t{1} << 20, &why)) << why.internal;
  opened = cuda.module->open(0, &why);
  ASSERT_NE(opened, nullptr) << why.internal;
  EXPECT_TRUE(runs_axpy()) << why.internal;
}

}  // namespace
}  // namespace kernd::gpu::test
