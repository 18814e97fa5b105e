#include "src/gpu/device_pool.hpp"

#include "unit/gpu/fake_cuda.hpp"

#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <thread>

namespace kernd::gpu::test {
namespace {

struct DevicePoolTest : ::testing::Test {
  void start(std::size_t devices = 1) {
    const std::vector<chosen_device> chosen = {{0, "0000:0a:00.0"}, {1, "0000:0b:00.0"}};
    host.emplace(pinned_pool::piece_bytes);
    pool.emplace(cuda.module(), std::span{chosen}.first(devices), options, *host, nullptr);
  }

  device_pool::lease acquire() { return pool->acquire({&stop, 1}).value(); }
  errc refusal() { return pool->acquire({&stop, 1}).error().code; }
  device_status status(std::size_t index = 0) const { return pool->status().at(index); }
  void await(device_state state, std::size_t index = 0) const {
    while (status(index).state != state) std::this_thread::yield();
  }
  void fail_a_run() { acquire().ended(run_status::device_failed, {}); }
  /// A lease of that one of two devices.
  device_pool::lease acquire_on(int ordinal) {
    auto one = acquire();
    if (one.ordinal() == ordinal) return one;
    auto other = acquire();
    EXPECT_EQ(other.ordinal(), ordinal);
    return other;
  }

  std::atomic<bool> go_on{false};
  const std::atomic<bool>* const stop = &go_on;
  fake_cuda cuda;
  pool_options options{.streams = 2, .pool_bytes = 1000, .memory_limit_bytes = 0};
  std::optional<pinned_pool> host;
  std::optional<device_pool> pool;
};

TEST_F(DevicePoolTest, OpensItsWorkspacesAtTheStartAndClosesThemAtTheEnd) {
  start();
  EXPECT_EQ(cuda.open_contexts(), 2u);
  pool.reset();
  EXPECT_EQ(cuda.open_contexts(), 0u);
}

TEST_F(DevicePoolTest, LeasesEachWorkspaceOnce) {
  start();
  const auto one = acquire();
  const auto other = acquire();
  EXPECT_NE(one.workspace(), other.workspace());
  EXPECT_EQ(status().leased, 2u);
  EXPECT_EQ(status().workspaces, 2u);
}

TEST_F(DevicePoolTest, LetsWhoComesWhenAllAreOutWait) {
  options.streams = 1;
  start();
  auto held = std::make_optional(acquire());
  std::thread waits{[&] { EXPECT_TRUE(pool->acquire({&stop, 1}).has_value()); }};
  held.reset();
  waits.join();
  EXPECT_EQ(status().leased, 0u);
}

TEST_F(DevicePoolTest, LetsWhoIsToStopWaitNoLonger) {
  options.streams = 1;
  start();
  const auto held = acquire();
  std::optional<errc> seen;
  std::thread waits{[&] { seen = pool->acquire({&stop, 1}).error().code; }};
  go_on = true;
  waits.join();
  EXPECT_EQ(seen, errc::cancelled);
}

TEST_F(DevicePoolTest, WaitsAsLongAsOneOfSeveralDoes) {
  options.streams = 1;
  start();
  auto held = std::make_optional(acquire());
  const std::atomic<bool> gone{true};
  const std::array stops = {&gone, stop};
  std::thread waits{[&] { EXPECT_TRUE(pool->acquire(stops).has_value()); }};
  held.reset();
  waits.join();
  go_on = true;
  EXPECT_EQ(pool->acquire(stops).error().code, errc::cancelled);
}

TEST_F(DevicePoolTest, TakesTheDeviceWithMoreFreeWorkspaces) {
  start(2);
  const auto first = acquire();
  const auto second = acquire();
  EXPECT_NE(first.ordinal(), second.ordinal());
}

TEST_F(DevicePoolTest, RefusesMemoryBeyondTheLimitOfAllJobs) {
  options.memory_limit_bytes = 1000;
  start();
  auto one = acquire();
  auto other = std::make_optional(acquire());
  EXPECT_TRUE(one.reserve(600));
  EXPECT_FALSE(other->reserve(401));
  EXPECT_TRUE(other->reserve(400));
  EXPECT_FALSE(one.reserve(1));
  EXPECT_EQ(status().reserved_bytes, 1000u);
  other.reset();
  EXPECT_EQ(status().reserved_bytes, 600u);
  EXPECT_TRUE(one.reserve(400));
}

TEST_F(DevicePoolTest, RefusesNoMemoryWithoutALimit) {
  start();
  EXPECT_TRUE(acquire().reserve(std::size_t{1} << 40));
}

TEST_F(DevicePoolTest, CountsWhatRunsDid) {
  start();
  acquire().ended(run_status::done, {.h2d_us = 1e6,
                                     .compute_us = 2e6,
                                     .d2h_us = 3e6,
                                     .h2d_bytes = 10,
                                     .d2h_bytes = 20,
                                     .device_bytes = 30,
                                     .cuda_error = nullptr});
  acquire().ended(run_status::out_of_memory, {});
  const auto now = status();
  EXPECT_EQ(now.runs, (std::array<std::uint64_t, run_status_count>{1, 0, 1, 0}));
  EXPECT_EQ(now.h2d_bytes, 10u);
  EXPECT_EQ(now.d2h_bytes, 20u);
  EXPECT_DOUBLE_EQ(now.h2d_seconds, 1);
  EXPECT_DOUBLE_EQ(now.compute_seconds, 2);
  EXPECT_DOUBLE_EQ(now.d2h_seconds, 3);
}

TEST_F(DevicePoolTest, LooksAtTheDevicesMemory) {
  start();
  cuda.await_calls("memory", 1);
  while (!status().memory) std::this_thread::yield();
  EXPECT_EQ(status().memory->peak, 200u);
}

TEST_F(DevicePoolTest, TellsWhatTheDeviceMeasures) {
  options.nvml = KERND_FAKE_NVML;
  start(2);
  while (!status().sensors.temperature_celsius) std::this_thread::yield();
  EXPECT_DOUBLE_EQ(*status().sensors.temperature_celsius, 40);
  while (!status(1).memory) std::this_thread::yield();
  EXPECT_FALSE(status(1).sensors.temperature_celsius) << "of that one NVML knows nothing";
}

TEST_F(DevicePoolTest, ResetsADeviceThatFailed) {
  start();
  fail_a_run();
  cuda.await_calls("reset", 1);
  await(device_state::usable);
  EXPECT_EQ(status().resets, 1u);
  EXPECT_EQ(status().failure, "");
  EXPECT_EQ(cuda.open_contexts(), 2u);
  EXPECT_EQ(cuda.locked_by(), 0) << "again, after the reset";
  EXPECT_EQ(acquire().ordinal(), 0);
}

TEST_F(DevicePoolTest, GivesNoJobToADeviceThatFailed) {
  start();
  const auto still_running = acquire();  // so that it is not reset
  fail_a_run();
  EXPECT_EQ(refusal(), errc::device_error);
  EXPECT_FALSE(pool->is_usable());
  EXPECT_EQ(status().state, device_state::recovering);
}

TEST_F(DevicePoolTest, ResetsOnlyWhenNobodyUsesTheDevice) {
  start();
  auto still_running = std::make_optional(acquire());
  fail_a_run();
  EXPECT_EQ(cuda.calls("reset"), 0);
  still_running.reset();
  cuda.await_calls("reset", 1);
  await(device_state::usable);
}

TEST_F(DevicePoolTest, GivesUpADeviceThatCannotBeReset) {
  for (const char* call : {"reset", "start", "probe", "open"}) {
    start();
    cuda.fail(call);
    fail_a_run();
    await(device_state::failed);
    EXPECT_EQ(status().failure,
              "it failed and could not be reset: " + std::string{call} + " failed");
    EXPECT_EQ(refusal(), errc::device_error);
    pool.reset();
    EXPECT_EQ(cuda.open_contexts(), 0u) << call;
  }
}

TEST_F(DevicePoolTest, GivesUpADeviceThatComesBackTooLate) {
  options.recovery_time = std::chrono::milliseconds{0};
  start();
  fail_a_run();
  cuda.await_calls("reset", 1);
  while (status().failure.empty()) std::this_thread::yield();
  EXPECT_EQ(status().state, device_state::failed);
  EXPECT_EQ(refusal(), errc::device_error);
}

TEST_F(DevicePoolTest, WaitsForADeviceThatRecovers) {
  start();
  fail_a_run();
  EXPECT_TRUE(pool->await_usable());
  cuda.fail("reset");
  fail_a_run();
  EXPECT_FALSE(pool->await_usable());
}

TEST_F(DevicePoolTest, IsNotIdleWhileADeviceRecovers) {
  start();
  const auto hangs = acquire();
  EXPECT_TRUE(pool->is_idle());
  fail_a_run();
  EXPECT_FALSE(pool->is_idle());
}

TEST_F(DevicePoolTest, GivesUpADeviceWhoseJobsDoNotEnd) {
  options.recovery_time = std::chrono::milliseconds{0};
  start();
  const auto hangs = acquire();
  fail_a_run();
  await(device_state::failed);
  EXPECT_EQ(cuda.calls("reset"), 0);
}

TEST_F(DevicePoolTest, GoesOnWithTheOtherDevice) {
  start(2);
  const auto sound = acquire();
  cuda.fail("reset");
  fail_a_run();
  await(device_state::failed, 1 - static_cast<std::size_t>(sound.ordinal()));

  EXPECT_TRUE(pool->is_usable());
  EXPECT_EQ(acquire().ordinal(), sound.ordinal());
}

TEST_F(DevicePoolTest, ResetsADeviceWhileAnotherIsUsed) {
  start(2);
  const auto sound = acquire_on(0);
  acquire_on(1).ended(run_status::device_failed, {});
  cuda.await_calls("reset", 1);
  await(device_state::usable, 1);

  EXPECT_EQ(cuda.locked_by(), 0);
  EXPECT_EQ(cuda.calls("lock"), 1) << "the first may be copying from there";
}

TEST_F(DevicePoolTest, StartsNoJobWhileTheDeviceThatLocksTheMemoryRecovers) {
  start(2);
  auto still_running = std::make_optional(acquire_on(1));
  acquire_on(0).ended(run_status::device_failed, {});
  EXPECT_EQ(status().state, device_state::recovering) << "until the other's job has ended";
  go_on = true;
  EXPECT_EQ(refusal(), errc::cancelled) << "it waits";
  still_running.reset();
  cuda.await_calls("reset", 1);
  await(device_state::usable);
  go_on = false;
  EXPECT_TRUE(pool->acquire({&stop, 1}).has_value());
  EXPECT_EQ(cuda.locked_by(), 0);
}

TEST_F(DevicePoolTest, LocksTheMemoryByAnotherDeviceWhenTheFirstIsLost) {
  start(2);
  cuda.fail("start");
  acquire_on(0).ended(run_status::device_failed, {});
  await(device_state::failed);
  EXPECT_EQ(cuda.locked_by(), 1);
  EXPECT_EQ(acquire().ordinal(), 1);
}

TEST_F(DevicePoolTest, LocksTheMemoryByTheFirstDeviceThatStarts) {
  cuda.fail("start");
  start(2);
  EXPECT_EQ(cuda.locked_by(), 1);
  pool.reset();
  EXPECT_EQ(cuda.locked_by(), -1);
}

TEST_F(DevicePoolTest, GoesOnWithoutLockedMemoryWhenItCannotBeLocked) {
  start();
  cuda.fail("lock");
  fail_a_run();
  cuda.await_calls("lock", 2);
  await(device_state::usable);
  EXPECT_EQ(host->locked_bytes(), 0u);
  EXPECT_EQ(host->take(1), nullptr);
}

TEST_F(DevicePoolTest, NoticesAnIdleDeviceThatIsLost) {
  cuda.fail("memory");
  start();
  cuda.await_calls("reset", 1);
  await(device_state::usable);
  EXPECT_EQ(status().resets, 1u);
}

TEST_F(DevicePoolTest, TellsNothingOfTheMemoryOfADeviceThatIsOut) {
  start();
  while (!status().memory) std::this_thread::yield();
  const auto still_running = acquire();
  fail_a_run();
  EXPECT_FALSE(status().memory);
}

TEST_F(DevicePoolTest, CountsErrorsByTheirCode) {
  start();
  for (const char* code : {"cudaErrorOne", "cudaErrorTwo", "cudaErrorOne"}) {
    job_report report{};
    report.cuda_error = code;
    acquire().ended(run_status::failed, report);
  }
  acquire().ended(run_status::failed, {});
  const auto errors = status().errors;
  ASSERT_EQ(errors.size(), 2u);
  EXPECT_EQ(errors[0].code, "cudaErrorOne");
  EXPECT_EQ(errors[0].count, 2u);
  EXPECT_EQ(errors[1].code, "cudaErrorTwo");
  EXPECT_EQ(errors[1].count, 1u);
}

TEST_F(DevicePoolTest, HasNoUseForADeviceThatDoesNotStart) {
  for (const char* call : {"start", "probe", "open"}) {
    cuda.fail(call);
    start();
    EXPECT_EQ(status().state, device_state::failed) << call;
    EXPECT_EQ(status().failure, std::string{call} + " failed");
    EXPECT_EQ(refusal(), errc::device_error);
    pool.reset();
    EXPECT_EQ(cuda.open_contexts(), 0u) << call;
  }
}

}  // namespace
}  // namespace kernd::gpu::test
