// A CUDA driver that answers what the environment says, for machines that have none:
//   KERND_FAKE_DRIVER_VERSION  the CUDA version it supports, 13000 unless set
//   KERND_FAKE_DRIVER_ERROR    what cuInit answers with, 0 unless set
//   KERND_FAKE_DRIVER_DEVICES  how many devices it counts, 1 unless set
//   KERND_FAKE_DRIVER_LOST     the number of the device that it does not give, none unless set
// Without a failure it has devices, which CUDA_VISIBLE_DEVICES hides as the real one does.

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace {

constexpr int success = 0;
constexpr int invalid_value = 1;
constexpr int no_device = 100;
constexpr int invalid_device = 101;

int number(const char* name, int otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::atoi(text);
}

bool is_hidden() {
  const char* const visible = std::getenv("CUDA_VISIBLE_DEVICES");
  return visible != nullptr && std::string_view{visible} != "0";
}

}  // namespace

extern "C" {

int cuInit(unsigned) {
  if (const int failure = number("KERND_FAKE_DRIVER_ERROR", success)) return failure;
  return is_hidden() ? no_device : success;
}

int cuDriverGetVersion(int* out) {
  *out = number("KERND_FAKE_DRIVER_VERSION", 13000);
  return success;
}

int cuDeviceGetCount(int* out) {
  *out = number("KERND_FAKE_DRIVER_DEVICES", 1);
  return success;
}

int cuDeviceGet(int* out, int ordinal) {
  *out = ordinal;
  return ordinal == number("KERND_FAKE_DRIVER_LOST", -1) ? invalid_device : success;
}

int cuDeviceGetName(char* out, int size, int) {
  std::snprintf(out, static_cast<std::size_t>(size), "Fake GPU");
  return success;
}

int cuDeviceGetAttribute(int* out, int which, int) {
  if (which != 75 && which != 76) return invalid_value;
  *out = which == 75 ? 9 : 0;
  return success;
}

int cuDeviceTotalMem_v2(std::size_t* out, int) {
  *out = std::size_t{80} << 30;
  return success;
}

int cuDeviceGetPCIBusId(char* out, int size, int) {
  std::snprintf(out, static_cast<std::size_t>(size), "0000:0a:00.0");
  return success;
}

int cuGetErrorString(int status, const char** out) {
  *out = status == 803 ? "driver and library do not match" : nullptr;
  return *out == nullptr ? invalid_value : success;
}
}
