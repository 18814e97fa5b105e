#include "server/api/devices.hpp"

#include "tests/api/api_test.hpp"
#include "tests/unit/gpu/fake_cuda.hpp"

namespace kernd::test {
namespace {

using nlohmann::json;

constexpr std::string_view path = "/api/v1/devices";

using DevicesTest = ApiTest;

TEST_F(DevicesTest, TheCpuIsADeviceWithoutCuda) {
  cuda.state = gpu::cuda_state::driver_absent;
  cuda.found = "no driver";
  start();

  EXPECT_EQ(json_of(ask(get(path))), json::parse(R"({"total":1,
      "devices":[{"id":"cpu","kind":"cpu","name":"CPU","compute_capability":null,
                  "memory_total_bytes":null,"runs_kernels":true}],
      "cuda":{"state":"driver_absent","message":"no driver","advice":null,"driver_version":null,
              "kernels":[]}})"));
}

TEST_F(DevicesTest, ADeviceOfTheDriverIsListedAndRunsNothing) {
  cuda.state = gpu::cuda_state::module_absent;
  cuda.found = "no module";
  cuda.advice = "install it";
  cuda.driver = {.is_installed = true,
                 .failure = {},
                 .version = 13020,
                 .devices = {{.name = "Some GPU",
                              .compute_major = 9,
                              .compute_minor = 0,
                              .memory_bytes = 150'000'000'000}}};
  start();

  const json body = json_of(ask(get(path)));

  EXPECT_EQ(body["total"], 2);
  EXPECT_EQ(body["devices"][1], json::parse(R"({"id":"cuda:0","kind":"cuda","name":"Some GPU",
      "compute_capability":"9.0","memory_total_bytes":150000000000,"runs_kernels":false})"));
  EXPECT_EQ(body["cuda"], json::parse(R"({"state":"module_absent","message":"no module",
      "advice":"install it","driver_version":"13.2","kernels":[]})"));
}

TEST_F(DevicesTest, NamesTheKernelsOfTheModule) {
  gpu::test::fake_cuda module;
  cuda = module.report(0);
  start();

  EXPECT_EQ(json_of(ask(get(path)))["cuda"]["kernels"], json::array({"core/axpy"}));
}

TEST_F(DevicesTest, KeepsPathsToItself) {
  cuda.state = gpu::cuda_state::module_broken;
  cuda.detail = "/secret/place/libkernd_cuda.so";
  start();

  EXPECT_EQ(ask(get(path)).body.find("secret"), std::string::npos);
}

}  // namespace
}  // namespace kernd::test
