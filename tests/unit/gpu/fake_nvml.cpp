// NVML for machines that have none: one device at 0000:0a:00.0, which is 25 % busy, has 40 °C and
// takes 123.5 W. With KERND_FAKE_NVML_ERROR set, the function of that name fails.

#include <cstdlib>
#include <string_view>

namespace {

int fails(std::string_view function) {
  const char* const chosen = std::getenv("KERND_FAKE_NVML_ERROR");
  return chosen != nullptr && function == chosen ? 999 : 0;
}

int device;

}  // namespace

extern "C" {

struct nvml_utilization {
  unsigned gpu;
  unsigned memory;
};

int nvmlInit_v2() {
  return fails("init");
}
int nvmlShutdown() {
  return 0;
}
int nvmlDeviceGetHandleByPciBusId_v2(const char* place, void** out) {
  *out = &device;
  return std::string_view{place} == "0000:0a:00.0" ? 0 : 6;
}
int nvmlDeviceGetUtilizationRates(void*, nvml_utilization* out) {
  *out = {25, 10};
  return fails("rates");
}
int nvmlDeviceGetTemperature(void*, int which, unsigned* out) {
  *out = 40;
  return which == 0 ? fails("temperature") : 2;
}
int nvmlDeviceGetPowerUsage(void*, unsigned* out) {
  *out = 123'500;
  return fails("power");
}
}
