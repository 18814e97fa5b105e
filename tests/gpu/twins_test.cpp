#include "kernd/gpu/discovery.hpp"
#include "kernels/catalogue.hpp"
#include "kernels/core/axpy.hpp"
#include "kernels/core/vector_add.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <memory>
#include <new>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace kernd::gpu::test {
namespace {

/// Runs the twins of the module that lies beside the tests, on the first device.
struct TwinsTest : ::testing::Test {
  void SetUp() override {
    kernels::add_all(registry).value();
    cuda = find_cuda(registry, host);
    if (cuda.state != cuda_state::module_loaded) GTEST_SKIP() << cuda.found;
    error why{};
    opened = cuda.module->open(0, &memory, &why);
    ASSERT_NE(opened, nullptr) << why.message << " " << why.internal;
  }

  void TearDown() override {
    if (opened != nullptr) cuda.module->close(opened);
    EXPECT_EQ(warnings, 0) << "a destructor failed on the device";
  }

  const module_kernel* twin(std::string_view id) const {
    for (std::size_t i = 0; i < cuda.module->kernel_count; ++i) {
      if (cuda.module->kernels[i].id == id) return &cuda.module->kernels[i];
    }
    return nullptr;
  }

  template <class Kernel>
  typename Kernel::output on_device(const char* id, const typename Kernel::input& in) {
    typename Kernel::output out;
    error why{};
    EXPECT_TRUE(twin(id)->run(&in, &out, opened, &why)) << why.message << " " << why.internal;
    return out;
  }

  template <class Kernel>
  typename Kernel::output on_cpu(const typename Kernel::input& in) {
    cpu_context context{job, stop};
    return Kernel::run(in, context).value();
  }

  array<float> random_floats(std::size_t size, std::uint32_t seed) {
    const auto values = job.allocate<float>(size);
    std::mt19937 words{seed};
    for (float& value : values) {  // any bits that are a finite number
      do {
        value = std::bit_cast<float>(static_cast<std::uint32_t>(words()));
      } while (!(value - value == 0));
    }
    return values;
  }

  static std::vector<std::uint32_t> bits(array<float> values) {
    std::vector<std::uint32_t> result;
    for (const float value : values) result.push_back(std::bit_cast<std::uint32_t>(value));
    return result;
  }

  int warnings = 0;
  const host_api host{
      this, [](void* me, const char*) noexcept { ++static_cast<TwinsTest*>(me)->warnings; }};
  arena job{std::size_t{1} << 30};
  const job_memory memory{&job, [](void* owner, std::size_t bytes) noexcept -> void* {
                            try {
                              return static_cast<arena*>(owner)->allocate_bytes(bytes);
                            } catch (const std::bad_alloc&) {
                              return nullptr;
                            }
                          }};
  const std::atomic<bool> stop{false};
  kernel_registry registry;
  cuda_report cuda;
  context* opened = nullptr;
};

TEST_F(TwinsTest, AxpyHasTheBitsOfTheCpu) {
  for (const std::size_t size : {0, 1, 255, 256, 257, 3'000'017}) {
    const kernels::axpy::input in{
        .alpha = -1.7F, .x = random_floats(size, 1), .y = random_floats(size, 2)};

    const auto out = on_device<kernels::axpy>("core/axpy", in);

    EXPECT_EQ(bits(out.result), bits(on_cpu<kernels::axpy>(in).result)) << size;
  }
}

TEST_F(TwinsTest, VectorAddHasTheBitsOfTheCpu) {
  const kernels::vector_add::input in{.a = random_floats(1000, 3), .b = random_floats(1000, 4)};

  const auto out = on_device<kernels::vector_add>("core/vector-add", in);

  EXPECT_EQ(bits(out.result), bits(on_cpu<kernels::vector_add>(in).result));
}

TEST_F(TwinsTest, AJobWithoutMemoryEndsInAnError) {
  const job_memory none{nullptr, [](void*, std::size_t) noexcept -> void* { return nullptr; }};
  const auto x = random_floats(1000, 5);
  const kernels::axpy::input in{.alpha = 1, .x = x, .y = x};
  kernels::axpy::output out;
  error why{};
  context* const poor = cuda.module->open(0, &none, &why);
  ASSERT_NE(poor, nullptr) << why.message;

  EXPECT_FALSE(twin("core/axpy")->run(&in, &out, poor, &why));

  EXPECT_EQ(why.code, errc::memory_exhausted);
  cuda.module->close(poor);
}

}  // namespace
}  // namespace kernd::gpu::test
