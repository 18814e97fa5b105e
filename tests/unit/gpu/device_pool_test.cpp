#include "unit/gpu/device_pool_fixture.hpp"

#include <string>

namespace kernd::gpu::test {
namespace {

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

TEST_F(DevicePoolTest, LocksTheMemoryByTheFirstDeviceThatStarts) {
  cuda.fail("start");
  start(2);
  EXPECT_EQ(cuda.locked_by(), 1);
  pool.reset();
  EXPECT_EQ(cuda.locked_by(), -1);
}

TEST_F(DevicePoolTest, TellsNothingOfMemoryThatIsNotTold) {
  start();
  while (!status().memory) std::this_thread::yield();
  cuda.fail("memory", 1'000'000);
  while (status().memory) std::this_thread::yield();
  EXPECT_EQ(status().state, device_state::usable) << "its probe is right";
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

TEST_F(DevicePoolTest, TellsSixtyFourErrorsApart) {
  start();
  std::vector<std::string> codes;
  for (int i = 0; i < 65; ++i) codes.push_back("cudaError" + std::to_string(i));
  for (const std::string& code : codes) {
    job_report report{};
    report.cuda_error = code.c_str();
    acquire().ended(run_status::failed, report);
  }
  EXPECT_EQ(status().errors.size(), 64u);
  pool.reset();  // it refers to the codes
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
