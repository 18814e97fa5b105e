#pragma once

#include "kernd/body_budget.hpp"
#include "kernd/executor.hpp"
#include "kernd/exposition.hpp"
#include "kernd/gpu/backend.hpp"
#include "kernd/health.hpp"
#include "kernd/lifecycle.hpp"
#include "kernd/live_config.hpp"
#include "kernd/registry.hpp"
#include "kernd/ring/runtime.hpp"
#include "server/api/actor_metrics.hpp"
#include "server/api/actors.hpp"
#include "server/api/components.hpp"
#include "server/api/control_desk.hpp"
#include "server/api/dead_letters.hpp"
#include "server/api/devices.hpp"
#include "server/api/dispatch.hpp"
#include "server/api/health.hpp"
#include "server/api/kernels.hpp"
#include "server/api/runtime.hpp"
#include "server/http/router.hpp"
#include "server/http/server.hpp"
#include "tests/http/client.hpp"
#include "tests/http/recording_log.hpp"
#include "tests/unit/test_kernels.hpp"
#include "tests/unit/test_ring_kernels.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace kernd::test {

/// The resources behind a real socket, with the test kernels instead of the catalogue.
struct ApiTest : ::testing::Test {
  server_config options{.port = 0, .io_threads = 1};
  limits_config limits;
  executor_config jobs_options{.workers = 1};
  health_config health_options;
  ring_config ring_options{.pool_threads = 1};
  std::atomic<bool> loops_turn{true};         // false: the loops count as stuck
  std::atomic<std::chrono::seconds> ahead{};  // of the clock, for the health checks
  recording_log log;
  gate where;  // outlives the kernels that wait there

  lifecycle life;
  kernel_registry registry;
  http::router routes;
  body_budget bodies{0};  ///< `limits.body_memory_bytes` from `start` on.
  std::optional<http::server> server;
  gpu::cuda_report cuda;  ///< What the daemon found; its devices run kernels from `start` on.
  gpu_config gpu_options;
  std::optional<gpu::cuda_backend> backend;
  std::optional<executor> jobs;
  std::optional<ring_runtime> actors;
  std::optional<health_monitor> monitor;
  std::optional<api::kernel_api> kernels;
  std::chrono::milliseconds end_patience{std::chrono::seconds{10}};  // with an actor's handler
  std::optional<api::actor_api> actor_routes;
  std::optional<api::dispatch_api> dispatcher;
  std::optional<api::dead_letter_api> dead_letters;
  std::optional<api::actor_metrics> actor_counts;
  std::optional<api::component_api> components;
  std::optional<api::device_api> devices;
  std::optional<api::health_api> health;
  config_sources sources;  ///< Of the configuration that `/runtime` shows; nothing else reads it.
  std::optional<live_config> in_force;
  std::atomic<bool> desk_is_served{true};  // at once, by the loop that asks
  std::chrono::milliseconds desk_patience{std::chrono::seconds{10}};
  std::optional<api::control_desk> desk;
  std::optional<api::runtime_api> runtime;
  exposition page{{}};

  ApiTest();
  ~ApiTest() override;
  /// Builds everything from the options and starts to answer.
  void start();

  client connect() { return client{server->port()}; }
  reply ask(std::string_view bytes) { return connect().ask(bytes); }

  static std::string get(std::string_view path);
  static std::string post(std::string_view path, std::string_view body,
                          std::string_view headers = "Content-Type: application/json\r\n");
  /// An execute request for `kernel`.
  static std::string execute(std::string_view kernel, std::string_view body,
                             std::string_view headers = "Content-Type: application/json\r\n");
  static std::string gated_request(const gate& where, std::int64_t tag = 0,
                                   std::string_view headers = "");
  static nlohmann::json json_of(const reply& r);
  static std::string code_of(const reply& r);
};

}  // namespace kernd::test
