#pragma once

#include <string>
#include <vector>

namespace kernd::cli {

/// What the CUDA driver says, when there is one.
struct cuda_driver {
  bool is_installed = false;
  std::string failure;               ///< Why it cannot be used; empty when it can.
  int version = 0;                   ///< 12020 is 12.2.
  std::vector<std::string> devices;  ///< Their names.
};

/// Loads `library` while it asks it; kernd is linked to none.
cuda_driver ask_cuda_driver(const std::string& library = "libcuda.so.1");

}  // namespace kernd::cli
