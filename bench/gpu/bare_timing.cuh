#pragma once

#include "bench/gpu/measurement.hpp"
#include "kernd/gpu/check.hpp"
#include "kernd/gpu/event.hpp"
#include "kernd/gpu/stream.hpp"

#include <cuda_runtime_api.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <utility>

namespace kernd::bench {

/// Device memory by `cudaMalloc`.
template <class T>
class device_array {
 public:
  explicit device_array(std::size_t size) : size_{size} {
    void* taken = nullptr;
    gpu::check(cudaMalloc(&taken, size * sizeof(T)), "cudaMalloc");
    data_.reset(static_cast<T*>(taken));
  }
  explicit device_array(std::span<const T> from) : device_array(from.size()) {
    gpu::check(cudaMemcpy(data(), from.data(), from.size_bytes(), cudaMemcpyHostToDevice),
               "cudaMemcpy");
  }

  [[nodiscard]] T* data() const noexcept { return data_.get(); }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

 private:
  struct release {
    void operator()(T* p) const noexcept { gpu::log_if_failed(cudaFree(p), "cudaFree"); }
  };
  std::unique_ptr<T, release> data_;
  std::size_t size_;
};

/// What `enqueue` puts on a stream, between two events.
template <class F>
class device_time final : public measurement {
 public:
  explicit device_time(F enqueue) : enqueue_{std::move(enqueue)} {}

  double run_us() override {
    began_.record(order_.ref());
    enqueue_(order_.ref().get());
    ended_.record(order_.ref());
    order_.synchronize();
    return ended_.us_since(began_);
  }

 private:
  gpu::stream order_{0};
  gpu::event began_, ended_;
  F enqueue_;
};

/// From before `enqueue` until the host knows that the device is done.
template <class F>
class host_time final : public measurement {
 public:
  explicit host_time(F enqueue) : enqueue_{std::move(enqueue)} {}

  double run_us() override {
    using clock = std::chrono::steady_clock;
    const auto start = clock::now();
    enqueue_(order_.ref().get());
    order_.synchronize();
    return std::chrono::duration<double, std::micro>(clock::now() - start).count();
  }

 private:
  gpu::stream order_{0};
  F enqueue_;
};

template <class F>
measured on_device_clock(F enqueue) {
  return std::make_unique<device_time<F>>(std::move(enqueue));
}

template <class F>
measured on_host_clock(F enqueue) {
  return std::make_unique<host_time<F>>(std::move(enqueue));
}

}  // namespace kernd::bench
