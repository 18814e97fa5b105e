#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kernd::cli {

/// What the system and the control groups of this process give it. What cannot be found out is 0
/// or empty.
struct host_facts {
  std::string cpu_model;
  unsigned online_cores = 0;
  unsigned usable_cores = 0;          ///< By the affinity mask.
  std::optional<double> cpu_quota;    ///< In cores; nothing without a limit.
  std::string_view simd;              ///< The widest of `avx512`, `avx2`, `sse4.2`, `neon`.
  std::uint64_t memory_bytes = 0;     ///< Of the machine.
  std::uint64_t available_bytes = 0;  ///< Of the machine, now.
  std::optional<std::uint64_t> memory_limit_bytes;  ///< Below that of the machine.
  std::uint64_t open_files = 0;                     ///< The soft limit.
};

/// Reads `/proc` and `/sys` below `root`, both versions of control groups.
host_facts read_host(const std::string& root = {});

}  // namespace kernd::cli
