#include "src/gpu/code_loader.hpp"

#include "kernd/gpu/check.hpp"

#include <cuda.h>
#include <cuda_runtime_api.h>

#include <string>
#include <vector>

namespace kernd::gpu {

namespace {

/// A function of the driver, to which nothing here is linked. Throws `cuda_error`.
template <class F>
F* driver_function(const char* name) {
  void* found = nullptr;
  cudaDriverEntryPointQueryResult known{};
  check(cudaGetDriverEntryPointByVersion(name, &found, 12050, cudaEnableDefault, &known), name);
  if (known != cudaDriverEntryPointSuccess) {
    throw cuda_error{std::string{name} + " is not in the driver", false};
  }
  return reinterpret_cast<F*>(found);
}

void check_driver(CUresult status, const char* call) {
  if (status == CUDA_SUCCESS) return;
  throw cuda_error{std::string{call} + ": CUDA driver error " + std::to_string(status), false};
}

/// All functions of the file that `function` is from.
std::vector<CUkernel> functions_beside(const void* function) {
  const auto library_of = driver_function<decltype(cuKernelGetLibrary)>("cuKernelGetLibrary");
  const auto count_of =
      driver_function<decltype(cuLibraryGetKernelCount)>("cuLibraryGetKernelCount");
  const auto enumerate =
      driver_function<decltype(cuLibraryEnumerateKernels)>("cuLibraryEnumerateKernels");
  cudaKernel_t known = nullptr;
  check(cudaGetKernel(&known, function), "cudaGetKernel");
  CUlibrary library = nullptr;
  check_driver(library_of(&library, known), "cuKernelGetLibrary");
  unsigned count = 0;
  check_driver(count_of(&count, library), "cuLibraryGetKernelCount");
  std::vector<CUkernel> functions(count);
  check_driver(enumerate(functions.data(), count, library), "cuLibraryEnumerateKernels");
  return functions;
}

}  // namespace

void load_code_beside(const void* function) noexcept {
  try {
    for (const CUkernel found : functions_beside(function)) {
      cudaFuncAttributes loaded{};  // some of them are only known of what is loaded
      check(cudaFuncGetAttributes(&loaded, found), "cudaFuncGetAttributes");
    }
  } catch (...) {
    static_cast<void>(cudaGetLastError());
    warn(("CUDA code is loaded late: " + failure_of_current_exception().what.internal).c_str());
  }
}

}  // namespace kernd::gpu
