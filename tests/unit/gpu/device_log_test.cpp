#include "kernd/gpu/backend.hpp"
#include "kernels/core/axpy.hpp"
#include "support/temporary_file.hpp"
#include "unit/gpu/fake_cuda.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>

namespace kernd::gpu::test {
namespace {

using kernels::axpy;

/// What an operator reads of a device.
struct DeviceLogTest : ::testing::Test {
  DeviceLogTest() { registry.add(make_kernel<axpy>()).value(); }
  ~DeviceLogTest() override {
    backend.reset();
    log.reset();
    ::close(descriptor);
  }

  void start() {
    found = cuda.report();
    backend.emplace(registry, found, options, &*log);
  }
  void run_ending(run_status how) {
    cuda.end_runs({how});
    arena memory{1 << 20};
    float number = 1;
    const axpy::input in{1, {&number, 1}, {&number, 1}};
    axpy::output out;
    const void* const from = &in;
    void* const to = &out;
    EXPECT_FALSE(backend->run(*registry.find("core/axpy"), {&from, 1}, {&to, 1}, memory, 5, stops));
  }
  void await(device_state state) const {
    while (backend->devices()[0].state != state) std::this_thread::yield();
  }
  std::size_t lines_with(std::string_view text) {
    log->flush();
    std::istringstream written{file.text()};
    std::size_t count = 0;
    for (std::string line; std::getline(written, line);) count += line.find(text) != line.npos;
    return count;
  }

  kernd::test::temporary_file file;
  int descriptor = ::open(file.path().c_str(), O_WRONLY | O_APPEND);
  std::optional<logger> log{std::in_place, log_level::info, log_format::text, descriptor};
  const std::atomic<bool> go_on{false};
  const std::atomic<bool>* const stop = &go_on;
  const stop_flags stops{&stop, 1};
  kernel_registry registry;
  fake_cuda cuda;
  gpu_config options;
  cuda_report found;
  std::optional<cuda_backend> backend;
};

TEST_F(DeviceLogTest, NamesTheKernelThatADeviceRefuses) {
  start();
  run_ending(run_status::out_of_memory);
  EXPECT_EQ(lines_with("warn  device refused a job device=cuda:0 kernel=core/axpy"), 1u);
}

TEST_F(DeviceLogTest, TellsRefusalsOnceASecond) {
  start();
  const auto began = std::chrono::steady_clock::now();
  for (int i = 0; i < 100; ++i) run_ending(run_status::out_of_memory);
  const auto took = std::chrono::steady_clock::now() - began;
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(took).count();
  EXPECT_LE(lines_with("device refused a job"), static_cast<std::size_t>(seconds));
}

TEST_F(DeviceLogTest, SaysNothingOfWhatIsTheKernelsFault) {
  start();
  run_ending(run_status::failed);
  EXPECT_EQ(lines_with("refused"), 0u);
}

TEST_F(DeviceLogTest, TellsOfAFailureAndThatItIsOver) {
  start();
  run_ending(run_status::device_failed);
  cuda.await_calls("reset", 1);
  await(device_state::usable);
  EXPECT_EQ(lines_with("error device failed device=cuda:0 kernel=core/axpy"), 1u);
  EXPECT_EQ(lines_with("warn  device recovered device=cuda:0"), 1u);
}

TEST_F(DeviceLogTest, SaysWhyADeviceIsLost) {
  start();
  cuda.fail("reset");
  run_ending(run_status::device_failed);
  await(device_state::failed);
  EXPECT_EQ(lines_with(R"(error device failed device=cuda:0 reason="reset failed")"), 1u);
}

TEST_F(DeviceLogTest, SaysThatMemoryCannotBeLocked) {
  cuda.fail("lock");
  start();
  EXPECT_EQ(lines_with("warn  host memory is not page-locked device=cuda:0"), 1u);
}

}  // namespace
}  // namespace kernd::gpu::test
