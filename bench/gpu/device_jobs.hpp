#pragma once

#include "bench/gpu/measurement.hpp"
#include "kernd/arena.hpp"
#include "kernd/gpu/backend.hpp"

#include <atomic>
#include <cstddef>
#include <string_view>

namespace kernd::bench {

/// More than any job here takes, of the host or of the device.
inline constexpr std::size_t memory_bytes = std::size_t{64} << 30;

/// What the daemon has where jobs run on a device: kernels and the backend over the module.
struct daemon_side {
  kernel_registry kernels;
  gpu::cuda_report cuda;

  daemon_side();
  [[nodiscard]] const kernel_entry& entry(std::string_view id) const;
};

/// One input, run by a kernel's twin through the daemon's backend, as often as wanted. Confined to
/// a thread.
class device_job {
 public:
  /// `in` is the kernel's input; it and the others outlive the job. Outputs are of `outputs`, as
  /// inputs are of another arena: both page-locked or not.
  device_job(gpu::cuda_backend& backend, const kernel_entry& entry, const void* in, arena& outputs)
      : backend_{backend}, entry_{entry}, in_{in}, outputs_{outputs} {}

  /// Throws `std::runtime_error` when it fails.
  gpu::job_report run();

 private:
  gpu::cuda_backend& backend_;
  const kernel_entry& entry_;
  const void* in_;
  arena& outputs_;
  const std::atomic<bool> never_{false};
};

/// A part of what a run reports, as `job_report::compute_us`. The job outlives it.
measured reported(device_job& job, double gpu::job_report::*part);
/// The time of the host.
measured waited_for(device_job& job);

/// `count` numbers in [-1, 1), the same for the same seed, in `memory`.
array<float> random_reals(arena& memory, std::size_t count, unsigned seed);

}  // namespace kernd::bench
