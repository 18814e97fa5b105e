#pragma once

#include "kernd/error.hpp"
#include "kernd/gpu/devices.hpp"
#include "kernd/gpu/module.hpp"
#include "kernd/gpu/pinned_pool.hpp"
#include "kernd/log.hpp"
#include "kernd/metrics.hpp"
#include "src/gpu/sensors.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace kernd::gpu {

/// A device to use, as the driver names it.
struct chosen_device {
  int ordinal;
  std::string pci_bus_id;
};

struct pool_options {
  std::size_t streams;             ///< Workspaces per device.
  std::size_t pool_bytes;          ///< Device memory taken at the start and kept.
  std::size_t memory_limit_bytes;  ///< Of a device, for all jobs together; 0: what it has.
  /// How long a device may take from its failure until it counts as failed.
  std::chrono::milliseconds recovery_time{2000};
  /// How long jobs that nobody waits for may hold all workspaces before the device has failed.
  std::chrono::milliseconds hang_time{10'000};
  std::chrono::milliseconds look_interval{1000};  ///< Between two looks at the devices.
  std::string nvml = "libnvidia-ml.so.1";
};

/// The devices that jobs run on, with their workspaces: leases them, counts what they do, and
/// resets a device that has failed, on a thread of its own.
///
/// Safe to use from any thread. Whoever holds a lease ends it before the pool.
class device_pool {
 public:
  class lease;

  /// Starts the devices; one that cannot be started is `failed`. One of the others locks
  /// `host_memory`. `module`, `host_memory` and `log`, which may be null, outlive the pool.
  device_pool(const module_info& module, std::span<const chosen_device> chosen,
              const pool_options& options, pinned_pool& host_memory, logger* log);
  ~device_pool();
  device_pool(const device_pool&) = delete;
  device_pool& operator=(const device_pool&) = delete;

  /// A workspace of the usable device that has most of them free; waits while all are out. `stops`
  /// outlive the lease. Errors: `device_error` when no device is usable, `cancelled` once all of
  /// `stops` are set.
  result<lease> acquire(stop_flags stops);

  [[nodiscard]] std::vector<device_status> status() const;
  [[nodiscard]] bool is_usable() const;
  /// Waits while no device is usable but one recovers. Whether one is usable.
  bool await_usable() const;
  /// False while a device recovers or is looked at, either of which may hang.
  [[nodiscard]] bool is_idle() const;

 private:
  using clock = std::chrono::steady_clock;
  struct device;

  error start(int ordinal, std::vector<context*>& workspaces);
  void fail(device& d) noexcept;
  void count_error(device& d, std::string_view code) noexcept;
  void tell(log_level level, std::string_view what, const device& d, const error& why) const;
  device* lock_host_memory(device* by);
  device* usable_one() const noexcept;
  bool is_held_up(clock::time_point now) const noexcept;
  bool refuses(clock::time_point now) const noexcept;
  bool may_reset(const device& d) const noexcept;
  void give(device& d, context* workspace, std::size_t reserved, run_status how) noexcept;
  void keep();
  void recover(std::unique_lock<std::mutex>& lock, device& d);
  void look(std::unique_lock<std::mutex>& lock, device& d, const sensors& nvml);
  bool hangs(device& d, clock::time_point now) const noexcept;
  bool is_late(const device& d, clock::time_point now) const noexcept;

  const module_info& module_;
  const pool_options options_;
  pinned_pool& host_memory_;
  logger* log_;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::vector<std::unique_ptr<device>> devices_;
  device* home_ = nullptr;    // whose reset unlocks the host memory, which all copy from and to
  bool home_is_out_ = false;  // for that reset
  bool is_looking_ = false;   // the keeper, in the driver
  bool stops_ = false;
  std::thread keeper_;
};

/// A device while a job runs there, given back at the end of its life. Move-only.
class device_pool::lease {
 public:
  lease(lease&& other) noexcept;
  lease& operator=(lease&&) = delete;
  ~lease();

  [[nodiscard]] context* workspace() const noexcept { return workspace_; }
  [[nodiscard]] int ordinal() const noexcept;

  /// Takes device memory out of what all jobs may have, until the lease ends; false: refused.
  bool reserve(std::size_t bytes) noexcept;
  /// What the run did; `device_failed` takes the device out of use.
  void ended(run_status how, const job_report& report) noexcept;

 private:
  friend class device_pool;
  lease(device_pool& pool, device& on, context* workspace) noexcept
      : pool_{&pool}, device_{&on}, workspace_{workspace} {}

  device_pool* pool_;
  device* device_;
  context* workspace_;
  std::size_t reserved_bytes_ = 0;
  run_status how_ = run_status::done;
};

}  // namespace kernd::gpu
