#pragma once

#include "bench/gpu/measurement.hpp"

#include <cstddef>
#include <span>

// Calls of CUDA and its libraries with nothing of the daemon's around them, on device 0. What is
// made copies its inputs to the device at once. Everything throws `std::runtime_error`.

namespace kernd::bench {

/// Chooses the device for this thread, before anything else here and once the backend has started
/// it; threads that wait for it sleep.
void use_device();

enum class gemm_arithmetic { f32, tf32 };
/// `cublasSgemm`, or with TF32 `cublasGemmEx`, of `n` × `n` matrices.
measured bare_gemm(std::span<const float> a, std::span<const float> b, int n,
                   gemm_arithmetic arithmetic);

/// `cufftExecZ2Z` in place, forward, over numbers without imaginary part. What is there grows by √n
/// with each run: for fewer than 80 runs.
measured bare_fft_f64(std::span<const float> real);
/// `cufftExecC2C`, which reads and writes half as much.
measured bare_fft_f32(std::span<const float> real);

/// `cub::DeviceRadixSort::SortPairs` of the keys with their numbers.
measured bare_sort(std::span<const float> keys);

/// `cub::DeviceReduce::Sum`, in f32.
measured bare_sum(std::span<const float> x);

/// `cudaMemcpyAsync` from one place on the device to another.
measured bare_device_copy(std::size_t bytes);

enum class host_memory { pinned, pageable };
/// `cudaMemcpyAsync` of one block.
measured bare_upload(std::size_t bytes, host_memory from);
measured bare_download(std::size_t bytes, host_memory to);

/// The time of the host from the launch of a kernel that does nothing until it is done; the waiting
/// thread sleeps, as in the daemon.
measured bare_launch();
/// The same of what a small axpy needs: two uploads of pinned memory, the launch, the download.
measured bare_round_trip();

/// The time of the host for `cudaMalloc` and `cudaFree`.
measured bare_malloc(std::size_t bytes);
/// The same for `cudaMallocAsync` and `cudaFreeAsync` from a pool that keeps what it has, which is
/// how the module takes memory.
measured pooled_malloc(std::size_t bytes);

}  // namespace kernd::bench
