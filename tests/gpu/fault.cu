#include "gpu/fault.hpp"

#include <cuda_runtime_api.h>

namespace kernd::gpu::test {

namespace {

__global__ void write_to(int* place) {
  *place = 1;
}

}  // namespace

bool fault_on(int device) {
  cudaStream_t stream = nullptr;
  if (cudaSetDevice(device) != cudaSuccess) return false;
  if (cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking) != cudaSuccess) return false;
  write_to<<<1, 1, 0, stream>>>(nullptr);
  return cudaStreamSynchronize(stream) == cudaErrorIllegalAddress;
}

}  // namespace kernd::gpu::test
