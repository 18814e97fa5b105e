#include "kernd/gpu/blas.hpp"

#include <string>

namespace kernd::gpu {

namespace {

void check(cublasStatus_t status, const char* call) {
  if (status == CUBLAS_STATUS_SUCCESS) return;
  const char* const name = cublasGetStatusName(status);
  throw cuda_error{std::string{call} + ": " + name, status == CUBLAS_STATUS_ALLOC_FAILED, name};
}

/// What cuBLAS recommends.
std::size_t workspace_for(int device) {
  int major = 0;
  gpu::check(cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, device),
             "cudaDeviceGetAttribute");
  return std::size_t{major >= 9 ? 32U : 4U} << 20;
}

}  // namespace

blas::blas(int device) : workspace_bytes_{workspace_for(device)} {
  cublasHandle_t made = nullptr;
  check(cublasCreate(&made), "cublasCreate");
  handle_.reset(made);
}

void blas::destroy::operator()(cublasHandle_t handle) const noexcept {
  const bool failed = cublasDestroy(handle) != CUBLAS_STATUS_SUCCESS;
  log_if_failed(failed ? cudaErrorUnknown : cudaSuccess, "cublasDestroy");
}

void blas::multiply(context& job, std::uint64_t rows, std::uint64_t cols, std::uint64_t inner,
                    float alpha, operand a, operand b, float beta, float* c) {
  const auto flag = [](const operand& m) { return m.is_transposed ? CUBLAS_OP_T : CUBLAS_OP_N; };
  const auto count = [](std::uint64_t n) { return static_cast<int>(n); };
  const auto workspace = job.device<std::byte>(workspace_bytes_);
  check(cublasSetStream(handle_.get(), job.stream().get()), "cublasSetStream");
  check(cublasSetWorkspace(handle_.get(), workspace.data(), workspace_bytes_),
        "cublasSetWorkspace");
  // Row after row is column after column of the transposed: cᵀ = bᵀ aᵀ.
  check(cublasSgemm(handle_.get(), flag(b), flag(a), count(cols), count(rows), count(inner), &alpha,
                    b.data, count(b.cols), a.data, count(a.cols), &beta, c, count(cols)),
        "cublasSgemm");
}

}  // namespace kernd::gpu
