#pragma once

#include "kernd/gpu/discovery.hpp"
#include "kernels/catalogue.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <mutex>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kernd::gpu::test {

/// Runs the twins of the module that lies beside the tests, on the first device.
struct DeviceTest : ::testing::Test {
  void SetUp() override {
    kernels::add_all(registry).value();
    cuda = find_cuda(registry, host);
    if (cuda.state != cuda_state::module_loaded) GTEST_SKIP() << cuda.found;
    ASSERT_TRUE(cuda.module->start(0, std::size_t{64} << 20, &why)) << why.internal;
    opened = cuda.module->open(0, &why);
    ASSERT_NE(opened, nullptr) << why.message << " " << why.internal;
  }

  void TearDown() override {
    if (opened != nullptr) cuda.module->close(opened);
    EXPECT_EQ(warnings, "") << "told where nobody could be handed it";
  }

  const module_kernel* twin(std::string_view id) const {
    for (const module_kernel& one : std::span{cuda.module->kernels, cuda.module->kernel_count}) {
      if (one.id == id) return &one;
    }
    return nullptr;
  }

  run_status run(std::string_view id, const std::vector<const void*>& in,
                 const std::vector<void*>& out) {
    return twin(id)->run(in.data(), out.data(), in.size(), opened, &terms, &report, &why);
  }

  template <class Kernel>
  typename Kernel::output on_device(std::string_view id, const typename Kernel::input& in) {
    typename Kernel::output out;
    EXPECT_EQ(run(id, {&in}, {&out}), run_status::done) << why.message << " " << why.internal;
    return out;
  }

  template <class Kernel>
  typename Kernel::output on_cpu(const typename Kernel::input& in) {
    return Kernel::run(in, cpu).value();
  }

  template <class T>
  array<T> array_of(const std::vector<T>& values) {
    const auto copy = job.allocate<T>(values.size());
    std::copy(values.begin(), values.end(), copy.begin());
    return copy;
  }

  std::mutex warns;  // guards the warnings, which come from any thread that runs a job
  std::string warnings;
  const host_api host{this, [](void* me, const char* message) noexcept {
                        auto& test = *static_cast<DeviceTest*>(me);
                        const std::lock_guard lock{test.warns};
                        test.warnings.append(message).append("\n");
                      }};
  arena job{std::size_t{1} << 32};
  const std::atomic<bool> stop{false};
  cpu_context cpu{job, stop};
  std::size_t reserved_bytes = 0;
  std::size_t may_reserve_bytes = std::size_t{1} << 34;
  job_terms terms{
      .owner = this,
      .allocate = [](void* me, std::size_t bytes) noexcept -> void* {
        try {
          return static_cast<DeviceTest*>(me)->job.allocate_bytes(bytes);
        } catch (const std::bad_alloc&) {
          return nullptr;
        }
      },
      .reserve =
          [](void* me, std::size_t bytes) noexcept {
            auto& test = *static_cast<DeviceTest*>(me);
            test.reserved_bytes += bytes;
            return test.reserved_bytes <= test.may_reserve_bytes;
          },
      .is_stopped = [](void* me) noexcept { return static_cast<DeviceTest*>(me)->stop.load(); },
      .priority = 5};
  job_report report{};
  error why{};
  kernel_registry registry;
  cuda_report cuda;
  context* opened = nullptr;
};

}  // namespace kernd::gpu::test
