#include "kernd/gpu/driver.hpp"

#include <dlfcn.h>

#include <cstddef>

namespace kernd::gpu {

namespace {

// From the driver's interface, which never renumbers. Its header is not needed to build kernd.
constexpr int no_device = 100;
constexpr int attribute_compute_major = 75;
constexpr int attribute_compute_minor = 76;

/// The driver's functions that are asked; `int` stands for its status, its device and its enums.
struct functions {
  int (*init)(unsigned flags);
  int (*version)(int* out);
  int (*count)(int* out);
  int (*device)(int* out, int ordinal);
  int (*name)(char* out, int size, int device);
  int (*attribute)(int* out, int which, int device);
  int (*memory)(std::size_t* out, int device);
  int (*pci_bus_id)(char* out, int size, int device);
  int (*error_text)(int status, const char** out);
};

template <class Function>
bool find(void* library, const char* name, Function*& out) {
  out = reinterpret_cast<Function*>(::dlsym(library, name));
  return out != nullptr;
}

bool find_all(void* library, functions& f) {
  return find(library, "cuInit", f.init) && find(library, "cuDriverGetVersion", f.version) &&
         find(library, "cuDeviceGetCount", f.count) && find(library, "cuDeviceGet", f.device) &&
         find(library, "cuDeviceGetName", f.name) &&
         find(library, "cuDeviceGetAttribute", f.attribute) &&
         find(library, "cuDeviceTotalMem_v2", f.memory) &&
         find(library, "cuDeviceGetPCIBusId", f.pci_bus_id) &&
         find(library, "cuGetErrorString", f.error_text);
}

cuda_device describe_device(const functions& driver, int ordinal, int handle) {
  cuda_device found;
  found.ordinal = ordinal;
  char name[256] = {};
  found.name = driver.name(name, sizeof name, handle) == 0 ? name : "unnamed";
  driver.attribute(&found.compute_major, attribute_compute_major, handle);
  driver.attribute(&found.compute_minor, attribute_compute_minor, handle);
  std::size_t bytes = 0;
  if (driver.memory(&bytes, handle) == 0) found.memory_bytes = bytes;
  char place[32] = {};
  if (driver.pci_bus_id(place, sizeof place, handle) == 0) found.pci_bus_id = place;
  return found;
}

void ask(const functions& driver, driver_report& report) {
  driver.version(&report.version);  // needs no cuInit
  int devices = 0;
  int status = driver.init(0);
  if (status == 0) status = driver.count(&devices);
  if (status == no_device) return;
  if (status != 0) {
    const char* text = nullptr;
    report.failure = "it answers with error " + std::to_string(status);
    if (driver.error_text(status, &text) == 0 && text != nullptr) {
      report.failure += " (" + std::string{text} + ")";
    }
    return;
  }
  for (int i = 0; i < devices; ++i) {
    int handle = 0;
    if (driver.device(&handle, i) != 0) continue;
    report.devices.push_back(describe_device(driver, i, handle));
  }
}

}  // namespace

driver_report ask_driver(const std::string& library) {
  driver_report report;
  void* const handle = ::dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (handle == nullptr) {
    const std::string why = ::dlerror();
    const std::string absent = library + ": cannot open shared object file: No such file";
    if (!why.starts_with(absent)) {
      report.is_installed = true;
      report.failure = "it cannot be loaded: " + why;
    }
    return report;
  }
  report.is_installed = true;
  functions driver{};
  if (find_all(handle, driver)) {
    ask(driver, report);
  } else {
    report.failure = "functions are missing in it";
  }
  ::dlclose(handle);
  return report;
}

std::string cuda_version_text(int version) {
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

}  // namespace kernd::gpu
