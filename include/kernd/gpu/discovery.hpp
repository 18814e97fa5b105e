#pragma once

#include "kernd/gpu/driver.hpp"
#include "kernd/gpu/module.hpp"
#include "kernd/registry.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace kernd::gpu {

/// How far the way to a CUDA device goes; each state but the last says where it ends.
enum class cuda_state : std::uint8_t {
  turned_off,     ///< `gpu.enabled` says so; nothing was looked for.
  driver_absent,  ///< Normal: most machines have no GPU.
  driver_unusable,
  no_device,
  module_absent,
  module_broken,   ///< It cannot be loaded, or is no module of kernd's.
  build_differs,   ///< It belongs to another kernd.
  driver_too_old,  ///< For what the module was built with.
  kernels_differ,  ///< It has a kernel that kernd has not, or with another layout.
  module_loaded,
};

/// `driver_absent` and so on.
std::string_view name_of(cuda_state state) noexcept;

struct cuda_report {
  cuda_state state = cuda_state::driver_absent;
  std::string found = {};   ///< For people.
  std::string advice = {};  ///< What to do; empty: nothing.
  std::string detail = {};  ///< Paths and what the loader said: not for clients.
  driver_report driver = {};
  const module_info* module = nullptr;  ///< Only where it is accepted.

  /// Neither a machine without GPU nor one where all is well.
  [[nodiscard]] bool is_fault() const noexcept {
    return state != cuda_state::turned_off && state != cuda_state::driver_absent &&
           state != cuda_state::module_loaded;
  }
};

/// Where to look.
struct cuda_places {
  std::string driver = "libcuda.so.1";
  std::filesystem::path module;  ///< Empty: `libkernd_cuda.so` beside the running program.
};

/// Where nothing is to be looked for.
cuda_report cuda_turned_off();

/// Asks the driver and, when that has a device, loads the module and compares it with this build
/// and with `registry`. A module that was loaded stays loaded. `host` outlives every context that
/// the module opens. Blocks as `ask_driver`.
cuda_report find_cuda(const kernel_registry& registry, const host_api& host,
                      const cuda_places& places = {});

/// What a module must have been built from: version and commit.
std::string build_id();

}  // namespace kernd::gpu
