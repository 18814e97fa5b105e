#include "kernels/core/axpy.hpp"
#include "src/job_runner.hpp"
#include "unit/gpu/fake_cuda.hpp"

#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <string>
#include <variant>

namespace kernd::gpu::test {
namespace {

using kernels::axpy;

/// Three jobs of core/axpy, which has its place on a device.
struct DeviceBatchTest : ::testing::Test {
  static constexpr std::size_t count = 3;

  DeviceBatchTest() {
    registry.add(make_kernel<axpy>()).value();
    options.cuda_kernels = {"core/axpy"};
    options.pinned_pool_bytes = 0;
    found = cuda.report();
    backend.emplace(registry, found, options, nullptr);
  }

  const kernel_entry& entry() const { return *registry.find("core/axpy"); }

  /// Each of `size` numbers, with memory for `job_bytes`.
  void decode(std::size_t size, std::size_t job_bytes = 1 << 20) {
    const job_limits limits{{}, {.job_memory_bytes = job_bytes, .max_json_depth = 8}};
    std::string numbers = "1";
    for (std::size_t i = 1; i < size; ++i) numbers += ",1";
    const std::string body = R"({"input":{"alpha":2,"x":[)" + numbers + R"(],"y":[)" + numbers;
    for (std::size_t i = 0; i < count; ++i) {
      runners[i].emplace(limits, &*backend);
      const text_buffer text{body + "]}}"};
      const auto done = runners[i]->decode(reader, entry(), text, limits, 5, stops[i]);
      ASSERT_TRUE(done.has_value()) << done.error().message;
    }
  }
  std::size_t compute() {
    std::array<job_runner*, count> jobs;
    for (std::size_t i = 0; i < count; ++i) jobs[i] = &*runners[i];
    return job_runner::compute(entry(), jobs);
  }
  job_end end(std::size_t i) { return runners[i]->encode(entry()); }

  kernel_registry registry;
  fake_cuda cuda;
  gpu_config options;
  cuda_report found;
  std::optional<cuda_backend> backend;
  json_reader reader{8};
  std::array<std::atomic<bool>, count> stops{};
  std::array<std::optional<job_runner>, count> runners;
};

TEST_F(DeviceBatchTest, AJobThatNobodyWaitsForIsNotOfTheLaunch) {
  decode(1);
  stops[2] = true;

  EXPECT_EQ(compute(), 2u);

  EXPECT_EQ(cuda.last_count, 2u);
  EXPECT_EQ(to_result(end(0)).value().output.view(), R"({"result":[3]})");
  EXPECT_EQ(to_result(end(1)).value().output.view(), R"({"result":[3]})");
  EXPECT_EQ(to_result(end(2)).error().code, errc::cancelled);
}

TEST_F(DeviceBatchTest, WhatAFailedLaunchTookIsThereForTheCpu) {
  // A launch holds two inputs and three outputs in one arena; one output more would not fit.
  constexpr std::size_t size = 100'000, held = 5 * size * sizeof(float);
  decode(size, held + held / 10);
  cuda.end_runs({run_status::device_failed});

  EXPECT_EQ(compute(), count);

  for (std::size_t i = 0; i < count; ++i) {
    EXPECT_TRUE(std::holds_alternative<job_output>(end(i))) << i;
  }
}

}  // namespace
}  // namespace kernd::gpu::test
