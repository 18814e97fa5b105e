#include "kernels/signal/fft.hpp"

#include "kernd/gpu/context.hpp"
#include "kernd/gpu/launch.hpp"
#include "kernd/gpu/transforms.hpp"

#include <cstddef>

namespace kernd::kernels {

namespace {

/// `imag` null: all of it is 0.
__global__ void widen(const float* real, const float* imag, double2* x, std::size_t size) {
  const std::size_t stride = std::size_t{gridDim.x} * blockDim.x;
  const std::size_t first = std::size_t{blockIdx.x} * blockDim.x + threadIdx.x;
  for (std::size_t i = first; i < size; i += stride) {
    x[i] = {double{real[i]}, imag == nullptr ? 0 : double{imag[i]}};
  }
}

__global__ void narrow(const double2* x, double scale, float* real, float* imag, std::size_t size) {
  const std::size_t stride = std::size_t{gridDim.x} * blockDim.x;
  const std::size_t first = std::size_t{blockIdx.x} * blockDim.x + threadIdx.x;
  for (std::size_t i = first; i < size; i += stride) {
    real[i] = static_cast<float>(x[i].x * scale);
    imag[i] = static_cast<float>(x[i].y * scale);
  }
}

}  // namespace

result<fft::output> fft::run(const input& in, gpu::context& context) {
  const std::size_t size = in.real.size, n = size / in.batch;
  const cudaStream_t stream = context.stream().get();
  // f32 at first and at last, f64 between: as the CPU computes.
  auto real = context.upload(in.real);
  auto imag = in.imag ? context.upload(*in.imag) : context.device<float>(size);
  const auto x = context.device<double2>(size);
  widen<<<gpu::blocks_for(size), gpu::block_size, 0, stream>>>(
      real.data(), in.imag ? imag.data() : nullptr, x.data(), size);
  gpu::check(cudaGetLastError(), "widen");
  context.transforms().run(context, n, in.batch, in.inverse, x.data());
  narrow<<<gpu::blocks_for(size), gpu::block_size, 0, stream>>>(
      x.data(), in.inverse ? 1 / static_cast<double>(n) : 1, real.data(), imag.data(), size);
  gpu::check(cudaGetLastError(), "narrow");
  const auto out_real = context.download(real);
  return output{out_real, context.download(imag)};
}

const void* fft::device_code() noexcept {
  return reinterpret_cast<const void*>(&widen);
}

}  // namespace kernd::kernels
