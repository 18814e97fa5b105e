#pragma once

#include "kernd/gpu/devices.hpp"

#include <memory>
#include <string>

namespace kernd::gpu {

/// NVML, NVIDIA's library for what a device measures of itself; it comes with the driver, and kernd
/// is linked to none. Confined to one thread.
class sensors {
 public:
  /// Loads `library`. Without it, or where it cannot start, there is nothing to read.
  explicit sensors(const std::string& library = "libnvidia-ml.so.1");
  ~sensors();
  sensors(const sensors&) = delete;
  sensors& operator=(const sensors&) = delete;

  /// Of the device at that place on the bus, `0000:3b:00.0`: what of it NVML tells.
  [[nodiscard]] device_sensors read(const std::string& pci_bus_id) const;

 private:
  struct functions;

  bool find_all(functions& f) const;

  void* library_;                         // null: there is none
  std::unique_ptr<functions> functions_;  // once it has started
};

}  // namespace kernd::gpu
