#include "src/gpu/device.hpp"

#include "kernd/gpu/check.hpp"
#include "kernd/gpu/stream.hpp"
#include "kernd/gpu/twin.hpp"
#include "src/gpu/code_loader.hpp"

#include <cuda_runtime_api.h>

#include <array>
#include <cstdint>

namespace kernd::gpu {

namespace {

cudaMemPool_t pool_of(int device) {
  cudaMemPool_t pool = nullptr;
  check(cudaDeviceGetDefaultMemPool(&pool, device), "cudaDeviceGetDefaultMemPool");
  return pool;
}

void set(cudaMemPool_t pool, cudaMemPoolAttr attribute, std::uint64_t value) {
  check(cudaMemPoolSetAttribute(pool, attribute, &value), "cudaMemPoolSetAttribute");
}

std::uint64_t get(cudaMemPool_t pool, cudaMemPoolAttr attribute) {
  std::uint64_t value = 0;
  check(cudaMemPoolGetAttribute(pool, attribute, &value), "cudaMemPoolGetAttribute");
  return value;
}

/// Has the pool take `bytes`, and keep them.
void grow_pool(int device, std::size_t bytes) {
  const cudaMemPool_t pool = pool_of(device);
  set(pool, cudaMemPoolAttrReleaseThreshold, bytes);
  if (bytes == 0) return;
  const stream order{0};
  void* taken = nullptr;
  check(cudaMallocAsync(&taken, bytes, order.ref().get()), "cudaMallocAsync");
  check(cudaFreeAsync(taken, order.ref().get()), "cudaFreeAsync");
  order.synchronize();
  set(pool, cudaMemPoolAttrUsedMemHigh, 0);  // the most that kernels use is counted from here on
}

constexpr unsigned probe_size = 256;

__device__ __host__ unsigned probe_value(unsigned i) {
  return i * 2654435761U + 12345U;
}

__global__ void probe(unsigned* into) {
  into[threadIdx.x] = probe_value(threadIdx.x);
}

}  // namespace

void start_device(int device, std::size_t pool_bytes) {
  // Threads that wait for the device sleep: there are fewer cores than jobs in flight.
  check(cudaInitDevice(device, cudaDeviceScheduleBlockingSync, cudaInitDeviceFlagsAreValid),
        "cudaInitDevice");
  check(cudaSetDevice(device), "cudaSetDevice");
  for (const void* function : twin_code()) load_code_beside(function);
  load_code_beside(reinterpret_cast<const void*>(&probe));
  grow_pool(device, pool_bytes);
}

device_memory memory_of(int device) {
  check(cudaSetDevice(device), "cudaSetDevice");
  std::size_t free = 0, total = 0;
  check(cudaMemGetInfo(&free, &total), "cudaMemGetInfo");
  const cudaMemPool_t pool = pool_of(device);
  return {.total = total,
          .free = free,
          .used = get(pool, cudaMemPoolAttrUsedMemCurrent),
          .reserved = get(pool, cudaMemPoolAttrReservedMemCurrent),
          .peak = get(pool, cudaMemPoolAttrUsedMemHigh)};
}

void probe_device(int device) {
  check(cudaSetDevice(device), "cudaSetDevice");
  static_cast<void>(cudaGetLastError());  // what an earlier call on this thread left behind
  const stream order{0};
  void* taken = nullptr;
  check(cudaMallocAsync(&taken, probe_size * sizeof(unsigned), order.ref().get()),
        "cudaMallocAsync");
  std::array<unsigned, probe_size> found{};
  probe<<<1, probe_size, 0, order.ref().get()>>>(static_cast<unsigned*>(taken));
  const cudaError_t launched = cudaGetLastError();
  const cudaError_t copied =
      cudaMemcpyAsync(found.data(), taken, sizeof found, cudaMemcpyDeviceToHost, order.ref().get());
  const cudaError_t freed = cudaFreeAsync(taken, order.ref().get());
  order.synchronize();
  check(launched, "probe");
  check(copied, "cudaMemcpyAsync");
  check(freed, "cudaFreeAsync");
  for (unsigned i = 0; i < probe_size; ++i) {
    if (found[i] != probe_value(i)) throw cuda_error{"the device computes wrong numbers", false};
  }
}

void reset_device(int device) {
  // It may repeat the error that the reset is for; what counts is whether the device was chosen.
  static_cast<void>(cudaSetDevice(device));
  int chosen = -1;
  check(cudaGetDevice(&chosen), "cudaGetDevice");
  if (chosen != device) throw cuda_error{"the device cannot be chosen for its reset", false};
  check(cudaDeviceReset(), "cudaDeviceReset");
  static_cast<void>(cudaGetLastError());
}

void lock_memory(int device, void* memory, std::size_t bytes) {
  check(cudaSetDevice(device), "cudaSetDevice");
  const cudaError_t status = cudaHostRegister(memory, bytes, cudaHostRegisterPortable);
  if (status == cudaErrorHostMemoryAlreadyRegistered) {  // by a device whose reset has failed
    static_cast<void>(cudaGetLastError());
    return;
  }
  check(status, "cudaHostRegister");
}

void unlock_memory(int device, void* memory) noexcept {
  const cudaError_t chosen = cudaSetDevice(device);
  log_if_failed(chosen == cudaSuccess ? cudaHostUnregister(memory) : chosen, "cudaHostUnregister");
  static_cast<void>(cudaGetLastError());
}

}  // namespace kernd::gpu
