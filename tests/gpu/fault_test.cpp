#include "gpu/fault.hpp"

#include "gpu/device_fixture.hpp"
#include "kernd/gpu/backend.hpp"
#include "kernels/core/axpy.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <thread>
#include <utility>

namespace kernd::gpu::test {
namespace {

/// The daemon's side on a device that really fails.
struct FaultTest : DeviceTest {
  void SetUp() override {
    DeviceTest::SetUp();
    if (opened == nullptr) return;  // there is no device
    cuda.module->close(std::exchange(opened, nullptr));
    options.cuda_kernels = {"core/axpy"};
    options.devices = {"0"};
    backend.emplace(registry, cuda, options, nullptr);
  }

  result<device_run> run_axpy(kernels::axpy::output& out) {
    const auto x = array_of<float>({1, 2, 3});
    const kernels::axpy::input in{.alpha = 2, .x = x, .y = x};
    const void* const from = &in;
    void* const to = &out;
    return backend->run(*registry.find("core/axpy"), {&from, 1}, {&to, 1}, job, 5, {&stops, 1});
  }

  const std::atomic<bool>* const stops = &stop;
  gpu_config options;
  std::optional<cuda_backend> backend;
};

TEST_F(FaultTest, ADeviceThatFaultedIsBackInTimeAndComputesRight) {
  kernels::axpy::output out;
  ASSERT_TRUE(run_axpy(out).has_value());

  ASSERT_TRUE(fault_on(0));
  EXPECT_EQ(run_axpy(out).error().code, errc::device_error);
  auto state = device_state::recovering;
  while (state == device_state::recovering) {  // which ends after 2 s in any case
    std::this_thread::yield();
    state = backend->devices()[0].state;
  }

  EXPECT_EQ(state, device_state::usable) << backend->devices()[0].failure;
  EXPECT_EQ(backend->devices()[0].resets, 1u);
  ASSERT_TRUE(run_axpy(out).has_value());
  EXPECT_EQ(out.result[2], 9);
}

}  // namespace
}  // namespace kernd::gpu::test
