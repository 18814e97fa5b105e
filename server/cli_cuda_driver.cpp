#include "server/cli_cuda_driver.hpp"

#include <dlfcn.h>

#include <memory>

namespace kernd::cli {
namespace {

template <class Function>
Function* find(void* library, const char* name) {
  return reinterpret_cast<Function*>(::dlsym(library, name));
}

void ask(void* library, cuda_driver& driver) {
  const auto init = find<int(unsigned)>(library, "cuInit");
  const auto version = find<int(int*)>(library, "cuDriverGetVersion");
  const auto count = find<int(int*)>(library, "cuDeviceGetCount");
  const auto device = find<int(int*, int)>(library, "cuDeviceGet");
  const auto name = find<int(char*, int, int)>(library, "cuDeviceGetName");
  if (!init || !version || !count || !device || !name) {
    driver.failure = "functions are missing in it";
    return;
  }
  version(&driver.version);  // needs no cuInit
  int devices = 0;
  int status = init(0);
  if (status == 0) status = count(&devices);
  if (status != 0) {
    driver.failure = "it answers with error " + std::to_string(status);
    return;
  }
  for (int i = 0; i < devices; ++i) {
    int handle = 0;
    char text[256] = {};
    const bool is_named = device(&handle, i) == 0 && name(text, sizeof text, handle) == 0;
    driver.devices.emplace_back(is_named ? text : "unnamed");
  }
}

}  // namespace

cuda_driver ask_cuda_driver(const std::string& library) {
  struct unload {
    void operator()(void* handle) const { ::dlclose(handle); }
  };
  cuda_driver driver;
  const std::unique_ptr<void, unload> handle{::dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL)};
  if (handle == nullptr) return driver;
  driver.is_installed = true;
  ask(handle.get(), driver);
  return driver;
}

}  // namespace kernd::cli
