#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace kernd::gpu {

/// A device as the driver describes it.
struct cuda_device {
  std::string name;
  int ordinal = 0;  ///< CUDA's number of it: there may be none with a lower one.
  int compute_major = 0;
  int compute_minor = 0;
  std::uint64_t memory_bytes = 0;
  std::string pci_bus_id = {};  ///< `0000:3b:00.0`; empty when the driver does not say.
};

/// What the CUDA driver says, when there is one.
struct driver_report {
  bool is_installed = false;
  std::string failure = {};  ///< Why it cannot be used; empty when it can, with or without devices.
  int version = 0;           ///< The CUDA version it supports at most: 12020 is 12.2. 0: not known.
  std::vector<cuda_device> devices = {};  ///< Those that `CUDA_VISIBLE_DEVICES` leaves.
};

/// Loads `library`, initialises it and asks it; kernd is linked to none. It stays loaded: a driver
/// that was initialised has threads. Blocks, for a second maybe where there are many devices.
driver_report ask_driver(const std::string& library = "libcuda.so.1");

/// `12020` as `12.2`.
std::string cuda_version_text(int version);

}  // namespace kernd::gpu
