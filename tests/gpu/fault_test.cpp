#include "gpu/fault.hpp"

#include "gpu/device_fixture.hpp"
#include "kernd/gpu/backend.hpp"
#include "kernels/core/axpy.hpp"

#include <gtest/gtest.h>

#include <latch>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>

namespace kernd::gpu::test {
namespace {

using kernels::axpy;

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

  void TearDown() override {
    backend.reset();  // whose threads may still warn
    // What is closed after a fault says that it could not be, for nobody can be handed that.
    warnings.clear();
    DeviceTest::TearDown();
  }

  result<device_run> run(const axpy::input& in, axpy::output& out, arena& memory) {
    const void* const from = &in;
    void* const to = &out;
    return backend->run(*registry.find("core/axpy"), {&from, 1}, {&to, 1}, memory, 5, {&stops, 1});
  }

  result<device_run> run_small(axpy::output& out) {
    const auto x = array_of<float>({1, 2, 3});
    return run({.alpha = 2, .x = x, .y = x}, out, job);
  }

  /// Runs that hold device memory, one after the other: what the first that fails ends with.
  std::optional<errc> run_until_failure(const std::stop_token& enough, std::latch& has_begun) {
    constexpr std::size_t count = std::size_t{4} << 20, limit_bytes = std::size_t{64} << 20;
    arena inputs{limit_bytes}, outputs{limit_bytes};
    const auto x = inputs.allocate<float>(count);
    std::fill(x.begin(), x.end(), 1.0F);
    for (bool is_first = true; !enough.stop_requested(); is_first = false) {
      outputs.reset(limit_bytes);
      axpy::output out;
      const auto ran = run({.alpha = 2, .x = x, .y = x}, out, outputs);
      if (is_first) has_begun.count_down();
      if (!ran) return ran.error().code;
    }
    return std::nullopt;
  }

  device_status device() const { return backend->devices()[0]; }

  const std::atomic<bool>* const stops = &stop;
  gpu_config options;
  std::optional<cuda_backend> backend;
};

TEST_F(FaultTest, ADeviceThatFaultedIsBackOrFailedInTime) {
  axpy::output out;
  ASSERT_TRUE(run_small(out).has_value());
  std::optional<errc> failure;
  std::latch has_begun{1};
  std::jthread busy{
      [&](const std::stop_token& enough) { failure = run_until_failure(enough, has_begun); }};
  has_begun.wait();

  ASSERT_TRUE(fault_on(0));
  // One of the runs finds out, or the keeper, which looks every second.
  device_status now = device();
  while (now.state == device_state::usable && now.resets == 0) {
    std::this_thread::yield();
    now = device();
  }
  while (now.state == device_state::recovering) {  // which ends after 2 s in any case
    std::this_thread::yield();
    now = device();
  }
  busy.request_stop();
  busy.join();

  RecordProperty("became", std::string{name_of(now.state)});
  // Between two runs the keeper may find out and have it reset: then none fails.
  EXPECT_EQ(failure.value_or(errc::device_error), errc::device_error);
  if (now.state == device_state::failed) {
    EXPECT_NE(now.failure, "");
    const auto ran = run_small(out);
    ASSERT_FALSE(ran.has_value());
    EXPECT_EQ(ran.error().code, errc::device_error);
    return;
  }
  EXPECT_EQ(now.resets, 1u);
  while (now.state == device_state::usable && !now.memory) {  // until the keeper has looked
    std::this_thread::yield();
    now = device();
  }
  ASSERT_TRUE(now.memory.has_value()) << now.failure;
  EXPECT_EQ(now.memory->used, 0u) << "held by the job that the fault ended";
  ASSERT_TRUE(run_small(out).has_value());
  EXPECT_EQ(out.result[2], 9);
}

}  // namespace
}  // namespace kernd::gpu::test
