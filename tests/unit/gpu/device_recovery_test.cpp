#include "unit/gpu/device_pool_fixture.hpp"

namespace kernd::gpu::test {
namespace {

struct DeviceRecoveryTest : DevicePoolTest {};

TEST_F(DeviceRecoveryTest, ResetsADeviceThatFailed) {
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

TEST_F(DeviceRecoveryTest, GivesNoJobToADeviceThatFailed) {
  start();
  const auto still_running = acquire();  // so that it is not reset
  fail_a_run();
  EXPECT_EQ(refusal(), errc::device_error);
  EXPECT_FALSE(pool->is_usable());
  EXPECT_EQ(status().state, device_state::recovering);
}

TEST_F(DeviceRecoveryTest, ResetsOnlyWhenNobodyUsesTheDevice) {
  start(2);  // of which the other lets us see that the keeper was there
  auto still_running = std::make_optional(acquire_on(1));
  acquire_on(1).ended(run_status::device_failed, {});
  await_keeper();
  EXPECT_EQ(cuda.calls("reset"), 0);
  still_running.reset();
  cuda.await_calls("reset", 1);
  await(device_state::usable, 1);
}

TEST_F(DeviceRecoveryTest, GivesUpADeviceThatCannotBeReset) {
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

TEST_F(DeviceRecoveryTest, CountsADeviceAsFailedThatIsNotBackInTime) {
  options.recovery_time = std::chrono::milliseconds{0};
  start();
  cuda.hang_in("reset");
  fail_a_run();
  cuda.await_calls("reset", 1);
  EXPECT_EQ(status().state, device_state::failed);
  EXPECT_EQ(status().failure, "it failed and was not back in time");
  EXPECT_FALSE(pool->await_usable());
  EXPECT_EQ(refusal(), errc::device_error);
  cuda.let_go();
}

TEST_F(DeviceRecoveryTest, UsesADeviceThatComesBackLate) {
  options.recovery_time = std::chrono::milliseconds{0};
  start();
  fail_a_run();
  await(device_state::usable);
  EXPECT_EQ(status().failure, "");
  EXPECT_EQ(acquire().ordinal(), 0);
}

TEST_F(DeviceRecoveryTest, WaitsForADeviceThatRecovers) {
  start();
  fail_a_run();
  EXPECT_TRUE(pool->await_usable());
  cuda.fail("reset");
  fail_a_run();
  EXPECT_FALSE(pool->await_usable());
}

TEST_F(DeviceRecoveryTest, IsNotIdleWhileADeviceRecovers) {
  start();
  const auto hangs = acquire();
  while (!pool->is_idle()) std::this_thread::yield();
  fail_a_run();
  EXPECT_FALSE(pool->is_idle());
}

TEST_F(DeviceRecoveryTest, IsNotIdleWhileTheDriverHangs) {
  cuda.hang_in("memory");
  start();
  cuda.await_calls("memory", 1);
  EXPECT_FALSE(pool->is_idle());
  cuda.let_go();
  while (!pool->is_idle()) std::this_thread::yield();
}

TEST_F(DeviceRecoveryTest, LeavesADeviceAloneWhoseJobsDoNotEnd) {
  options.recovery_time = std::chrono::milliseconds{0};
  start(2);
  const auto hangs = acquire_on(1);
  acquire_on(1).ended(run_status::device_failed, {});
  await_keeper();
  EXPECT_EQ(status(1).state, device_state::failed);
  EXPECT_EQ(cuda.calls("reset"), 0);
  EXPECT_EQ(acquire().ordinal(), 0);
}

TEST_F(DeviceRecoveryTest, GivesUpADeviceWhoseWorkspacesAreAllLeftAlone) {
  options.hang_time = std::chrono::milliseconds{0};
  start();
  std::vector<device_pool::lease> hang;
  for (std::size_t i = 0; i < options.streams; ++i) hang.push_back(acquire());
  await_keeper();
  EXPECT_EQ(status().state, device_state::usable) << "somebody waits";
  go_on = true;
  await(device_state::recovering);
  go_on = false;
  EXPECT_EQ(refusal(), errc::device_error);
  hang.clear();
  await(device_state::usable);
}

TEST_F(DeviceRecoveryTest, GoesOnWithTheOtherDevice) {
  start(2);
  const auto sound = acquire();
  cuda.fail("reset");
  fail_a_run();
  await(device_state::failed, 1 - static_cast<std::size_t>(sound.ordinal()));

  EXPECT_TRUE(pool->is_usable());
  EXPECT_EQ(acquire().ordinal(), sound.ordinal());
}

TEST_F(DeviceRecoveryTest, ResetsADeviceWhileAnotherIsUsed) {
  start(2);
  const auto sound = acquire_on(0);
  acquire_on(1).ended(run_status::device_failed, {});
  cuda.await_calls("reset", 1);
  await(device_state::usable, 1);

  EXPECT_EQ(cuda.locked_by(), 0);
  EXPECT_EQ(cuda.calls("lock"), 1) << "the first may be copying from there";
}

TEST_F(DeviceRecoveryTest, StartsNoJobWhileTheDeviceThatLocksTheMemoryRecovers) {
  options.recovery_time = std::chrono::hours{1};
  start(2);
  auto still_running = std::make_optional(acquire_on(1));
  cuda.hang_in("reset");
  acquire_on(0).ended(run_status::device_failed, {});
  std::thread comes{[&] { EXPECT_TRUE(pool->acquire({&stop, 1}).has_value()); }};
  await_keeper();
  EXPECT_EQ(cuda.calls("reset"), 0) << "the other's job may copy from there";
  EXPECT_EQ(status(1).leased, 1u) << "and no more do";
  still_running.reset();
  cuda.await_calls("reset", 1);
  EXPECT_EQ(status(1).leased, 0u);
  cuda.let_go();
  comes.join();
  EXPECT_EQ(cuda.locked_by(), 0);
}

TEST_F(DeviceRecoveryTest, StartsJobsAgainWhenItHasWaitedLongForTheOthers) {
  options.recovery_time = std::chrono::milliseconds{0};
  start(2);
  auto still_running = std::make_optional(acquire_on(1));
  acquire_on(0).ended(run_status::device_failed, {});
  EXPECT_EQ(acquire().ordinal(), 1);
  still_running.reset();
  await(device_state::usable);
  EXPECT_EQ(cuda.locked_by(), 0);
}

TEST_F(DeviceRecoveryTest, RefusesJobsWhileAResetHangsThatUnlocksTheirMemory) {
  options.recovery_time = std::chrono::milliseconds{0};
  start(2);
  cuda.hang_in("reset");
  acquire_on(0).ended(run_status::device_failed, {});
  cuda.await_calls("reset", 1);
  EXPECT_EQ(refusal(), errc::device_error);
  EXPECT_FALSE(pool->is_usable());
  cuda.let_go();
  await(device_state::usable);
  EXPECT_TRUE(pool->is_usable());
}

TEST_F(DeviceRecoveryTest, LocksTheMemoryOnceItCanBeLocked) {
  cuda.fail("lock");
  start();
  EXPECT_EQ(cuda.locked_by(), -1);
  fail_a_run();
  cuda.await_calls("lock", 2);
  await(device_state::usable);
  EXPECT_EQ(cuda.locked_by(), 0);
}

TEST_F(DeviceRecoveryTest, LocksTheMemoryByAnotherDeviceWhenTheFirstIsLost) {
  start(2);
  cuda.fail("start");
  acquire_on(0).ended(run_status::device_failed, {});
  await(device_state::failed);
  EXPECT_EQ(cuda.locked_by(), 1);
  EXPECT_EQ(acquire().ordinal(), 1);
}

TEST_F(DeviceRecoveryTest, GoesOnWithoutLockedMemoryWhenItCannotBeLocked) {
  start();
  cuda.fail("lock");
  fail_a_run();
  cuda.await_calls("lock", 2);
  await(device_state::usable);
  EXPECT_EQ(host->locked_bytes(), 0u);
  EXPECT_EQ(host->take(1), nullptr);
}

TEST_F(DeviceRecoveryTest, NoticesAnIdleDeviceThatIsLost) {
  start();
  cuda.fail("probe");
  cuda.fail("memory");
  cuda.await_calls("reset", 1);
  await(device_state::usable);
  EXPECT_EQ(status().resets, 1u);
}

TEST_F(DeviceRecoveryTest, TellsNothingOfTheMemoryOfADeviceThatIsOut) {
  start();
  while (!status().memory) std::this_thread::yield();
  const auto still_running = acquire();
  fail_a_run();
  EXPECT_FALSE(status().memory);
}

}  // namespace
}  // namespace kernd::gpu::test
