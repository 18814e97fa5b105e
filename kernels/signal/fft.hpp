#pragma once

#include "kernd/kernel.hpp"

#include <boost/describe/class.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>

namespace kernd::kernels {

/// Discrete Fourier transforms of any length in O(n log n), computed in f64.
struct fft {
  struct input {
    array<float> real;
    std::optional<array<float>> imag;
    bool inverse = false;
    std::uint64_t batch = 1;
  };
  struct output {
    array<float> real;
    array<float> imag;
  };

  static kernel_info info();
  /// As many imaginary as real parts, and `batch` transforms of the same length.
  static result<void> validate(const input& in);
  static result<output> run(const input& in, cpu_context& context);
  static input sample(std::size_t bytes, std::uint64_t seed, cpu_context& context);

  // fft.cu
  static result<output> run(const input& in, gpu::context& context);
  static const void* device_code() noexcept;
};
BOOST_DESCRIBE_STRUCT(fft::input, (), (real, imag, inverse, batch))
BOOST_DESCRIBE_STRUCT(fft::output, (), (real, imag))

}  // namespace kernd::kernels
