#include "server/cli_host.hpp"

#include "kernd/cores.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <sstream>

namespace kernd::cli {
namespace {

std::string first_line(const std::string& path) {
  std::ifstream file{path};
  std::string line;
  std::getline(file, line);
  return line;
}

/// The value behind `name` and a colon, as `/proc/cpuinfo` and `/proc/meminfo` write it.
std::string value_of(const std::string& path, std::string_view name) {
  std::ifstream file{path};
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(name)) continue;
    const auto colon = line.find(':');
    if (colon == std::string::npos) continue;
    const auto first = line.find_first_not_of(" \t", colon + 1);
    return first == std::string::npos ? std::string{} : line.substr(first);
  }
  return {};
}

std::uint64_t kibibytes_of(const std::string& path, std::string_view name) {
  std::uint64_t value = 0;
  std::istringstream{value_of(path, name)} >> value;
  return value * 1024;
}

/// Calls `visit` with the folder of each control group of `controller` that this process is in,
/// from its own to the root's; `controller` is empty for version 2.
void visit_groups(const std::string& root, std::string_view controller,
                  const std::function<void(const std::string&)>& visit) {
  std::ifstream file{root + "/proc/self/cgroup"};
  for (std::string line; std::getline(file, line);) {
    const auto first = line.find(':');
    const auto second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string names = "," + line.substr(first + 1, second - first - 1) + ",";
    const bool is_ours = controller.empty()
                             ? names == ",,"
                             : names.find("," + std::string{controller} + ",") != std::string::npos;
    if (!is_ours) continue;
    const std::string mount =
        root + "/sys/fs/cgroup" + (controller.empty() ? "" : "/" + std::string{controller});
    std::string group = line.substr(second + 1);
    for (;;) {
      while (group.ends_with('/')) group.pop_back();
      visit(mount + group);
      if (group.empty()) break;
      group.erase(group.find_last_of('/') == std::string::npos ? 0 : group.find_last_of('/'));
    }
  }
}

template <class T>
void lower(std::optional<T>& limit, T value) {
  if (!limit || value < *limit) limit = value;
}

std::optional<double> cpu_quota(const std::string& root) {
  std::optional<double> quota;
  const auto take = [&quota](const std::string& text) {
    double time = 0, period = 0;
    if (std::istringstream{text} >> time >> period && time > 0 && period > 0) {
      lower(quota, time / period);
    }
  };
  visit_groups(root, "", [&](const std::string& group) { take(first_line(group + "/cpu.max")); });
  visit_groups(root, "cpu", [&](const std::string& group) {
    take(first_line(group + "/cpu.cfs_quota_us") + " " + first_line(group + "/cpu.cfs_period_us"));
  });
  return quota;
}

std::optional<std::uint64_t> memory_limit(const std::string& root, std::uint64_t machine_bytes) {
  std::optional<std::uint64_t> limit;
  const auto take = [&](const std::string& path) {
    std::uint64_t bytes = 0;  // "max" is no number; version 1 writes a huge one
    if (std::istringstream{first_line(path)} >> bytes && bytes < machine_bytes) lower(limit, bytes);
  };
  visit_groups(root, "", [&](const std::string& group) { take(group + "/memory.max"); });
  visit_groups(root, "memory",
               [&](const std::string& group) { take(group + "/memory.limit_in_bytes"); });
  return limit;
}

std::string_view widest_simd() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) return "avx512";
  if (__builtin_cpu_supports("avx2")) return "avx2";
  if (__builtin_cpu_supports("sse4.2")) return "sse4.2";
  return {};
#elif defined(__aarch64__)
  return "neon";
#else
  return {};
#endif
}

}  // namespace

host_facts read_host(const std::string& root) {
  host_facts facts;
  facts.cpu_model = value_of(root + "/proc/cpuinfo", "model name");
  facts.online_cores = static_cast<unsigned>(std::max(0L, ::sysconf(_SC_NPROCESSORS_ONLN)));
  facts.usable_cores = usable_cores();
  facts.cpu_quota = cpu_quota(root);
  facts.simd = widest_simd();
  facts.memory_bytes = kibibytes_of(root + "/proc/meminfo", "MemTotal");
  facts.available_bytes = kibibytes_of(root + "/proc/meminfo", "MemAvailable");
  facts.memory_limit_bytes = memory_limit(root, facts.memory_bytes);
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) == 0) facts.open_files = files.rlim_cur;
  return facts;
}

}  // namespace kernd::cli
