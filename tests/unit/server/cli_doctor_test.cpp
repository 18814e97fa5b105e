#include "server/cli_catalogue.hpp"
#include "server/cli_findings.hpp"
#include "unit/server/command_line.hpp"
#include "unit/server/one_answer_server.hpp"

#include <gtest/gtest.h>

#include <string>

namespace kernd::cli {
namespace {

using level = finding::level;

constexpr std::uint64_t gibibyte = std::uint64_t{1} << 30;

host_facts some_host() {
  return {.cpu_model = "Some CPU",
          .online_cores = 8,
          .usable_cores = 4,
          .cpu_quota = {},
          .simd = "avx2",
          .memory_bytes = 16 * gibibyte,
          .available_bytes = 8 * gibibyte,
          .memory_limit_bytes = {},
          .open_files = 4096};
}

TEST(FindingsTest, CoresAreThoseThatMayBeUsed) {
  const finding found = check_cpu(some_host(), {});

  EXPECT_EQ(found.severity, level::ok);
  EXPECT_EQ(found.found, "Some CPU, 4 of 8 cores usable");
}

TEST(FindingsTest, AQuotaBelowTheThreadsIsAWarning) {
  host_facts host = some_host();
  host.cpu_quota = 1.5;

  const finding found = check_cpu(host, {});

  EXPECT_EQ(found.severity, level::warning);
  EXPECT_EQ(found.found, "Some CPU, 4 of 8 cores usable, quota of 1.5");
  EXPECT_NE(found.advice.find("executor.workers and server.io_threads to 2"), std::string::npos);
}

TEST(FindingsTest, ThreadsThatFitTheQuotaAreFine) {
  host_facts host = some_host();
  host.cpu_quota = 2;
  config options;
  options.executor.workers = options.server.io_threads = 2;

  EXPECT_EQ(check_cpu(host, options).severity, level::ok);
}

TEST(FindingsTest, NoSimdIsAWarning) {
  host_facts host = some_host();
  host.simd = {};

  EXPECT_EQ(check_simd(some_host()).severity, level::ok);
  EXPECT_EQ(check_simd(host).severity, level::warning);
}

TEST(FindingsTest, LimitsAboveTheMemoryAreAWarning) {
  host_facts host = some_host();

  EXPECT_EQ(check_memory(host, {}).severity, level::ok);
  EXPECT_EQ(check_memory(host, {}).found,
            "16 GiB, 8 GiB available; bodies and jobs may take 4.5 GiB");

  host.memory_limit_bytes = 2 * gibibyte;

  EXPECT_EQ(check_memory(host, {}).severity, level::warning);
}

TEST(FindingsTest, FewerFilesThanConnectionsAreAWarning) {
  host_facts host = some_host();
  EXPECT_EQ(check_open_files(host, {}).severity, level::ok);

  host.open_files = 1024;

  const finding found = check_open_files(host, {});
  EXPECT_EQ(found.severity, level::warning);
  EXPECT_NE(found.advice.find("ulimit -n 1072"), std::string::npos) << found.advice;
}

TEST(FindingsTest, NoDriverIsNormal) {
  const finding none =
      check_devices({.state = gpu::cuda_state::driver_absent, .found = "none"}, {});

  EXPECT_EQ(none.severity, level::ok);
  EXPECT_EQ(none.found, "none");
  EXPECT_EQ(none.values["cuda_state"], "driver_absent");
  EXPECT_EQ(none.values["cuda_driver"], nullptr);
}

TEST(FindingsTest, AModuleThatDoesNotFitIsAWarningWithAdvice) {
  const finding found = check_devices(
      {.state = gpu::cuda_state::build_differs,
       .found = "another build",
       .advice = "install one",
       .detail = "/opt/libkernd_cuda.so",
       .driver = {.is_installed = true, .version = 13020, .devices = {{.name = "Some GPU"}}}},
      {});

  EXPECT_EQ(found.severity, level::warning);
  EXPECT_EQ(found.found, "another build (/opt/libkernd_cuda.so)");
  EXPECT_EQ(found.advice, "install one");
  EXPECT_EQ(found.values["cuda_driver"], "13.2");
  EXPECT_EQ(found.values["cuda_devices"], nlohmann::ordered_json::array({"Some GPU"}));
}

TEST(FindingsTest, NoDriverIsAFailureWhereADeviceIsRequired) {
  gpu_config options;
  options.enabled = gpu_use::on;

  const finding none =
      check_devices({.state = gpu::cuda_state::driver_absent, .found = "none"}, options);

  EXPECT_EQ(none.severity, level::failure);
  EXPECT_EQ(none.advice, R"(gpu.enabled = "auto" serves from the CPU)");
}

TEST(FindingsTest, KeysThatAreNotDefaultAreListedWithTheirOrigin) {
  const auto loaded = load_config({.flags = {{"server.port", "81"}}});

  const auto found = check_configuration(*loaded);

  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].found, "valid, 1 key not at default");
  EXPECT_EQ(found[1].name, "server.port");
  EXPECT_EQ(found[1].found, "81, from flag");
  EXPECT_EQ(found[1].values, (nlohmann::ordered_json{{"value", 81}, {"origin", "flag"}}));
}

TEST(FindingsTest, AReadyDaemonAtTheAddressIsAWarning) {
  test::one_answer_server server{"HTTP/1.1 200 OK\r\n\r\n"};

  const finding found = check_address({.host = "127.0.0.1", .port = server.port()});

  EXPECT_EQ(found.severity, level::warning);
  EXPECT_EQ(found.values["status"], 200);
}

TEST(FindingsTest, AnotherServerAtTheAddressIsAFailure) {
  test::one_answer_server server{"HTTP/1.1 404 Not Found\r\n\r\n"};

  const finding found = check_address({.host = "127.0.0.1", .port = server.port()});

  EXPECT_EQ(found.severity, level::failure);
  EXPECT_NE(found.found.find("/health/ready with 404"), std::string::npos);
}

TEST(FindingsTest, AFreeAddressIsFine) {
  EXPECT_EQ(check_address({.host = "127.0.0.1", .port = 0}).severity, level::ok);
  EXPECT_EQ(check_address({.host = "127.0.0.1", .port = test::closed_port()}).severity, level::ok);
}

TEST(FindingsTest, TheAddressOfTheProbesIsChecked) {
  test::one_answer_server server{"HTTP/1.1 404 Not Found\r\n\r\n"};
  const server_config options{.host = "127.0.0.1", .port = 0, .probe_port = server.port()};

  const finding found = check_probe_address(options);

  EXPECT_EQ(found.name, "probe address");
  EXPECT_EQ(found.severity, level::failure);
  EXPECT_NE(found.advice.find("server.probe_port"), std::string::npos);
  EXPECT_EQ(check_address(options).severity, level::ok);
}

TEST(FindingsTest, AnAddressOfAnotherMachineIsAFailure) {
  const finding found = check_address({.host = "192.0.2.1", .port = 0});

  EXPECT_EQ(found.severity, level::failure);
  EXPECT_NE(found.advice.find("server.host"), std::string::npos);
}

TEST(FindingsTest, AKernelThatFailsItsSelfTestStopsADaemonThatRunsIt) {
  const kernel_registry registry = catalogue();
  config options;
  options.limits.job_memory_bytes = 0;
  const kernel_entry& entry = *registry.find("core/axpy");

  EXPECT_EQ(check_kernel(entry, {}).severity, level::ok);
  EXPECT_EQ(check_kernel(entry, options).severity, level::failure);

  options.runtime.self_test = false;

  EXPECT_EQ(check_kernel(entry, options).severity, level::warning);
}

TEST(CliDoctorTest, AnInvalidConfigurationFails) {
  const auto [code, out, err] = run_it(parse({"doctor", "--set", "server.prot=1"}));

  EXPECT_EQ(code, exit_code::failed);
  EXPECT_NE(out.find("did you mean `server.port`?"), std::string::npos) << out;
  EXPECT_EQ(out.find(" address "), std::string::npos) << out;
}

TEST(CliDoctorTest, JsonHoldsEveryCheck) {
  const auto [code, out, err] = run_it(parse({"doctor", "--json", "--port", "0"}));

  const auto document = nlohmann::json::parse(out);
  EXPECT_EQ(code, exit_code::ok);
  EXPECT_TRUE(document["ok"].get<bool>());
  EXPECT_GE(document["checks"].size(), 8u);
}

}  // namespace
}  // namespace kernd::cli
