#include "kernd/gpu/discovery.hpp"

#include "kernd/gpu/layout_hash.hpp"
#include "kernd/version.hpp"

#include <dlfcn.h>

#include <array>
#include <cstddef>
#include <cstdlib>
#include <span>
#include <system_error>
#include <utility>

namespace kernd::gpu {

namespace {

constexpr std::string_view on_cpu = "; kernels run on the CPU";
constexpr std::string_view same_package =
    "install kernd and libkernd_cuda.so from the same package or build";

std::string quoted(std::string_view text) {
  return "'" + std::string{text} + "'";
}

std::string devices_text(const driver_report& driver) {
  std::string text = "CUDA driver for " + cuda_version_text(driver.version) + ", " +
                     std::to_string(driver.devices.size()) +
                     (driver.devices.size() == 1 ? " device: " : " devices: ");
  for (std::size_t i = 0; i < driver.devices.size(); ++i) {
    text += (i == 0 ? "" : ", ") + driver.devices[i].name;
  }
  return text;
}

/// Ends the search: says in `report` what stands in the way.
cuda_report stop(cuda_report report, cuda_state state, std::string found, std::string_view advice) {
  report.state = state;
  report.found = std::move(found);
  report.found += on_cpu;
  report.advice = advice;
  return report;
}

cuda_report without_device(cuda_report report) {
  const std::string driver = "CUDA driver for " + cuda_version_text(report.driver.version);
  const char* const visible = std::getenv("CUDA_VISIBLE_DEVICES");
  if (visible == nullptr) {
    return stop(std::move(report), cuda_state::no_device, driver + " without a device",
                "see what nvidia-smi lists; a container must be started with its GPUs");
  }
  return stop(std::move(report), cuda_state::no_device,
              driver + " without a device: CUDA_VISIBLE_DEVICES is " + quoted(visible),
              "unset CUDA_VISIBLE_DEVICES, or name devices that nvidia-smi -L lists");
}

std::filesystem::path module_beside_program() {
  std::error_code unknown;  // then there is no module, either
  return std::filesystem::read_symlink("/proc/self/exe", unknown).parent_path() / module_file;
}

std::string hex(std::uint64_t number) {
  std::string text;
  for (int shift = 60; shift >= 0; shift -= 4) text += "0123456789abcdef"[number >> shift & 0xf];
  return text;
}

/// Why the kernels of the module cannot be those of the registry; empty when they can.
std::string fault_of(const module_info& module, const kernel_registry& registry) {
  for (const module_kernel& twin : std::span{module.kernels, module.kernel_count}) {
    const kernel_entry* const entry = registry.find(twin.id, kernel_mode::batch);
    if (entry == nullptr) return "has a kernel " + quoted(twin.id) + " that kernd has not";
    const auto expected = layout_hash(*entry->kernel.input, *entry->kernel.output);
    if (twin.layout_hash != expected) {
      return "lays out " + std::string{twin.id} + " as " + hex(twin.layout_hash) + ", kernd as " +
             hex(expected);
    }
  }
  return {};
}

/// `module` comes from the library that `report.detail` names.
cuda_report judge(cuda_report report, const module_info* module, const kernel_registry& registry) {
  const std::string name = module_file;
  if (module == nullptr || module->build_id == nullptr) {
    return stop(std::move(report), cuda_state::module_broken, name + " says nothing of itself",
                same_package);
  }
  if (module->build_id != build_id()) {
    std::string found = name + " is of build " + module->build_id + ", kernd of " + build_id();
    return stop(std::move(report), cuda_state::build_differs, std::move(found), same_package);
  }
  if (report.driver.version < module->minimum_driver) {
    const std::string least = cuda_version_text(module->minimum_driver);
    return stop(std::move(report), cuda_state::driver_too_old,
                "the CUDA driver supports " + cuda_version_text(report.driver.version) + ", " +
                    name + " needs " + least,
                "install an NVIDIA driver that supports CUDA " + least + " or newer");
  }
  if (const auto fault = fault_of(*module, registry); !fault.empty()) {
    return stop(std::move(report), cuda_state::kernels_differ, name + " " + fault, same_package);
  }
  report.module = module;
  std::string found = devices_text(report.driver) + "; " + name + " fits and has ";
  for (std::size_t i = 0; i < module->kernel_count; ++i) {
    found += (i == 0 ? "" : ", ") + std::string{module->kernels[i].id};
  }
  report.state = cuda_state::module_loaded;
  report.found = std::move(found);
  return report;
}

/// The driver has devices.
cuda_report with_module(cuda_report report, const kernel_registry& registry, const host_api& host,
                        const std::filesystem::path& path) {
  const std::string name = module_file;
  report.detail = path.string();
  std::error_code unreadable;
  if (!std::filesystem::exists(path, unreadable)) {
    std::string found = devices_text(report.driver) + "; no " + name + " beside kernd";
    return stop(std::move(report), cuda_state::module_absent, std::move(found),
                "put it there, or build kernd where nvcc is (-DKERND_CUDA=ON)");
  }
  // Never unloaded: streams, kernels and what CUDA registered at the load would be left behind.
  void* const library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (library == nullptr) {
    report.detail = ::dlerror();
    return stop(std::move(report), cuda_state::module_broken, name + " cannot be loaded",
                same_package);
  }
  const auto entry = reinterpret_cast<module_entry*>(::dlsym(library, module_symbol));
  const module_info* const module = entry == nullptr ? nullptr : entry(&host);
  ::dlclose(library);
  if (entry == nullptr) {
    return stop(std::move(report), cuda_state::module_broken,
                name + " has no symbol " + module_symbol, same_package);
  }
  return judge(std::move(report), module, registry);
}

}  // namespace

std::string_view name_of(cuda_state state) noexcept {
  constexpr std::array<std::string_view, 10> names = {
      "turned_off",    "driver_absent", "driver_unusable", "no_device",      "module_absent",
      "module_broken", "build_differs", "driver_too_old",  "kernels_differ", "module_loaded"};
  return names[static_cast<std::size_t>(state)];
}

cuda_report cuda_turned_off() {
  return {.state = cuda_state::turned_off, .found = "CUDA is turned off by gpu.enabled"};
}

std::string build_id() {
  return std::string{version()} + "+" + std::string{revision()};
}

cuda_report find_cuda(const kernel_registry& registry, const host_api& host,
                      const cuda_places& places) {
  cuda_report report;
  report.driver = ask_driver(places.driver);
  const driver_report& driver = report.driver;
  if (!driver.is_installed) {
    return stop(std::move(report), cuda_state::driver_absent, "no CUDA driver, which is fine", {});
  }
  if (!driver.failure.empty()) {
    // The number and its text say more to who can help than we could.
    std::string found = "the CUDA driver cannot be used: " + driver.failure;
    return stop(std::move(report), cuda_state::driver_unusable, std::move(found),
                "see whether nvidia-smi works; reinstall the NVIDIA driver or reboot if not");
  }
  if (driver.devices.empty()) return without_device(std::move(report));
  return with_module(std::move(report), registry, host,
                     places.module.empty() ? module_beside_program() : places.module);
}

}  // namespace kernd::gpu
