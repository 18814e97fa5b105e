#pragma once

#include "kernd/gpu/discovery.hpp"
#include "kernels/catalogue.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

namespace kernd::gpu::test {

/// Starts each case from an environment that chooses nothing.
struct FakeCudaTest : ::testing::Test {
  FakeCudaTest() {
    for (const char* name :
         {"KERND_FAKE_DRIVER_VERSION", "KERND_FAKE_DRIVER_ERROR", "KERND_FAKE_DRIVER_DEVICES",
          "KERND_FAKE_DRIVER_LOST", "KERND_FAKE_MODULE", "CUDA_VISIBLE_DEVICES"}) {
      ::unsetenv(name);
    }
    set("KERND_FAKE_MODULE_BUILD", build_id().c_str());
    kernels::add_all(registry).value();
  }

  static void set(const char* name, const char* value) { ::setenv(name, value, 1); }
  cuda_report find() const { return find_cuda(registry, silent, places); }

  static constexpr host_api silent{nullptr, [](void*, const char*) noexcept {}};
  kernel_registry registry;
  cuda_places places{.driver = KERND_FAKE_DRIVER, .module = KERND_FAKE_MODULE_FILE};
};

}  // namespace kernd::gpu::test
