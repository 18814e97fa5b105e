#include "src/gpu/sensors.hpp"

#include <dlfcn.h>

#include <utility>

namespace kernd::gpu {

namespace {

// From NVML's interface, which never renumbers. Its header is not needed to build kernd.
using device_handle = struct nvml_device*;
constexpr int success = 0;
constexpr int temperature_of_gpu = 0;

/// In percent of the last sampling period.
struct utilization {
  unsigned gpu;
  unsigned memory;
};

template <class Function>
bool find(void* library, const char* name, Function*& out) {
  out = reinterpret_cast<Function*>(::dlsym(library, name));
  return out != nullptr;
}

}  // namespace

struct sensors::functions {
  int (*init)();
  int (*shutdown)();
  int (*device)(const char* pci_bus_id, device_handle* out);
  int (*rates)(device_handle device, utilization* out);
  int (*temperature)(device_handle device, int which, unsigned* celsius);
  int (*power)(device_handle device, unsigned* milliwatts);
};

sensors::sensors(const std::string& library)
    : library_{::dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE)} {
  if (library_ == nullptr) return;
  auto found = std::make_unique<functions>();
  if (find_all(*found) && found->init() == success) functions_ = std::move(found);
}

sensors::~sensors() {
  if (functions_) functions_->shutdown();
  if (library_ != nullptr) ::dlclose(library_);
}

bool sensors::find_all(functions& f) const {
  return find(library_, "nvmlInit_v2", f.init) && find(library_, "nvmlShutdown", f.shutdown) &&
         find(library_, "nvmlDeviceGetHandleByPciBusId_v2", f.device) &&
         find(library_, "nvmlDeviceGetUtilizationRates", f.rates) &&
         find(library_, "nvmlDeviceGetTemperature", f.temperature) &&
         find(library_, "nvmlDeviceGetPowerUsage", f.power);
}

device_sensors sensors::read(const std::string& pci_bus_id) const {
  device_sensors told;
  device_handle device = nullptr;
  if (!functions_ || functions_->device(pci_bus_id.c_str(), &device) != success) return told;
  const functions& nvml = *functions_;
  utilization busy{};
  unsigned celsius = 0;
  unsigned milliwatts = 0;
  if (nvml.rates(device, &busy) == success) told.utilization = busy.gpu / 100.0;
  if (nvml.temperature(device, temperature_of_gpu, &celsius) == success) {
    told.temperature_celsius = celsius;
  }
  if (nvml.power(device, &milliwatts) == success) told.power_watts = milliwatts / 1000.0;
  return told;
}

}  // namespace kernd::gpu
