#include "kernd/gpu/backend.hpp"

#include "kernels/catalogue.hpp"
#include "unit/gpu/fake_cuda.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <span>
#include <thread>
#include <vector>

namespace kernd::gpu::test {
namespace {

using kernels::axpy;

struct BackendTest : ::testing::Test {
  BackendTest() {
    kernels::add_all(registry).value();
    options.pool_initial_bytes = 0;
    options.pinned_pool_bytes = pinned_pool_bytes;
  }

  cuda_backend& start(std::size_t devices = 1) {
    found = cuda.report(devices);
    return backend.emplace(registry, found, options, nullptr);
  }

  const kernel_entry& kernel(std::string_view id) const { return *registry.find(id); }

  axpy::input input_of(std::size_t size) {
    x.assign(size, 2);
    y.assign(size, 1);
    return {3, {x.data(), x.size()}, {y.data(), y.size()}};
  }

  bool takes(const axpy::input& in) const {
    const void* const from = &in;
    return backend->takes(kernel("core/axpy"), {&from, 1});
  }

  result<device_run> run(const axpy::input& in, axpy::output& out, int priority = 5) {
    const void* const from = &in;
    void* const to = &out;
    return backend->run(kernel("core/axpy"), {&from, 1}, {&to, 1}, memory, priority, {&stop, 1});
  }
  result<device_run> run() {
    axpy::output out;
    return run(input_of(4), out);
  }

  static constexpr std::size_t pinned_pool_bytes = 1 << 20;
  const std::atomic<bool> go_on{false};
  const std::atomic<bool>* const stop = &go_on;
  kernel_registry registry;
  fake_cuda cuda;
  gpu_config options;
  cuda_report found;
  std::optional<cuda_backend> backend;
  arena memory{1 << 20};
  std::vector<float> x, y;
};

TEST_F(BackendTest, TakesNothingWithoutAModule) {
  backend.emplace(registry, found, options, nullptr);
  const auto in = input_of(4);
  EXPECT_FALSE(takes(in));
  EXPECT_EQ(backend->find(kernel("core/axpy")), std::nullopt);
  EXPECT_EQ(backend->host_memory(), nullptr);
  EXPECT_TRUE(backend->devices().empty());
  EXPECT_EQ(backend->judge().status, health_status::healthy);
}

TEST_F(BackendTest, KnowsWhichKernelsHaveATwin) {
  start();
  EXPECT_TRUE(backend->find(kernel("core/axpy")).has_value());
  EXPECT_FALSE(backend->find(kernel("core/identity")).has_value());
  EXPECT_EQ(backend->max_batch(kernel("core/axpy")), 8u);
  EXPECT_EQ(backend->max_batch(kernel("core/identity")), 0u);
}

TEST_F(BackendTest, RunsOnTheDeviceAndSaysWhatItDidThere) {
  start();
  axpy::output out;
  const auto in = input_of(1000);
  const auto ran = run(in, out, 9);
  ASSERT_TRUE(ran.has_value()) << ran.error().message;
  ASSERT_EQ(out.result.size, 1000u);
  EXPECT_EQ(out.result[999], 7);
  EXPECT_EQ(ran->ordinal, 0);
  EXPECT_EQ(ran->report.device_bytes, 1000u);
  EXPECT_EQ(cuda.last_priority, 9);
}

TEST_F(BackendTest, RunsSeveralInputsAtOnce) {
  start();
  const auto in = input_of(3);
  axpy::output first, second;
  const std::array<const void*, 2> from = {&in, &in};
  const std::array<void*, 2> to = {&first, &second};
  ASSERT_TRUE(backend->run(kernel("core/axpy"), from, to, memory, 5, {&stop, 1}).has_value());
  EXPECT_EQ(cuda.last_count, 2u);
  EXPECT_EQ(first.result[2], 7);
  EXPECT_EQ(second.result[2], 7);
}

TEST_F(BackendTest, UsesOnlyTheDevicesThatItIsTold) {
  options.devices = {"1", "7"};
  start(2);
  ASSERT_EQ(backend->devices().size(), 1u);
  EXPECT_EQ(backend->devices()[0].ordinal, 1);
  EXPECT_EQ(run().value().ordinal, 1);
}

TEST_F(BackendTest, UsesADeviceByItsNumberWhereOneBeforeItIsLost) {
  options.devices = {"1"};
  found = cuda.report(2);
  found.driver.devices.erase(found.driver.devices.begin());

  backend.emplace(registry, found, options, nullptr);

  ASSERT_EQ(backend->devices().size(), 1u);
  EXPECT_EQ(backend->devices()[0].ordinal, 1);
  EXPECT_EQ(run().value().ordinal, 1);
}

TEST_F(BackendTest, NamesTheCpuAndTheUsableDevices) {
  backend.emplace(registry, found, options, nullptr);
  EXPECT_EQ(backend->places(), "cpu");
  start();
  EXPECT_EQ(backend->places(), "cpu and cuda:0 fake");
  start(3);
  EXPECT_EQ(backend->places(), "cpu, cuda:0 fake, cuda:1 fake and cuda:2 fake");
  backend.reset();
  cuda.fail("start");
  start(2);
  EXPECT_EQ(backend->places(), "cpu and cuda:1 fake");
}

TEST_F(BackendTest, TellsWhatTheConfigurationNamesAndThereIsNot) {
  options.devices = {"0", "3"};
  options.cpu_kernels = {"core/axpy", "core/nothing"};
  options.cuda_kernels = {"core/echo"};
  start();
  EXPECT_EQ(backend->misnamed(),
            (std::vector<std::string>{"gpu.cpu_kernels: there is no batch kernel core/nothing",
                                      "gpu.cuda_kernels: there is no batch kernel core/echo",
                                      "gpu.devices: there is no device 3"}));
}

TEST_F(BackendTest, GoesByTheConfigurationBeforeSize) {
  options.cpu_kernels = {"core/axpy"};
  const auto in = input_of(4);
  start();
  EXPECT_FALSE(takes(in));
  EXPECT_EQ(backend->find(kernel("core/axpy"))->where, placement::cpu);
  backend.reset();
  options.cpu_kernels.clear();
  options.cuda_kernels = {"core/axpy"};
  start().calibrate(go_on);
  EXPECT_TRUE(takes(in));
  EXPECT_EQ(backend->find(kernel("core/axpy"))->where, placement::cuda);
}

TEST_F(BackendTest, GoesByWhatItMeasured) {
  start().calibrate(go_on);
  const auto place = backend->find(kernel("core/axpy")).value();
  ASSERT_FALSE(place.points.empty());
  EXPECT_EQ(place.crossover_bytes, crossover_bytes(place.points));
  for (std::size_t i = 1; i < place.points.size(); ++i) {
    EXPECT_GT(place.points[i].bytes, place.points[i - 1].bytes);
    EXPECT_GT(place.points[i].cpu_us, 0);
    EXPECT_GT(place.points[i].cuda_us, 0);
  }
  for (const std::size_t size : {1u, 100u, 10'000u, 1'000'000u}) {
    const auto in = input_of(size);
    const bool is_large =
        place.crossover_bytes && sizeof in + 2 * size * sizeof(float) >= *place.crossover_bytes;
    EXPECT_EQ(takes(in), is_large) << size;
  }
}

TEST_F(BackendTest, StaysOnTheCpuWhereTheDeviceCannotBeMeasured) {
  start();
  cuda.end_runs({run_status::failed});
  backend->calibrate(go_on);
  const auto in = input_of(1'000'000);
  EXPECT_FALSE(takes(in));
}

TEST_F(BackendTest, MeasuresNoFurtherOnceItIsToldToStop) {
  start();
  const std::atomic<bool> told{true};
  backend->calibrate(told);
  EXPECT_TRUE(backend->find(kernel("core/axpy"))->points.empty());
}

TEST_F(BackendTest, LeavesATwinAloneThatIsNotTrusted) {
  start().distrust(kernel("core/axpy"), "a wrong sum");
  const auto in = input_of(4);
  EXPECT_FALSE(takes(in));
  EXPECT_FALSE(backend->find(kernel("core/axpy")).has_value());
  EXPECT_EQ(backend->judge().status, health_status::degraded);
  EXPECT_EQ(backend->judge().message, "core/axpy stays on the CPU: a wrong sum");
}

TEST_F(BackendTest, FallsBackForTheDevicesFaultsOnly) {
  start();
  EXPECT_TRUE(backend->falls_back(kernel("core/axpy"), errc::device_error));
  EXPECT_TRUE(backend->falls_back(kernel("core/axpy"), errc::memory_exhausted));
  for (const errc code : {errc::execution_failed, errc::invalid_input, errc::cancelled,
                          errc::memory_limit_exceeded}) {
    EXPECT_FALSE(backend->falls_back(kernel("core/axpy"), code));
  }
}

TEST_F(BackendTest, DoesNotFallBackWhereItMustNot) {
  options.fallback = false;
  start();
  EXPECT_FALSE(backend->falls_back(kernel("core/axpy"), errc::device_error));
}

TEST_F(BackendTest, DoesNotFallBackWhereTheKernelMustNot) {
  auto strict = make_kernel<axpy>();
  strict.info.id = "core/test-strict";
  strict.info.cpu_fallback = false;
  registry.add(strict).value();
  start();
  EXPECT_FALSE(backend->falls_back(kernel("core/test-strict"), errc::device_error));
  EXPECT_TRUE(backend->falls_back(kernel("core/axpy"), errc::device_error));
}

TEST_F(BackendTest, TakesNothingWhileNoDeviceIsUsable) {
  cuda.fail("start");
  start();
  const auto in = input_of(4);
  EXPECT_FALSE(takes(in));
  backend.reset();
  options.fallback = false;
  cuda.fail("start");
  start();
  EXPECT_TRUE(takes(in)) << "so that the job is refused";
  EXPECT_EQ(run().error().code, errc::device_error);
}

TEST_F(BackendTest, PassesOnHowARunEnded) {
  start();
  cuda.end_runs({run_status::failed, run_status::out_of_memory, run_status::device_failed});
  EXPECT_EQ(run().error().code, errc::execution_failed);
  EXPECT_EQ(run().error().code, errc::memory_exhausted);
  EXPECT_EQ(run().error().code, errc::device_error);
  EXPECT_EQ(backend->devices()[0].runs, (std::array<std::uint64_t, run_status_count>{0, 1, 1, 1}));
}

TEST_F(BackendTest, LetsAJobTakeOnTheDeviceWhatItMayTakeOnTheHost) {
  start();
  cuda.device_bytes_of_run = memory.limit_bytes();
  EXPECT_TRUE(run().has_value());
  cuda.device_bytes_of_run = memory.limit_bytes() + 1;
  EXPECT_EQ(run().error().code, errc::memory_exhausted);
}

TEST_F(BackendTest, BoundsWhatAllJobsTakeOnADevice) {
  options.memory_limit_bytes = 1999;
  start();
  cuda.device_bytes_of_run = 1999;
  EXPECT_TRUE(run().has_value());
  EXPECT_TRUE(run().has_value()) << "the first has given it back";
  cuda.device_bytes_of_run = 2000;
  EXPECT_EQ(run().error().code, errc::memory_exhausted);
}

TEST_F(BackendTest, EndsARunThatFindsNoHostMemory) {
  start();
  memory.reset(1000);
  axpy::output out;
  EXPECT_EQ(run(input_of(100'000), out).error().code, errc::memory_limit_exceeded);
}

TEST_F(BackendTest, LendsPageLockedMemory) {
  start();
  arena job{1 << 20, backend->host_memory()};
  const auto data = job.allocate<float>(100'000);
  const auto* const first = reinterpret_cast<std::byte*>(data.data);
  std::byte* const next = backend->host_memory()->take(1);
  EXPECT_GT(next, first) << "it is of the same memory";
  EXPECT_LT(next, first + pinned_pool_bytes);
}

TEST_F(BackendTest, HasNoMemoryToLendWhereNoneCanBeLocked) {
  cuda.fail("lock");
  start();
  EXPECT_EQ(backend->host_memory()->take(1), nullptr);
  EXPECT_TRUE(run().has_value()) << "it is only slower";
}

TEST_F(BackendTest, IsDegradedWhileADeviceIsOut) {
  cuda.fail("start");
  start(2);
  EXPECT_EQ(backend->judge().status, health_status::degraded);
  EXPECT_EQ(backend->judge().message, "cuda:0 is failed: start failed");
  EXPECT_EQ(backend->required_failure(), "");
}

TEST_F(BackendTest, IsUnhealthyWhenARequiredDeviceIsOut) {
  options.enabled = gpu_use::on;
  cuda.fail("start");
  start();
  EXPECT_EQ(backend->judge().status, health_status::unhealthy);
  EXPECT_EQ(backend->required_failure(), "no CUDA device is usable");
  EXPECT_EQ(backend->lost(), "every CUDA device has failed");
}

TEST_F(BackendTest, SaysThatNoneOfTheNamedDevicesIsThere) {
  options.enabled = gpu_use::on;
  options.devices = {"5"};
  start();
  EXPECT_EQ(backend->required_failure(), "none of gpu.devices is there");
}

TEST_F(BackendTest, MeasuresOnceTheDeviceIsBack) {
  start();
  cuda.end_runs({run_status::device_failed});
  EXPECT_EQ(run().error().code, errc::device_error);
  backend->calibrate(go_on);
  EXPECT_FALSE(backend->find(kernel("core/axpy"))->points.empty());
}

TEST_F(BackendTest, CountsEveryJobThatFallsBack) {
  start();
  static_cast<void>(backend->falls_back(kernel("core/axpy"), errc::device_error, 3));
  exposition page{{"1", "2", "3"}};
  page.add(*backend);
  EXPECT_NE(page.text().find("kernd_device_fallbacks_total 3\n"), std::string::npos);
}

TEST_F(BackendTest, IsUnhealthyWhenThereIsNoRequiredDevice) {
  options.enabled = gpu_use::on;
  found = {.state = cuda_state::driver_absent, .found = "no driver"};
  backend.emplace(registry, found, options, nullptr);
  EXPECT_EQ(backend->required_failure(), "no driver");
  EXPECT_EQ(backend->judge().message, "required: no driver");
  EXPECT_EQ(backend->lost(), "") << "a restart would not help";
}

TEST_F(BackendTest, CountsForTheScraper) {
  start();
  ASSERT_TRUE(run().has_value());
  static_cast<void>(backend->falls_back(kernel("core/axpy"), errc::device_error));
  exposition page{{"1", "2", "3"}};
  page.add(*backend);
  const std::string text = page.text();
  for (const char* line :
       {"kernd_device_usable{device=\"cuda:0\"} 1\n",
        "kernd_device_runs_total{device=\"cuda:0\",outcome=\"done\"} 1\n",
        "kernd_device_transfer_bytes_total{device=\"cuda:0\",direction=\"h2d\"} 100\n",
        "kernd_device_fallbacks_total 1\n",
        "kernd_pinned_memory_bytes{state=\"total\"} 1048576\n"}) {
    EXPECT_NE(text.find(line), text.npos) << line << text;
  }
}

TEST_F(BackendTest, HasNothingForTheScraperWithoutADevice) {
  backend.emplace(registry, found, options, nullptr);
  exposition page{{"1", "2", "3"}};
  page.add(*backend);
  EXPECT_EQ(page.text().find("kernd_device"), std::string::npos);
}

}  // namespace
}  // namespace kernd::gpu::test
