#include "kernels/core/axpy.hpp"
#include "tests/api/api_test.hpp"
#include "tests/unit/gpu/fake_cuda.hpp"

#include <string>
#include <thread>
#include <vector>

namespace kernd::test {
namespace {

using gpu::run_status;
using nlohmann::json;

/// A daemon with a device, which is not there; its module runs core/axpy.
struct DeviceJobsTest : ApiTest {
  DeviceJobsTest() {
    registry.add(make_kernel<kernd::kernels::axpy>()).value();
    gpu_options.cuda_kernels = {"core/axpy"};
    gpu_options.pinned_pool_bytes = 1 << 20;
    cuda = module.report();
  }
  ~DeviceJobsTest() override {
    module.release();
    server->stop();
    jobs.reset();
    backend.reset();  // while the module is there
  }

  reply axpy() { return ask(execute("core/axpy", R"({"input":{"alpha":3,"x":[2],"y":[1]}})")); }
  json metadata() { return json_of(axpy()).at("metadata"); }
  std::string metrics() { return ask(get("/metrics")).body; }
  json device() { return json_of(ask(get("/api/v1/devices")))["devices"][1]; }
  void run() {
    life.move_to(lifecycle_state::starting).value();
    life.move_to(lifecycle_state::running).value();
  }

  gpu::test::fake_cuda module;
};

TEST_F(DeviceJobsTest, TheAnswerSaysWhereTheJobRanAndWhatItTookThere) {
  start();

  const reply r = axpy();

  ASSERT_EQ(r.status, 200) << r.body;
  EXPECT_EQ(json_of(r)["output"], json::parse(R"({"result":[7]})"));
  const json told = json_of(r)["metadata"];
  EXPECT_EQ(told["backend"], "CUDA");
  EXPECT_EQ(told["device"], "cuda:0");
  EXPECT_EQ(told["gpu_memory_bytes"], 1000);
  EXPECT_EQ(told["h2d_us"], 10);
  EXPECT_EQ(told["compute_us"], 20);
  EXPECT_EQ(told["d2h_us"], 30);
}

TEST_F(DeviceJobsTest, AKernelWithoutTwinRunsOnTheCpu) {
  start();

  const json told =
      json_of(ask(execute("core/test-adding", R"({"input":{"a":1}})"))).at("metadata");

  EXPECT_EQ(told["backend"], "CPU");
  EXPECT_EQ(told["device"], "cpu");
  EXPECT_EQ(told["gpu_memory_bytes"], nullptr);
  EXPECT_EQ(told["h2d_us"], nullptr);
  EXPECT_EQ(told["d2h_us"], nullptr);
}

TEST_F(DeviceJobsTest, AJobWhoseDeviceFailsRunsOnTheCpuAndSaysSo) {
  start();
  module.end_runs({run_status::device_failed});

  const reply r = axpy();

  ASSERT_EQ(r.status, 200) << r.body;
  EXPECT_EQ(json_of(r)["output"], json::parse(R"({"result":[7]})"));
  EXPECT_EQ(json_of(r)["metadata"]["backend"], "CPU");
  EXPECT_NE(metrics().find("kernd_device_fallbacks_total 1\n"), std::string::npos);
}

TEST_F(DeviceJobsTest, AJobThatTheDeviceHasNoMemoryForRunsOnTheCpu) {
  gpu_options.memory_limit_bytes = 999;
  start();

  EXPECT_EQ(metadata()["backend"], "CPU");
}

TEST_F(DeviceJobsTest, WithoutFallbackTheDevicesFailureIsTheAnswer) {
  gpu_options.fallback = false;
  start();
  module.end_runs({run_status::device_failed, run_status::out_of_memory});

  const reply failed = axpy();
  EXPECT_EQ(failed.status, 500);
  EXPECT_EQ(code_of(failed), "DEVICE_ERROR");
  while (device()["state"] != "usable") std::this_thread::yield();
  const reply refused = axpy();
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(code_of(refused), "MEMORY_EXHAUSTED");
  EXPECT_EQ(axpy().status, 200);
}

TEST_F(DeviceJobsTest, AKernelsOwnFailureIsNotTriedAgainOnTheCpu) {
  start();
  module.end_runs({run_status::failed});

  const reply r = axpy();

  EXPECT_EQ(r.status, 500);
  EXPECT_EQ(code_of(r), "EXECUTION_FAILED");
}

TEST_F(DeviceJobsTest, ADeviceThatFailedServesAgainOnceItIsReset) {
  start();
  module.end_runs({run_status::device_failed});
  EXPECT_EQ(metadata()["backend"], "CPU");
  module.await_calls("reset", 1);
  while (device()["state"] != "usable") std::this_thread::yield();

  EXPECT_EQ(metadata()["backend"], "CUDA");
  EXPECT_EQ(device()["resets"], 1);
  EXPECT_EQ(device()["errors"], json::parse(R"({"cudaErrorIllegalAddress":1})"));
  EXPECT_NE(metrics().find("kernd_device_errors_total{device=\"cuda:0\","
                           "code=\"cudaErrorIllegalAddress\"} 1\n"),
            std::string::npos);
}

TEST_F(DeviceJobsTest, ADeviceThatCannotBeResetIsLeftAlone) {
  start();
  run();
  module.fail("reset");
  module.end_runs({run_status::device_failed});
  EXPECT_EQ(metadata()["backend"], "CPU");
  while (device()["state"] != "failed") std::this_thread::yield();

  EXPECT_EQ(metadata()["backend"], "CPU");
  EXPECT_EQ(device()["runs_kernels"], false);
  EXPECT_EQ(device()["failure"], "it failed and could not be reset: reset failed");
  EXPECT_EQ(json_of(ask(get("/health")))["status"], "degraded");
  EXPECT_EQ(ask(get("/health/ready")).status, 200);
  EXPECT_EQ(ask(get("/health/live")).status, 200);
}

TEST_F(DeviceJobsTest, ARequiredDeviceThatIsLostEndsReadinessAndLiveness) {
  gpu_options.enabled = gpu_use::on;
  start();
  run();
  EXPECT_EQ(ask(get("/health/ready")).status, 200);
  module.fail("reset");
  module.end_runs({run_status::device_failed});
  static_cast<void>(axpy());
  while (device()["state"] != "failed") std::this_thread::yield();

  EXPECT_EQ(json_of(ask(get("/health/ready")))["reasons"],
            json::array({"devices: no CUDA device is usable"}));
  EXPECT_EQ(json_of(ask(get("/health/live")))["reasons"],
            json::array({"devices: every CUDA device has failed"}));
  EXPECT_EQ(ask(get("/health")).status, 503);
}

TEST_F(DeviceJobsTest, ARequiredDeviceThatIsNotThereEndsReadinessAlone) {
  gpu_options.enabled = gpu_use::on;
  cuda = {.state = gpu::cuda_state::driver_absent, .found = "no driver"};
  start();
  run();

  EXPECT_EQ(json_of(ask(get("/health/ready")))["reasons"], json::array({"devices: no driver"}));
  EXPECT_EQ(ask(get("/health/live")).status, 200);
}

TEST_F(DeviceJobsTest, AJobIsAnsweredAtItsDeadlineThoughTheDeviceHoldsIt) {
  start();
  module.hold();

  const reply r =
      ask(execute("core/axpy", R"({"input":{"x":[2],"y":[1]}})", "X-Request-Timeout-Ms: 20\r\n"));

  EXPECT_EQ(r.status, 504);
  EXPECT_EQ(device()["running"], 1);
  module.release();
  ASSERT_TRUE(jobs->wait_idle(std::chrono::seconds{5}));
  EXPECT_EQ(device()["running"], 0);
}

/// While a first job holds the device, more come; then they run.
struct DeviceBatchesTest : DeviceJobsTest {
  std::vector<reply> ask_for(std::size_t count) {
    jobs_options.max_batch_size = 8;
    start();
    module.hold();
    std::vector<client> clients;
    for (std::size_t i = 0; i <= count; ++i) {
      clients.push_back(connect());
      clients.back().send(execute(
          "core/axpy", R"({"input":{"alpha":)" + std::to_string(i) + R"(,"x":[2],"y":[1]}})"));
      if (i == 0) module.await_running(1);
    }
    while (jobs->queued() < count) std::this_thread::yield();
    module.release();
    std::vector<reply> replies;
    for (client& c : clients) replies.push_back(c.read_reply());
    replies.erase(replies.begin());
    return replies;
  }
  static json result_of(std::size_t alpha) { return json::array({2 * (alpha + 1) + 1}); }
};

TEST_F(DeviceBatchesTest, SmallJobsThatWaitAreOneLaunch) {
  const auto replies = ask_for(3);

  EXPECT_EQ(module.last_count, 3u);
  for (std::size_t i = 0; i < replies.size(); ++i) {
    ASSERT_EQ(replies[i].status, 200) << replies[i].body;
    EXPECT_EQ(json_of(replies[i])["output"]["result"], result_of(i));
    EXPECT_EQ(json_of(replies[i])["metadata"]["batch_size"], 3);
    EXPECT_EQ(json_of(replies[i])["metadata"]["backend"], "CUDA");
  }
}

TEST_F(DeviceBatchesTest, WhereALaunchFailsTheJobAtFaultFailsAlone) {
  using enum run_status;
  module.end_runs({done, failed, done, failed, done});

  const auto replies = ask_for(3);

  EXPECT_EQ(replies[0].status, 200);
  EXPECT_EQ(replies[1].status, 500);
  EXPECT_EQ(code_of(replies[1]), "EXECUTION_FAILED");
  EXPECT_EQ(replies[2].status, 200);
  EXPECT_EQ(json_of(replies[2])["output"]["result"], result_of(2));
}

TEST_F(DeviceBatchesTest, WhereADeviceFailsAllRunOnTheCpu) {
  using enum run_status;
  module.end_runs({done, device_failed});

  const auto replies = ask_for(3);

  for (std::size_t i = 0; i < replies.size(); ++i) {
    ASSERT_EQ(replies[i].status, 200) << replies[i].body;
    EXPECT_EQ(json_of(replies[i])["output"]["result"], result_of(i));
    EXPECT_EQ(json_of(replies[i])["metadata"]["backend"], "CPU");
  }
}

TEST_F(DeviceBatchesTest, WithoutFallbackADevicesFailureIsEveryonesAnswer) {
  using enum run_status;
  gpu_options.fallback = false;
  module.end_runs({done, device_failed});

  for (const reply& r : ask_for(3)) EXPECT_EQ(code_of(r), "DEVICE_ERROR");
}

TEST_F(DeviceBatchesTest, ALaunchHasNoMoreJobsThanTheTwinTakes) {
  module.set_max_batch(2);

  const auto replies = ask_for(3);

  EXPECT_EQ(module.last_count, 1u) << "two, then one";
  EXPECT_EQ(json_of(ask(get("/api/v1/devices")))["devices"][1]["running"], 0);
  for (std::size_t i = 0; i < replies.size(); ++i) {
    EXPECT_EQ(json_of(replies[i])["output"]["result"], result_of(i));
  }
}

TEST_F(DeviceJobsTest, TheRequestsPriorityIsTheRunsOnTheDevice) {
  start();

  ASSERT_EQ(ask(execute("core/axpy", R"({"input":{"x":[2],"y":[1]}})", "X-Request-Priority: 9\r\n"))
                .status,
            200);

  EXPECT_EQ(module.last_priority, 9);
}

TEST_F(DeviceJobsTest, TheDeviceIsListedWithWhatJobsMakeOfIt) {
  start();
  module.await_calls("memory", 1);
  while (!device().contains("memory_free_bytes")) std::this_thread::yield();

  EXPECT_EQ(device(), json::parse(R"({"id":"cuda:0","kind":"cuda","name":"fake",
      "compute_capability":"0.0","memory_total_bytes":1073741824,"runs_kernels":true,
      "state":"usable","workspaces":4,"running":0,"memory_free_bytes":600,"memory_used_bytes":100,
      "memory_peak_bytes":200,"memory_reserved_bytes":400,"errors":{},"resets":0})"));
  const json stats = json_of(ask(get("/api/v1/runtime")))["stats"];
  EXPECT_EQ(stats["gpu_memory_bytes"], 100);
  EXPECT_EQ(stats["gpu_memory_peak_bytes"], 200);
}

TEST_F(DeviceJobsTest, AKernelTellsItsBackendsAndWhereItsJobsGo) {
  start();

  const json twin = json_of(ask(get("/api/v1/kernels/core/axpy")));
  EXPECT_EQ(twin["backends"], json::array({"cpu", "cuda"}));
  EXPECT_EQ(twin["placement"],
            json::parse(R"({"mode":"cuda","cuda_from_bytes":null,"measured":[]})"));
  const json other = json_of(ask(get("/api/v1/kernels/core/test-adding")));
  EXPECT_EQ(other["backends"], json::array({"cpu"}));
  EXPECT_FALSE(other.contains("placement"));
  const json listed = json_of(ask(get("/api/v1/kernels?backend=cuda")));
  EXPECT_EQ(listed["total"], 1);
  EXPECT_EQ(listed["kernels"][0]["id"], "core/axpy");
}

TEST_F(DeviceJobsTest, AKernelPlacedBySizeTellsWhatWasMeasured) {
  gpu_options.cuda_kernels.clear();
  start();
  const std::atomic<bool> never{false};
  backend->calibrate(never);

  const json place = json_of(ask(get("/api/v1/kernels/core/axpy")))["placement"];

  EXPECT_EQ(place["mode"], "auto");
  ASSERT_FALSE(place["measured"].empty());
  EXPECT_GT(place["measured"][0]["input_bytes"], 0);
  EXPECT_TRUE(place["cuda_from_bytes"].is_null() || place["cuda_from_bytes"].is_number());
}

}  // namespace
}  // namespace kernd::test
