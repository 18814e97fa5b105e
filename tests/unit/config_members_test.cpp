#include "kernd/config_loader.hpp"
#include "support/temporary_file.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace kernd {
namespace {

TEST(ConfigMembersTest, EveryNameSetsItsOwnMember) {
  const test::temporary_file file{R"(
[server]
host = "::1"
port = 1
probe_port = 9
io_threads = 2
api_prefix = "/x"
health_endpoints = false
metrics_endpoint = false
cors_enabled = false
cors_origins = ["http://a"]
access_log = false
grace_delay_ms = 3
[limits]
max_connections = 4
max_requests_per_connection = 5
max_header_bytes = 2000
max_body_bytes = 3000
body_memory_bytes = 4000
job_memory_bytes = 5000000
max_json_depth = 9
header_timeout_ms = 10
body_timeout_ms = 11
idle_timeout_ms = 12
write_timeout_ms = 13
[executor]
workers = 14
max_queue_depth = 15
kernel_queue_depth = 16
default_timeout_ms = 17
max_timeout_ms = 18
ageing_ms = 19
drain_timeout_ms = 20
max_batch_size = 29
max_queue_delay_us = 30
[runtime]
hot_reload = false
self_test = false
[health]
check_interval_ms = 21
window_s = 22
degraded_error_ratio = 0.25
unhealthy_error_ratio = 0.75
[log]
level = "error"
format = "json"
[ring]
execute_over_rest = false
max_actors = 22
memory_bytes = 3000000
spin_us = 23
pool_threads = 24
checksum = true
call_table = 25
output_log = 26
dead_letters = 27
hop_limit = 28
[gpu]
enabled = "on"
fallback = false
devices = ["0", "2"]
cpu_kernels = ["core/axpy"]
cuda_kernels = ["core/gemm"]
memory_limit_bytes = 29
pool_initial_bytes = 30
pinned_pool_bytes = 31
streams = 32
)"};
  using std::chrono::milliseconds;
  const config expected{
      .server = {"::1", 1, 9, 2, "/x", false, false, false, {"http://a"}, false, milliseconds{3}},
      .limits = {4, 5, 2000, 3000, 4000, 5000000, 9, milliseconds{10}, milliseconds{11},
                 milliseconds{12}, milliseconds{13}},
      .executor = {14, 15, 16, milliseconds{17}, milliseconds{18}, milliseconds{19},
                   milliseconds{20}, 29, std::chrono::microseconds{30}},
      .runtime = {false, false},
      .health = {milliseconds{21}, std::chrono::seconds{22}, 0.25, 0.75},
      .log = {log_level::error, log_format::json},
      .ring = {false, 22, 3000000, std::chrono::microseconds{23}, 24, true, 25, 26, 27, 28},
      .gpu = {gpu_use::on, false, {"0", "2"}, {"core/axpy"}, {"core/gemm"}, 29, 30, 31, 32}};

  const auto loaded = load_config({.file = file.path()});

  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->values, expected);
  for (const auto& origin : loaded->origins) EXPECT_EQ(origin.layer, config_layer::file);
}

}  // namespace
}  // namespace kernd
