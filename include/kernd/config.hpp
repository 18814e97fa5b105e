#pragma once

#include "kernd/log.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kernd {

/// Everything that can be configured. The defaults here are the preset `development`; the table
/// in `src/config_keys.cpp` has names, ranges, presets and which keys a reload may change.
struct server_config {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8080;     ///< 0 picks a free one.
  std::uint16_t probe_port = 0;  ///< A listener for probes and scrapes alone; 0 means none.
  unsigned io_threads = 0;       ///< Event loops; 0 means one per core.
  std::string api_prefix = "/api/v1";
  bool health_endpoints = true;
  bool metrics_endpoint = true;
  bool cors_enabled = true;
  std::vector<std::string> cors_origins = {"*"};
  bool access_log = true;
  std::chrono::milliseconds grace_delay{0};  ///< From readiness 503 to the listener's end.

  bool operator==(const server_config&) const = default;
};

/// Connections open at a time on `server_config::probe_port`.
inline constexpr std::size_t max_probe_connections = 64;

struct limits_config {
  std::size_t max_connections = 1024;
  std::uint64_t max_requests_per_connection = 0;  ///< 0 means no limit.
  std::size_t max_header_bytes = 16 << 10;        ///< The request target may take half of it.
  std::size_t max_body_bytes = 64 << 20;
  /// The text of all bodies held at a time, as they arrive, wait and are decoded.
  std::size_t body_memory_bytes = 512 << 20;
  std::size_t job_memory_bytes = 1 << 30;  ///< Input, arena, output, a large parser.
  std::size_t max_json_depth = 64;
  std::chrono::milliseconds header_timeout{10'000};
  std::chrono::milliseconds body_timeout{30'000};  ///< Without progress.
  std::chrono::milliseconds idle_timeout{75'000};
  std::chrono::milliseconds write_timeout{30'000};  ///< Without progress.

  bool operator==(const limits_config&) const = default;
};

struct executor_config {
  unsigned workers = 0;                  ///< Threads that run kernels; 0 means one per core.
  std::size_t max_queue_depth = 1000;    ///< Jobs waiting, over all kernels.
  std::size_t kernel_queue_depth = 256;  ///< Jobs waiting, of one kernel.
  std::chrono::milliseconds default_timeout{30'000};
  std::chrono::milliseconds max_timeout{300'000};
  std::chrono::milliseconds ageing{100};  ///< Waiting this long counts as one step of priority.
  std::chrono::milliseconds drain_timeout{5'000};
  std::size_t max_batch_size = 1;  ///< Small jobs of a kernel computed together; 1: each alone.
  std::chrono::microseconds max_queue_delay{0};  ///< Of a job that waits for others to join it.

  bool operator==(const executor_config&) const = default;
};

struct runtime_config {
  bool hot_reload = true;  ///< SIGHUP reads the configuration again.
  bool self_test = true;   ///< Run every kernel's example before ready.

  bool operator==(const runtime_config&) const = default;
};

struct health_config {
  std::chrono::milliseconds check_interval{30'000};
  std::chrono::seconds window{60};
  double degraded_error_ratio = 0.1;
  double unhealthy_error_ratio = 0.5;

  bool operator==(const health_config&) const = default;
};

struct log_config {
  log_level level = log_level::debug;
  log_format format = log_format::text;

  bool operator==(const log_config&) const = default;
};

/// Actors. Sizes are of what is made at the start; nothing grows later.
struct ring_config {
  bool execute_over_rest = true;  ///< `execute` of a ring kernel reaches its default actor.
  std::size_t max_actors = 100;
  std::size_t memory_bytes = std::size_t{2} << 30;  ///< Of the states and queues of all actors.
  std::chrono::microseconds spin{20};               ///< Of a persistent actor before it sleeps.
  unsigned pool_threads = 0;       ///< For event-driven actors; 0 means one per core.
  bool checksum = false;           ///< Of every payload, checked when its turn comes.
  std::size_t call_table = 65536;  ///< Calls that wait at a time.
  std::size_t output_log = 1024;   ///< `output_queue_capacity` of a launch that names none.
  std::size_t dead_letters = 10'000;
  unsigned hop_limit = 8;  ///< How often a message may be forwarded.

  bool operator==(const ring_config&) const = default;
};

/// Whether CUDA devices are used.
enum class gpu_use : std::uint8_t { automatic, on, off };
/// On the wire, by `gpu_use`.
inline constexpr std::array<std::string_view, 3> gpu_use_names = {"auto", "on", "off"};

/// The backend `cuda`.
struct gpu_config {
  gpu_use enabled = gpu_use::automatic;   ///< `on`: a daemon without usable device is not ready.
  bool fallback = true;                   ///< To the CPU, when a device fails or has no memory.
  std::vector<std::string> devices;       ///< Their numbers; empty: all.
  std::vector<std::string> cpu_kernels;   ///< Ids that never go to a device.
  std::vector<std::string> cuda_kernels;  ///< Ids that always do, whatever the size.
  std::size_t memory_limit_bytes = 0;     ///< Of a device, for all jobs; 0: no limit.
  std::size_t pool_initial_bytes = 64 << 20;  ///< Taken from a device at the start, and kept.
  std::size_t pinned_pool_bytes = 64 << 20;   ///< Page-locked host memory.
  std::size_t streams = 4;                    ///< Jobs at a time on a device.

  bool operator==(const gpu_config&) const = default;
};

struct config {
  server_config server;
  limits_config limits;
  executor_config executor;
  runtime_config runtime;
  health_config health;
  log_config log;
  ring_config ring;
  gpu_config gpu;

  bool operator==(const config&) const = default;
};

}  // namespace kernd
