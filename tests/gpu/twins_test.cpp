#include "gpu/close_outputs.hpp"
#include "gpu/device_fixture.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

namespace kernd::gpu::test {
namespace {

const std::vector<std::string>& sampled_kernels() {
  static const std::vector<std::string> ids = [] {
    kernel_registry registry;
    kernels::add_all(registry).value();
    std::vector<std::string> found;
    for (const kernel_entry* entry : registry.find_all({.mode = kernel_mode::batch})) {
      if (entry->kernel.sample != nullptr) found.emplace_back(entry->kernel.info.id);
    }
    return found;
  }();
  return ids;
}

/// What every twin owes whoever does not know where a job runs.
struct TwinsTest : DeviceTest, ::testing::WithParamInterface<std::string> {
  const kernel& shipped() const { return registry.find(GetParam(), kernel_mode::batch)->kernel; }

  void* construct(const type_info& type) {
    void* const place = job.allocate_bytes(type.size_bytes);
    type.construct(place);
    return place;
  }

  const void* sample(std::size_t bytes, std::uint64_t seed) {
    void* const in = construct(*shipped().input);
    shipped().sample(in, bytes, fresh_seed() + seed, cpu);
    return in;
  }

  /// Of this run of the tests: `KERND_SAMPLE_SEED`, or always the same.
  static std::uint64_t fresh_seed() {
    const char* const chosen = std::getenv("KERND_SAMPLE_SEED");
    return chosen == nullptr ? 0 : std::strtoull(chosen, nullptr, 10);
  }
};

TEST_P(TwinsTest, AgreesWithTheCpu) {
  const double tolerance = shipped().info.tolerance;
  for (const std::size_t bytes : {1, 64, 4'000, 262'144, 1'000'003, 30'000'001}) {
    const void* const in = sample(bytes, bytes);
    void* const expected = construct(*shipped().output);
    void* const found = construct(*shipped().output);
    ASSERT_TRUE(shipped().run_on_cpu(in, expected, cpu));

    ASSERT_EQ(run(GetParam(), {in}, {found}), run_status::done) << why.message << why.internal;

    EXPECT_EQ(difference(*shipped().output, found, expected, tolerance), "") << bytes << " bytes";
    job.reset(job.limit_bytes());
  }
}

TEST_P(TwinsTest, GivesTheSameBitsEveryTime) {
  const void* const in = sample(3'000'000, 7);
  void* const first = construct(*shipped().output);
  ASSERT_EQ(run(GetParam(), {in}, {first}), run_status::done) << why.internal;
  for (int priority : {0, 5, 10}) {
    terms.priority = priority;
    void* const again = construct(*shipped().output);
    ASSERT_EQ(run(GetParam(), {in}, {again}), run_status::done) << why.internal;
    EXPECT_EQ(difference(*shipped().output, again, first, 0), "");
  }
}

TEST_P(TwinsTest, GivesABatchTheBitsOfSeparateRuns) {
  if (twin(GetParam())->max_batch == 1) GTEST_SKIP() << "takes one input at a time";
  std::vector<const void*> in;
  std::vector<void*> out;
  for (std::size_t i = 0; i < std::min<std::size_t>(100, twin(GetParam())->max_batch); ++i) {
    in.push_back(sample(1 + i * i * 10, i));
    out.push_back(construct(*shipped().output));
  }

  ASSERT_EQ(run(GetParam(), in, out), run_status::done) << why.message << why.internal;

  for (std::size_t i = 0; i < in.size(); ++i) {
    void* const alone = construct(*shipped().output);
    ASSERT_EQ(run(GetParam(), {in[i]}, {alone}), run_status::done) << why.internal;
    EXPECT_EQ(difference(*shipped().output, out[i], alone, 0), "") << i;
  }
}

TEST_P(TwinsTest, SaysWhatItTook) {
  const void* const in = sample(1'000'000, 8);
  void* const out = construct(*shipped().output);

  ASSERT_EQ(run(GetParam(), {in}, {out}), run_status::done) << why.internal;

  EXPECT_GT(report.h2d_us, 0);
  EXPECT_GT(report.compute_us, 0);
  EXPECT_GT(report.d2h_us, 0);
  EXPECT_GE(report.h2d_bytes, 500'000u);
  EXPECT_GT(report.d2h_bytes, 0u);
  EXPECT_GE(report.device_bytes, report.h2d_bytes);
  EXPECT_EQ(report.device_bytes, reserved_bytes);
}

TEST_P(TwinsTest, TakesNoMemoryThatItMayNotHave) {
  may_reserve_bytes = 1000;
  const void* const in = sample(1'000'000, 9);
  void* const out = construct(*shipped().output);

  EXPECT_EQ(run(GetParam(), {in}, {out}), run_status::out_of_memory);

  EXPECT_EQ(why.code, errc::memory_exhausted);
  EXPECT_LE(report.device_bytes, 1000u);
}

TEST_P(TwinsTest, EndsInAnErrorWithoutMemoryOnTheHost) {
  const void* const in = sample(1'000'000, 10);
  void* const out = construct(*shipped().output);
  terms.allocate = [](void*, std::size_t) noexcept -> void* { return nullptr; };

  EXPECT_EQ(run(GetParam(), {in}, {out}), run_status::failed);

  EXPECT_EQ(why.code, errc::memory_exhausted);
}

INSTANTIATE_TEST_SUITE_P(Shipped, TwinsTest, ::testing::ValuesIn(sampled_kernels()),
                         [](const auto& id) {
                           std::string name = id.param;
                           std::replace_if(
                               name.begin(), name.end(),
                               [](char c) { return c == '/' || c == '-'; }, '_');
                           return name;
                         });

}  // namespace
}  // namespace kernd::gpu::test
