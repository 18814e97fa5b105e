#include "src/config_key_rows.hpp"

namespace kernd {

using namespace key_rows;

namespace {

bool is_device_number(std::string_view text) {
  return !text.empty() && text.size() <= 3 && consists_of(text, "") &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool is_kernel_id(std::string_view text) {
  const auto slash = text.find('/');
  return slash != std::string_view::npos && slash > 0 && slash + 1 < text.size() &&
         text.find('/', slash + 1) == std::string_view::npos && consists_of(text, "/-");
}

constexpr text_rule device_number{"the number of a device, such as 0", is_device_number};
constexpr text_rule kernel_id{"a kernel's id, such as core/gemm", is_kernel_id};
}  // namespace

void add_gpu_keys(std::vector<config_key>& keys) {
  section_table<&config::gpu> table{keys};
  table.add<&gpu_config::enabled>(
      "gpu.enabled", one_of{gpu_use_names}, needs_restart, {"auto", "auto", "on", "off"},
      "Use CUDA devices: auto, where there are some; on, and not ready without one; off.");
  table.add<&gpu_config::fallback>("gpu.fallback", {}, needs_restart, {true, true, false, true},
                                   "Run a job on the CPU when its device fails or lacks memory.");
  table.add<&gpu_config::devices>("gpu.devices", list_of{device_number}, needs_restart,
                                  same(list{}), "Numbers of the devices to use; empty means all.");
  table.add<&gpu_config::cpu_kernels>("gpu.cpu_kernels", list_of{kernel_id}, needs_restart,
                                      same(list{}), "Kernels that never run on a device.");
  table.add<&gpu_config::cuda_kernels>(
      "gpu.cuda_kernels", list_of{kernel_id}, needs_restart, same(list{}),
      "Kernels that run on a device whatever the size of their input; of the others the size "
      "decides, by what was measured at the start.");
  table.add<&gpu_config::memory_limit_bytes>(
      "gpu.memory_limit_bytes", integer_range{0, tib}, needs_restart, same(0),
      "Memory of one device for all its jobs together; 0 means what it has. One job may have "
      "limits.job_memory_bytes.");
  table.add<&gpu_config::pool_initial_bytes>("gpu.pool_initial_bytes", integer_range{0, tib},
                                             needs_restart, {64 * mib, 256 * mib, gib, 16 * mib},
                                             "Device memory taken at the start and kept.");
  table.add<&gpu_config::pinned_pool_bytes>(
      "gpu.pinned_pool_bytes", integer_range{0, tib}, needs_restart,
      {64 * mib, 256 * mib, gib, mib},
      "Page-locked host memory for inputs and outputs; what does not fit is copied more slowly.");
  table.add<&gpu_config::streams>("gpu.streams", integer_range{1, 128}, needs_restart,
                                  {4, 16, 32, 2}, "Jobs at a time on one device.");
}

}  // namespace kernd
