#include "src/gpu/device.hpp"

#include "kernd/gpu/check.hpp"
#include "kernd/gpu/stream.hpp"
#include "kernd/gpu/twin.hpp"
#include "src/gpu/code_loader.hpp"

#include <cuda_runtime_api.h>

#include <cstdint>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

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

/// What jobs held when their device failed. Addresses alone: nothing here calls CUDA by itself.
class left_memory {
 public:
  void add(int device, void* memory) {
    const std::lock_guard lock{mutex_};
    left_.emplace_back(device, memory);
  }
  std::vector<void*> take(int device) {
    const std::lock_guard lock{mutex_};
    std::vector<void*> taken;
    std::erase_if(left_, [&](const std::pair<int, void*>& one) {
      if (one.first == device) taken.push_back(one.second);
      return one.first == device;
    });
    return taken;
  }

 private:
  std::mutex mutex_;
  std::vector<std::pair<int, void*>> left_;  // guarded by it
};

left_memory left;

/// That of the current device, which has been reset since.
void free_left_memory(int device) {
  for (void* const memory : left.take(device)) {
    log_if_failed(cudaFree(memory), "cudaFree of what a failed job held");
  }
  static_cast<void>(cudaGetLastError());
}

}  // namespace

void start_device(int device, std::size_t pool_bytes) {
  // Threads that wait for the device sleep: there are fewer cores than jobs in flight.
  check(cudaInitDevice(device, cudaDeviceScheduleBlockingSync, cudaInitDeviceFlagsAreValid),
        "cudaInitDevice");
  check(cudaSetDevice(device), "cudaSetDevice");
  free_left_memory(device);
  for (const void* function : twin_code()) load_code_beside(function);
  load_code_beside(probe_code());
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

void reset_device(int device) {
  // It may repeat the error that the reset is for; what counts is whether the device was chosen.
  static_cast<void>(cudaSetDevice(device));
  int chosen = -1;
  check(cudaGetDevice(&chosen), "cudaGetDevice");
  if (chosen != device) throw cuda_error{"the device cannot be chosen for its reset", false};
  check(cudaDeviceReset(), "cudaDeviceReset");
  static_cast<void>(cudaGetLastError());
}

void leave_behind(void* memory) noexcept {
  int device = 0;
  if (cudaGetDevice(&device) != cudaSuccess) return;
  try {
    left.add(device, memory);
  } catch (const std::bad_alloc&) {
    warn("there is no memory to note what a failed job held on the device");
  }
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
