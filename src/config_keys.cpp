#include "kernd/config_keys.hpp"

#include "kernd/did_you_mean.hpp"
#include "kernd/kernel.hpp"
#include "src/config_key_rows.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <type_traits>
#include <utility>

namespace kernd {

using namespace key_rows;

namespace {

bool is_ip_address(std::string_view text) {
  const std::string address{text};
  in6_addr bytes;  // The larger of the two.
  return address.find('\0') == std::string::npos &&
         (inet_pton(AF_INET, address.c_str(), &bytes) == 1 ||
          inet_pton(AF_INET6, address.c_str(), &bytes) == 1);
}

bool is_path_prefix(std::string_view text) {
  return text.size() >= 2 && text.size() <= 128 && text.front() == '/' && text.back() != '/' &&
         text.find("//") == std::string_view::npos && consists_of(text, "/_-");
}

/// What a browser sends as `Origin`; another form would never match one.
bool is_origin(std::string_view text) {
  if (text == "*") return true;
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (text.starts_with(scheme) && text.size() > scheme.size() && text.size() <= 512) {
      return consists_of(text.substr(scheme.size()), ".-_:[]");
    }
  }
  return false;
}

constexpr text_rule ip_address{"an IP address, such as 127.0.0.1 or ::", is_ip_address};
constexpr text_rule path_prefix{
    "a path of lower-case letters, digits, `-` and `_`, such as /api/v1, without a slash at its "
    "end",
    is_path_prefix};
constexpr text_rule origin{
    "`*` or an origin in lower case without a path, such as https://example.org", is_origin};

void add_server(std::vector<config_key>& keys) {
  section_table<&config::server> table{keys};
  table.add<&server_config::host>("server.host", ip_address, needs_restart,
                                  {"127.0.0.1", "0.0.0.0", "0.0.0.0", "127.0.0.1"},
                                  "Address to listen on.");
  table.add<&server_config::port>("server.port", integer_range{0, 65535}, needs_restart,
                                  {8080, 8080, 8080, 0},
                                  "TCP port; 0 picks a free one and prints it.");
  table.add<&server_config::probe_port>("server.probe_port", integer_range{0, 65535}, needs_restart,
                                        same(0),
                                        "Another TCP port, with a thread of its own, for /health, "
                                        "what is below it, and /metrics alone; 0 means none.");
  table.add<&server_config::io_threads>("server.io_threads", integer_range{0, 256}, needs_restart,
                                        {0, 0, 0, 1},
                                        "Event loops, one thread each; 0 means one per core.");
  table.add<&server_config::api_prefix>("server.api_prefix", path_prefix, needs_restart,
                                        same("/api/v1"), "Where the API's paths begin.");
  table.add<&server_config::health_endpoints>("server.health_endpoints", {}, needs_restart,
                                              same(true), "Serve /health and what is below it.");
  table.add<&server_config::metrics_endpoint>("server.metrics_endpoint", {}, needs_restart,
                                              same(true), "Serve /metrics for Prometheus.");
  table.add<&server_config::cors_enabled>("server.cors_enabled", {}, reloadable,
                                          {true, true, false, true},
                                          "Answer browsers of other origins (CORS).");
  table.add<&server_config::cors_origins>(
      "server.cors_origins", list_of{origin}, reloadable, {list{"*"}, list{}, list{}, list{"*"}},
      "Origins that may call from a browser; \"*\" lets every one.");
  table.add<&server_config::access_log>("server.access_log", {}, reloadable,
                                        {true, true, false, false}, "Log one line per request.");
  table.add<&server_config::grace_delay>(
      "server.grace_delay_ms", integer_range{0, 600'000}, reloadable, {0, 5000, 5000, 0},
      "When draining: time from readiness 503 until the listener closes.");
}

void add_limits(std::vector<config_key>& keys) {
  section_table<&config::limits> table{keys};
  constexpr integer_range timeout{10, hour_ms};
  table.add<&limits_config::max_connections>("limits.max_connections", integer_range{1, 1'000'000},
                                             reloadable, {1024, 16384, 65536, 256},
                                             "Connections open at a time.");
  table.add<&limits_config::max_requests_per_connection>(
      "limits.max_requests_per_connection", integer_range{0, 1'000'000'000}, reloadable, same(0),
      "Requests until a connection is closed; 0 means no limit.");
  table.add<&limits_config::max_header_bytes>("limits.max_header_bytes", integer_range{kib, mib},
                                              reloadable, same(16 * kib),
                                              "Request line and header fields of one request.");
  table.add<&limits_config::max_body_bytes>("limits.max_body_bytes", integer_range{kib, 4 * gib},
                                            reloadable, {64 * mib, 64 * mib, 256 * mib, 8 * mib},
                                            "Body of one request.");
  table.add<&limits_config::body_memory_bytes>(
      "limits.body_memory_bytes", integer_range{kib, tib}, reloadable,
      {512 * mib, 2 * gib, 8 * gib, 64 * mib},
      "The text of all bodies held at a time, as they arrive, wait and are decoded; at least "
      "limits.max_body_bytes.");
  table.add<&limits_config::job_memory_bytes>(
      "limits.job_memory_bytes", integer_range{mib, tib}, reloadable,
      {gib, gib, 4 * gib, 128 * mib},
      "Input, memory of the kernel and output of one job; while a "
      "body above 1 MiB is decoded, up to 17/3 of its size for the parser too.");
  table.add<&limits_config::max_json_depth>("limits.max_json_depth", integer_range{8, 1024},
                                            reloadable, same(64),
                                            "Arrays and objects inside each other.");
  table.add<&limits_config::header_timeout>(
      "limits.header_timeout_ms", timeout, reloadable, {10'000, 10'000, 10'000, 1000},
      "From the first byte of a request to the end of its header.");
  table.add<&limits_config::body_timeout>(
      "limits.body_timeout_ms", timeout, reloadable, {30'000, 30'000, 30'000, 1000},
      "Without a byte of the body arriving; all of it where no deadline counts.");
  table.add<&limits_config::idle_timeout>("limits.idle_timeout_ms", timeout, reloadable,
                                          {75'000, 75'000, 75'000, 1000},
                                          "Between two requests of a connection.");
  table.add<&limits_config::write_timeout>("limits.write_timeout_ms", timeout, reloadable,
                                           {30'000, 30'000, 30'000, 1000},
                                           "Without the client taking a byte of the response.");
}

void add_executor(std::vector<config_key>& keys) {
  section_table<&config::executor> table{keys};
  table.add<&executor_config::workers>("executor.workers", integer_range{0, 1024}, needs_restart,
                                       {0, 0, 0, 1},
                                       "Threads that run kernels; 0 means one per core.");
  table.add<&executor_config::max_queue_depth>(
      "executor.max_queue_depth", integer_range{1, 1'000'000}, reloadable,
      {1000, 10'000, 100'000, 100}, "Jobs waiting, over all kernels.");
  table.add<&executor_config::kernel_queue_depth>(
      "executor.kernel_queue_depth", integer_range{1, 1'000'000}, reloadable, {256, 1024, 8192, 32},
      "Jobs waiting, of one kernel.");
  table.add<&executor_config::default_timeout>(
      "executor.default_timeout_ms", integer_range{1, day_ms}, reloadable,
      {30'000, 30'000, 10'000, 5000},
      "Deadline of a job whose request names none; at most executor.max_timeout_ms.");
  table.add<&executor_config::max_timeout>("executor.max_timeout_ms", integer_range{1, day_ms},
                                           reloadable, {300'000, 300'000, 300'000, 60'000},
                                           "Longest deadline a request may ask for.");
  table.add<&executor_config::ageing>("executor.ageing_ms", integer_range{1, 60'000}, reloadable,
                                      same(100),
                                      "Waiting this long counts as one step of priority.");
  table.add<&executor_config::drain_timeout>("executor.drain_timeout_ms", integer_range{1, hour_ms},
                                             reloadable, {5000, 30'000, 10'000, 100},
                                             "When draining: time for jobs in flight to finish.");
  table.add<&executor_config::max_batch_size>(
      "executor.max_batch_size", integer_range{1, largest_batch_size}, reloadable, same(1),
      "Small jobs of a kernel that are computed together, where the kernel does that; 1 means each "
      "alone.");
  table.add<&executor_config::max_queue_delay>(
      "executor.max_queue_delay_us", integer_range{0, 1'000'000}, reloadable, same(0),
      "How long such jobs wait for others while a worker has nothing else to do; 0 means that only "
      "those join that wait anyway.");
}

void add_runtime(std::vector<config_key>& keys) {
  section_table<&config::runtime> table{keys};
  table.add<&runtime_config::hot_reload>("runtime.hot_reload", {}, needs_restart,
                                         {true, false, false, false},
                                         "SIGHUP reads the configuration again.");
  table.add<&runtime_config::self_test>("runtime.self_test", {}, needs_restart, same(true),
                                        "Run every kernel's example before reporting ready.");
}

void add_health(std::vector<config_key>& keys) {
  section_table<&config::health> table{keys};
  table.add<&health_config::check_interval>("health.check_interval_ms", integer_range{10, hour_ms},
                                            reloadable, {30'000, 10'000, 5000, 1000},
                                            "Time between two health checks.");
  table.add<&health_config::window>("health.window_s", integer_range{1, 3600}, reloadable,
                                    {60, 60, 60, 5},
                                    "Error ratios are taken over this sliding window.");
  table.add<&health_config::degraded_error_ratio>(
      "health.degraded_error_ratio", number_range{0, 1}, reloadable, same(0.1),
      "Failed jobs per job from which health is degraded; at most "
      "health.unhealthy_error_ratio.");
  table.add<&health_config::unhealthy_error_ratio>(
      "health.unhealthy_error_ratio", number_range{0, 1}, reloadable, same(0.5),
      "Failed jobs per job from which health is unhealthy.");
}

void add_log(std::vector<config_key>& keys) {
  section_table<&config::log> table{keys};
  table.add<&log_config::level>("log.level", one_of{log_level_names}, reloadable,
                                {"debug", "info", "warn", "trace"},
                                "Lines below this level are not written.");
  table.add<&log_config::format>("log.format", one_of{log_format_names}, reloadable,
                                 {"text", "json", "json", "text"},
                                 "Lines for people, or one JSON object per line.");
}

std::vector<config_key> make_table() {
  std::vector<config_key> keys;
  add_server(keys);
  add_limits(keys);
  add_executor(keys);
  add_runtime(keys);
  add_health(keys);
  add_log(keys);
  add_ring_keys(keys);
  add_gpu_keys(keys);
  return keys;
}

}  // namespace

std::span<const config_key> config_keys() {
  static const std::vector<config_key> table = make_table();
  return table;
}

const config_key* find_config_key(std::string_view name) {
  const auto keys = config_keys();
  const auto found = std::ranges::find(keys, name, &config_key::name);
  return found == keys.end() ? nullptr : &*found;
}

const config_key* closest_config_key(std::string_view name) {
  const auto keys = config_keys();
  const auto dot = name.find('.');
  const bool sectioned = dot != std::string_view::npos;
  const std::string_view leaf = sectioned ? name.substr(dot + 1) : name;
  const auto same_leaf = std::ranges::find(keys, leaf, &config_key::leaf);
  if (same_leaf != keys.end()) return &*same_leaf;

  // In a section that exists only the key is in doubt; else its name would lend credit to any key.
  std::vector<std::string_view> leaves;
  std::vector<std::string_view> names;
  for (const auto& key : keys) {
    if (sectioned && key.section() == name.substr(0, dot)) leaves.push_back(key.leaf());
    names.push_back(key.name);
  }
  if (leaves.empty()) return find_config_key(closest_name(name, names));
  const std::string_view closest = closest_name(leaf, leaves);
  if (closest.empty()) return nullptr;
  return find_config_key(std::string{name.substr(0, dot + 1)} + std::string{closest});
}

std::string config_key::environment_name() const {
  std::string result = "KERND_";
  for (const char c : name) {
    if (c == '.') {
      result += "__";
    } else {
      result += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
  }
  return result;
}

}  // namespace kernd
