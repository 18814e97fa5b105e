#include "bench/gpu/bare.hpp"
#include "bench/gpu/bare_timing.cuh"

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace kernd::bench {

namespace {

__global__ void nothing() {}

__global__ void axpy_once(const float* x, const float* y, float* to) {
  *to = 2 * *x + *y;
}

/// Host memory by `cudaMallocHost`.
class pinned_block {
 public:
  explicit pinned_block(std::size_t bytes) {
    void* taken = nullptr;
    gpu::check(cudaMallocHost(&taken, bytes), "cudaMallocHost");
    data_.reset(static_cast<std::byte*>(taken));
  }
  [[nodiscard]] std::byte* data() const noexcept { return data_.get(); }

 private:
  struct release {
    void operator()(std::byte* p) const noexcept {
      gpu::log_if_failed(cudaFreeHost(p), "cudaFreeHost");
    }
  };
  std::unique_ptr<std::byte, release> data_;
};

/// Copies one way between a block on the host and one on the device.
template <class Host>
measured transfer(Host host, std::size_t bytes, cudaMemcpyKind way) {
  return on_device_clock([host = std::move(host), device = device_array<std::byte>{bytes}, bytes,
                          way](cudaStream_t stream) mutable {
    const bool up = way == cudaMemcpyHostToDevice;
    void* const to = up ? device.data() : host.data();
    const void* const from = up ? host.data() : device.data();
    gpu::check(cudaMemcpyAsync(to, from, bytes, way, stream), "cudaMemcpyAsync");
  });
}

measured transfer(std::size_t bytes, host_memory kind, cudaMemcpyKind way) {
  if (kind == host_memory::pinned) return transfer(pinned_block{bytes}, bytes, way);
  return transfer(std::vector<std::byte>(bytes, std::byte{1}), bytes, way);  // written: it is there
}

}  // namespace

void use_device() {
  gpu::check(cudaSetDevice(0), "cudaSetDevice");
  // The module, whose context this is, has done the same: a refusal changes nothing.
  static_cast<void>(cudaSetDeviceFlags(cudaDeviceScheduleBlockingSync));
  static_cast<void>(cudaGetLastError());
}

measured bare_device_copy(std::size_t bytes) {
  return on_device_clock([from = device_array<std::byte>{bytes},
                          to = device_array<std::byte>{bytes}, bytes](cudaStream_t stream) {
    gpu::check(cudaMemcpyAsync(to.data(), from.data(), bytes, cudaMemcpyDeviceToDevice, stream),
               "cudaMemcpyAsync");
  });
}

measured bare_upload(std::size_t bytes, host_memory from) {
  return transfer(bytes, from, cudaMemcpyHostToDevice);
}

measured bare_download(std::size_t bytes, host_memory to) {
  return transfer(bytes, to, cudaMemcpyDeviceToHost);
}

measured bare_launch() {
  return on_host_clock([](cudaStream_t stream) {
    nothing<<<1, 1, 0, stream>>>();
    gpu::check(cudaGetLastError(), "nothing");
  });
}

measured bare_round_trip() {
  constexpr std::size_t bytes = 3 * sizeof(float);
  return on_host_clock([host = pinned_block{bytes},
                        device = device_array<float>{3}](cudaStream_t stream) {
    float* const on_host = reinterpret_cast<float*>(host.data());
    float* const there = device.data();
    for (const std::size_t i : {0, 1}) {
      gpu::check(
          cudaMemcpyAsync(there + i, on_host + i, sizeof(float), cudaMemcpyHostToDevice, stream),
          "cudaMemcpyAsync");
    }
    axpy_once<<<1, 1, 0, stream>>>(there, there + 1, there + 2);
    gpu::check(cudaGetLastError(), "axpy_once");
    gpu::check(
        cudaMemcpyAsync(on_host + 2, there + 2, sizeof(float), cudaMemcpyDeviceToHost, stream),
        "cudaMemcpyAsync");
  });
}

measured bare_malloc(std::size_t bytes) {
  return on_host_clock([bytes](cudaStream_t) {
    void* taken = nullptr;
    gpu::check(cudaMalloc(&taken, bytes), "cudaMalloc");
    gpu::check(cudaFree(taken), "cudaFree");
  });
}

measured pooled_malloc(std::size_t bytes) {
  return on_host_clock([bytes](cudaStream_t stream) {
    void* taken = nullptr;
    gpu::check(cudaMallocAsync(&taken, bytes, stream), "cudaMallocAsync");
    gpu::check(cudaFreeAsync(taken, stream), "cudaFreeAsync");
  });
}

}  // namespace kernd::bench
