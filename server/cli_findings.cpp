#include "server/cli_findings.hpp"

#include "kernd/config_keys.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdio>

namespace kernd::cli {
namespace {

using level = finding::level;

/// `1.5`, `4`
std::string short_number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", value);
  std::string result = text;
  return result.ends_with(".0") ? result.substr(0, result.size() - 2) : result;
}

std::string bytes(std::uint64_t count) {
  constexpr double mebibyte = 1 << 20;
  const double mebibytes = static_cast<double>(count) / mebibyte;
  return mebibytes < 1024 ? short_number(mebibytes) + " MiB"
                          : short_number(mebibytes / 1024) + " GiB";
}

std::string counted(std::size_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

unsigned or_cores(unsigned threads, const host_facts& host) {
  return threads == 0 ? host.usable_cores : threads;
}

}  // namespace

std::string_view name_of(finding::level severity) {
  switch (severity) {
    case level::ok:
      break;
    case level::warning:
      return "warning";
    case level::failure:
      return "failure";
  }
  return "ok";
}

finding check_cpu(const host_facts& host, const config& options) {
  finding result{"cpu"};
  result.found = (host.cpu_model.empty() ? "model unknown" : host.cpu_model) + ", " +
                 std::to_string(host.usable_cores) + " of " + counted(host.online_cores, "core") +
                 " usable";
  result.values = {{"model", host.cpu_model},
                   {"online_cores", host.online_cores},
                   {"usable_cores", host.usable_cores},
                   {"quota_cores", nullptr}};
  if (!host.cpu_quota) return result;
  result.found += ", quota of " + short_number(*host.cpu_quota);
  result.values["quota_cores"] = *host.cpu_quota;
  const double threads =
      std::max(or_cores(options.executor.workers, host), or_cores(options.server.io_threads, host));
  if (threads > std::ceil(*host.cpu_quota)) {
    const auto fitting = short_number(std::ceil(*host.cpu_quota));
    result.severity = level::warning;
    result.advice =
        "more threads than the quota lets run are stopped in bursts: set "
        "executor.workers and server.io_threads to " +
        fitting;
  }
  return result;
}

finding check_simd(const host_facts& host) {
  finding result{"simd"};
  result.values = {{"widest", nullptr}};
  if (host.simd.empty()) {
    result.severity = level::warning;
    result.found = "none that the JSON parser knows";
    result.advice = "JSON is read several times slower than on x86-64 with SSE4.2 or on ARM64";
    return result;
  }
  result.found = std::string{host.simd} + "; the JSON parser picks what fits it at run time";
  result.values["widest"] = host.simd;
  return result;
}

finding check_memory(const host_facts& host, const config& options) {
  finding result{"memory"};
  const std::uint64_t ours = host.memory_limit_bytes.value_or(host.memory_bytes);
  const std::uint64_t most =
      options.limits.body_memory_bytes +
      or_cores(options.executor.workers, host) * std::uint64_t{options.limits.job_memory_bytes};
  result.found = bytes(host.memory_bytes) + ", " + bytes(host.available_bytes) + " available";
  if (host.memory_limit_bytes) result.found += ", limited to " + bytes(ours);
  result.found += "; bodies and jobs may take " + bytes(most);
  result.values = {{"total_bytes", host.memory_bytes},
                   {"available_bytes", host.available_bytes},
                   {"limit_bytes", nullptr},
                   {"configured_bytes", most}};
  if (host.memory_limit_bytes) result.values["limit_bytes"] = ours;
  if (most > ours) {
    result.severity = level::warning;
    result.advice =
        "the kernel may kill the daemon under load: lower limits.job_memory_bytes, "
        "limits.body_memory_bytes or executor.workers until they fit";
  }
  return result;
}

finding check_open_files(const host_facts& host, const config& options) {
  constexpr std::uint64_t per_loop = 4, others = 32;  // loops poll; logs, files, the listener
  finding result{"open files"};
  const std::uint64_t needed = options.limits.max_connections +
                               per_loop * or_cores(options.server.io_threads, host) + others +
                               (options.server.probe_port == 0 ? 0 : max_probe_connections);
  result.found =
      std::to_string(host.open_files) + " allowed, " + std::to_string(needed) +
      " needed for limits.max_connections = " + std::to_string(options.limits.max_connections);
  result.values = {{"allowed", host.open_files}, {"needed", needed}};
  if (host.open_files < needed) {
    result.severity = level::warning;
    result.advice = "connections would be left waiting: `ulimit -n " + std::to_string(needed) +
                    "` (systemd: LimitNOFILE=), or lower limits.max_connections";
  }
  return result;
}

finding check_devices(const gpu::cuda_report& cuda, const gpu_config& options) {
  finding result{"devices", cuda.is_fault() ? level::warning : level::ok, cuda.found, cuda.advice};
  if (cuda.is_fault() && !cuda.detail.empty()) result.found += " (" + cuda.detail + ")";
  if (options.enabled == gpu_use::on && cuda.module == nullptr) {
    result.severity = level::failure;
    const std::string otherwise = R"(gpu.enabled = "auto" serves from the CPU)";
    result.advice += result.advice.empty() ? otherwise : "; " + otherwise;
  }
  result.values = {{"cuda_state", gpu::name_of(cuda.state)},
                   {"cuda_driver", nullptr},
                   {"cuda_devices", nlohmann::ordered_json::array()}};
  if (cuda.driver.version != 0) {
    result.values["cuda_driver"] = gpu::cuda_version_text(cuda.driver.version);
  }
  for (const gpu::cuda_device& device : cuda.driver.devices) {
    result.values["cuda_devices"].push_back(device.name);
  }
  return result;
}

std::vector<finding> check_configuration(const loaded_config& loaded) {
  std::vector<finding> changed;
  const auto document = to_json(loaded);
  const auto keys = config_keys();
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (loaded.origins[i].layer == config_layer::defaults) continue;
    const std::string value = to_toml(keys[i].get(loaded.values));
    const std::string origin = to_string(loaded.origins[i]);
    changed.push_back({.name = std::string{keys[i].name}, .found = value + ", from " + origin});
    changed.back().values = document[std::string{keys[i].section()}][std::string{keys[i].leaf()}];
  }
  finding whole{"configuration"};
  whole.found = "valid, " + (changed.empty() ? "every key at its default"
                                             : counted(changed.size(), "key") + " not at default");
  whole.values = {{"changed_keys", changed.size()}};
  changed.insert(changed.begin(), std::move(whole));
  return changed;
}

std::vector<finding> check_configuration(const config_errors& errors) {
  std::vector<finding> result;
  for (const auto& message : errors.messages) {
    result.push_back({.name = "configuration",
                      .severity = level::failure,
                      .found = message,
                      .advice = "mend it; `kernd config check` tells whether it is right"});
  }
  return result;
}

}  // namespace kernd::cli
