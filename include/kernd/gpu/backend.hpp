#pragma once

#include "kernd/arena.hpp"
#include "kernd/config.hpp"
#include "kernd/error.hpp"
#include "kernd/exposition.hpp"
#include "kernd/gpu/crossover.hpp"
#include "kernd/gpu/devices.hpp"
#include "kernd/gpu/discovery.hpp"
#include "kernd/health.hpp"
#include "kernd/log.hpp"
#include "kernd/memory_source.hpp"
#include "kernd/registry.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kernd::gpu {

/// `find_cuda`, unless `options` say that CUDA is off.
cuda_report look_for_cuda(const kernel_registry& registry, const host_api& host,
                          const gpu_config& options);

/// Which backend a kernel's jobs go to.
enum class placement : std::uint8_t {
  by_size,  ///< The device from the measured crossover on, the CPU below.
  cpu,
  cuda,
};

/// `auto`, `cpu`, `cuda`.
std::string_view name_of(placement where) noexcept;

/// Where the jobs of a kernel with a CUDA twin go, and why.
struct kernel_placement {
  placement where;
  std::optional<std::size_t> crossover_bytes;  ///< Of `by_size`; nothing: always the CPU.
  std::vector<calibration_point> points;       ///< What that was found from; may be empty.
};

/// A run on a device.
struct device_run {
  int ordinal;
  job_report report;
  std::chrono::steady_clock::time_point began;  ///< When it had its workspace.
};

/// The backend `cuda`: which jobs go to a device, and running them there. Without a module it has
/// no devices, takes nothing, and says so.
///
/// Safe to use from any thread.
class cuda_backend {
 public:
  /// Starts the devices of `found` that `options` allow. All arguments outlive the backend; `log`
  /// may be null. Throws `std::system_error` when the system has no more threads.
  cuda_backend(const kernel_registry& registry, const cuda_report& found, const gpu_config& options,
               logger* log);
  ~cuda_backend();

  /// What the configuration names and there is not: a line each, for the log.
  [[nodiscard]] std::vector<std::string> misnamed() const;

  /// Times every kernel with a twin that is placed by size, on both backends, with inputs of some
  /// sizes, unless `stop` is set. Blocks for up to some tenths of a second per kernel. Until then
  /// they go to a device whatever their size.
  void calibrate(const std::atomic<bool>& stop);
  /// Only that one.
  void calibrate(const kernel_entry& entry, const std::atomic<bool>& stop);

  /// From now on `entry`'s jobs run on the CPU, for this reason.
  void distrust(const kernel_entry& entry, const std::string& reason);

  /// Nothing for a kernel without twin, or without a device.
  [[nodiscard]] std::optional<kernel_placement> find(const kernel_entry& entry) const;

  /// The most inputs of one run there; 0 where there is no twin.
  [[nodiscard]] std::size_t max_batch(const kernel_entry& entry) const noexcept;

  /// Whether jobs with these inputs, as one launch, go to a device now: their sizes count together.
  [[nodiscard]] bool takes(const kernel_entry& entry, std::span<const void* const> inputs) const;

  /// Runs inputs of one kernel on a device, as one launch, into as many value-initialised outputs,
  /// whose views are of `memory`. At most `max_batch` of them. Waits for a workspace and for the
  /// device. Once all of `stops` are set nobody waits for it. Errors: `device_error`,
  /// `memory_exhausted`, `cancelled` when that was so before it began, and what the kernel
  /// returned.
  result<device_run> run(const kernel_entry& entry, std::span<const void* const> in,
                         std::span<void* const> out, arena& memory, int priority, stop_flags stops);

  /// Whether jobs of a kernel that ended so on a device run once more, on the CPU; counts them if
  /// so.
  [[nodiscard]] bool falls_back(const kernel_entry& entry, errc why,
                                std::size_t jobs = 1) const noexcept;

  /// Page-locked memory for what devices read and write; null: there is none.
  [[nodiscard]] memory_source* host_memory() noexcept;

  [[nodiscard]] std::vector<device_status> devices() const;
  /// What kernels run on now, for people: `cpu`, or `cpu and cuda:0 NVIDIA H200`.
  [[nodiscard]] std::string places() const;
  /// Whether jobs may run on a device now.
  [[nodiscard]] bool is_usable() const;
  /// Waits while none may but one recovers, for up to two seconds. Whether some may then.
  [[nodiscard]] bool await_usable() const;
  /// Why requests should not be sent here: a device is required and none is usable. Empty: no
  /// reason.
  [[nodiscard]] std::string required_failure() const;
  /// Why only a restart may help: a device is required and all have failed. Empty: no reason.
  [[nodiscard]] std::string lost() const;
  [[nodiscard]] component_health judge() const;
  void collect(metric_families& out) const;
  /// False while a device recovers, which may hang.
  [[nodiscard]] bool is_idle() const;

 private:
  struct twin;
  struct implementation;
  std::unique_ptr<implementation> implementation_;
};

}  // namespace kernd::gpu
