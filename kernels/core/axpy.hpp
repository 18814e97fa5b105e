#pragma once

#include "kernd/host_device.hpp"
#include "kernd/kernel.hpp"

#include <boost/describe/class.hpp>

#include <cstddef>
#include <cstdint>
#include <span>

namespace kernd::kernels {

/// αx + y, element by element.
struct axpy {
  struct input {
    float alpha = 1;
    array<float> x;
    array<float> y;
  };
  struct output {
    array<float> result;
  };

  static kernel_info info();
  /// `x` and `y` have the same length.
  static result<void> validate(const input& in);
  static result<output> run(const input& in, cpu_context& context);
  static input sample(std::size_t bytes, std::uint64_t seed, cpu_context& context);

  // axpy.cu
  static result<output> run(const input& in, gpu::context& context);
  static result<void> run_batch(std::span<const input* const> in, std::span<output* const> out,
                                gpu::context& context);
  static const void* device_code() noexcept;

  /// One element of the result, the same bits wherever it is computed: the product is exact, so it
  /// does not matter whether product and sum are rounded together.
  KERND_HOST_DEVICE static float element(float alpha, float x, float y) {
    return static_cast<float>(double{alpha} * double{x} + double{y});
  }
};
BOOST_DESCRIBE_STRUCT(axpy::input, (), (alpha, x, y))
BOOST_DESCRIBE_STRUCT(axpy::output, (), (result))

}  // namespace kernd::kernels
