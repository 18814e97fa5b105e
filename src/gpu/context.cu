#include "kernd/gpu/context.hpp"

#include <cstdint>

namespace kernd::gpu {

namespace {

/// Before the stream is made, which is of the current device.
class stream stream_on(int device) {
  check(cudaSetDevice(device), "cudaSetDevice");
  return {};
}

}  // namespace

context::context(int device, const job_memory& memory)
    : stream_{stream_on(device)}, memory_{memory} {
  cudaMemPool_t pool = nullptr;
  check(cudaDeviceGetDefaultMemPool(&pool, device), "cudaDeviceGetDefaultMemPool");
  std::uint64_t kept = kept_bytes;
  check(cudaMemPoolSetAttribute(pool, cudaMemPoolAttrReleaseThreshold, &kept),
        "cudaMemPoolSetAttribute");
}

void context::transfer(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind) {
  if (bytes == 0) return;
  check(cudaMemcpyAsync(to, from, bytes, kind, stream().get()), "cudaMemcpyAsync");
}

}  // namespace kernd::gpu
