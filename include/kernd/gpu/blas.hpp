#pragma once

#include "kernd/gpu/context.hpp"

#include <cublas_v2.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>

namespace kernd::gpu {

/// cuBLAS on one device. The same input gives the same bits on the same kind of device: products
/// are of f32, never of a shorter type, and the workspace is the job's own.
class blas {
 public:
  /// A matrix on the device, row after row, and whether rows and columns are exchanged.
  struct operand {
    const float* data;
    std::uint64_t cols;  ///< Of what is stored.
    bool is_transposed;
  };

  /// On the current device. Throws `cuda_error`.
  explicit blas(int device);

  /// c = alpha · a · b + beta · c with `c` of `rows` × `cols` and `inner` products for each
  /// element, none of them 0 and all of them below 2^31. `c` is not read where beta is 0.
  void multiply(context& job, std::uint64_t rows, std::uint64_t cols, std::uint64_t inner,
                float alpha, operand a, operand b, float beta, float* c);

 private:
  struct destroy {
    void operator()(cublasHandle_t handle) const noexcept;
  };
  std::unique_ptr<std::remove_pointer_t<cublasHandle_t>, destroy> handle_;
  std::size_t workspace_bytes_;
};

}  // namespace kernd::gpu
