#include "bench/gpu/bare.hpp"
#include "bench/gpu/bare_timing.cuh"

#include <cub/device/device_radix_sort.cuh>
#include <cub/device/device_reduce.cuh>
#include <cublas_v2.h>
#include <cufft.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace kernd::bench {

namespace {

void check(cublasStatus_t status, const char* call) {
  if (status != CUBLAS_STATUS_SUCCESS) {
    throw std::runtime_error{std::string{call} + ": " + cublasGetStatusName(status)};
  }
}

void check(cufftResult status, const char* call) {
  if (status != CUFFT_SUCCESS) {
    throw std::runtime_error{std::string{call} + ": " + std::to_string(status)};
  }
}

struct destroy_blas {
  void operator()(cublasHandle_t handle) const noexcept { cublasDestroy(handle); }
};
using blas_handle = std::unique_ptr<std::remove_pointer_t<cublasHandle_t>, destroy_blas>;

blas_handle make_blas() {
  cublasHandle_t made = nullptr;
  check(cublasCreate(&made), "cublasCreate");
  return blas_handle{made};
}

/// A plan for one transform.
class fft_plan {
 public:
  fft_plan(std::size_t n, cufftType type) {
    check(cufftPlan1d(&made_, static_cast<int>(n), type, 1), "cufftPlan1d");
  }
  fft_plan(fft_plan&& other) noexcept : made_{std::exchange(other.made_, none)} {}
  ~fft_plan() {
    if (made_ != none) cufftDestroy(made_);
  }
  [[nodiscard]] cufftHandle get() const noexcept { return made_; }

 private:
  static constexpr cufftHandle none = -1;
  cufftHandle made_ = none;
};

template <class Complex>
device_array<Complex> complex_of(std::span<const float> real) {
  std::vector<Complex> both(real.size());
  for (std::size_t i = 0; i < real.size(); ++i) both[i] = {real[i], 0};
  return device_array<Complex>{std::span<const Complex>{both}};
}

}  // namespace

measured bare_gemm(std::span<const float> a, std::span<const float> b, int n,
                   gemm_arithmetic arithmetic) {
  return on_device_clock([a = device_array<float>{a}, b = device_array<float>{b},
                          c = device_array<float>{a.size()}, blas = make_blas(), n,
                          arithmetic](cudaStream_t stream) {
    const float one = 1, zero = 0;
    check(cublasSetStream(blas.get(), stream), "cublasSetStream");
    if (arithmetic == gemm_arithmetic::f32) {
      check(cublasSgemm(blas.get(), CUBLAS_OP_N, CUBLAS_OP_N, n, n, n, &one, b.data(), n, a.data(),
                        n, &zero, c.data(), n),
            "cublasSgemm");
      return;
    }
    check(cublasGemmEx(blas.get(), CUBLAS_OP_N, CUBLAS_OP_N, n, n, n, &one, b.data(), CUDA_R_32F, n,
                       a.data(), CUDA_R_32F, n, &zero, c.data(), CUDA_R_32F, n,
                       CUBLAS_COMPUTE_32F_FAST_TF32, CUBLAS_GEMM_DEFAULT),
          "cublasGemmEx");
  });
}

measured bare_fft_f64(std::span<const float> real) {
  return on_device_clock([x = complex_of<cufftDoubleComplex>(real),
                          plan = fft_plan{real.size(), CUFFT_Z2Z}](cudaStream_t stream) {
    check(cufftSetStream(plan.get(), stream), "cufftSetStream");
    check(cufftExecZ2Z(plan.get(), x.data(), x.data(), CUFFT_FORWARD), "cufftExecZ2Z");
  });
}

measured bare_fft_f32(std::span<const float> real) {
  return on_device_clock([x = complex_of<cufftComplex>(real),
                          to = device_array<cufftComplex>{real.size()},
                          plan = fft_plan{real.size(), CUFFT_C2C}](cudaStream_t stream) {
    check(cufftSetStream(plan.get(), stream), "cufftSetStream");
    check(cufftExecC2C(plan.get(), x.data(), to.data(), CUFFT_FORWARD), "cufftExecC2C");
  });
}

measured bare_sort(std::span<const float> keys) {
  const auto size = static_cast<std::uint32_t>(keys.size());
  std::vector<std::uint32_t> numbers(size);
  std::iota(numbers.begin(), numbers.end(), 0U);
  device_array<float> from{keys}, sorted{keys.size()};
  device_array<std::uint32_t> index{std::span<const std::uint32_t>{numbers}}, permutation{size};
  const auto sort = [](void* workspace, std::size_t& bytes, const auto& keys, const auto& sorted,
                       const auto& index, const auto& permutation, cudaStream_t stream) {
    gpu::check(cub::DeviceRadixSort::SortPairs(
                   workspace, bytes, keys.data(), sorted.data(), index.data(), permutation.data(),
                   static_cast<std::uint32_t>(keys.size()), 0, 32, stream),
               "cub::DeviceRadixSort");
  };
  std::size_t bytes = 0;
  sort(nullptr, bytes, from, sorted, index, permutation, nullptr);
  return on_device_clock([sort, bytes, workspace = device_array<std::byte>{bytes},
                          from = std::move(from), sorted = std::move(sorted),
                          index = std::move(index),
                          permutation = std::move(permutation)](cudaStream_t stream) mutable {
    sort(workspace.data(), bytes, from, sorted, index, permutation, stream);
  });
}

measured bare_sum(std::span<const float> x) {
  const auto sum = [](void* workspace, std::size_t& bytes, const auto& from, const auto& to,
                      cudaStream_t stream) {
    gpu::check(cub::DeviceReduce::Sum(workspace, bytes, from.data(), to.data(),
                                      static_cast<std::int64_t>(from.size()), stream),
               "cub::DeviceReduce");
  };
  device_array<float> from{x}, to{1};
  std::size_t bytes = 0;
  sum(nullptr, bytes, from, to, nullptr);
  return on_device_clock([sum, bytes, workspace = device_array<std::byte>{bytes},
                          from = std::move(from), to = std::move(to)](cudaStream_t stream) mutable {
    sum(workspace.data(), bytes, from, to, stream);
  });
}

}  // namespace kernd::bench
