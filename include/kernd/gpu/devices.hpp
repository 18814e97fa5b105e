#pragma once

#include "kernd/gpu/module.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kernd::gpu {

/// Of the jobs of one launch: nobody waits for it once all are set.
using stop_flags = std::span<const std::atomic<bool>* const>;

bool are_set(stop_flags stops) noexcept;

enum class device_state : std::uint8_t {
  usable,
  recovering,  ///< It has failed and is being reset; jobs go elsewhere.
  failed,      ///< It could not be reset, or not in time; used again if it does come back.
};

/// `usable`, `recovering`, `failed`.
std::string_view name_of(device_state state) noexcept;

/// `cuda:0`
std::string id_of(int ordinal);

/// `done`, `failed`, `out_of_memory`, `device_failed`.
std::string_view name_of(run_status status) noexcept;
inline constexpr std::size_t run_status_count = 4;

/// What a device measures of itself.
struct device_sensors {
  /// 0–1: the share of the last sampling period in which a kernel ran. A slice of a GPU has none.
  std::optional<double> utilization;
  std::optional<double> temperature_celsius;
  std::optional<double> power_watts;
};

/// How often runs ended with an error of CUDA or its libraries.
struct device_error_count {
  std::string_view code;  ///< `job_report::cuda_error`
  std::uint64_t count;
};

/// A device at one moment; counts are since the start.
struct device_status {
  int ordinal;
  device_state state;
  std::string failure;  ///< Why it is not usable; else empty.
  std::size_t workspaces;
  std::size_t leased;
  std::uint64_t reserved_bytes;         ///< By the jobs that run there, of what they may have.
  std::optional<device_memory> memory;  ///< As of a second ago; nothing while it is not usable.
  device_sensors sensors;               ///< Likewise; nothing where NVML tells none.
  std::array<std::uint64_t, run_status_count> runs;  ///< By `run_status`.
  std::vector<device_error_count> errors;            ///< Of runs.
  std::uint64_t resets;
  std::uint64_t h2d_bytes;
  std::uint64_t d2h_bytes;
  double h2d_seconds;
  double compute_seconds;
  double d2h_seconds;
};

}  // namespace kernd::gpu
