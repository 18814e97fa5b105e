#pragma once

#include "kernd/kernel.hpp"

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>

namespace kernd::kernels {

/// One number made of many: of integers exactly, of others in f64 and in an order that only their
/// count decides.
struct reduce {
  enum class operation : std::uint8_t { sum, min, max, mean, norm2, argmin, argmax };

  struct input {
    numbers data;
    operation op = operation::sum;
    kernd::dtype dtype = kernd::dtype::f32;
  };
  struct output {
    double value = 0;
    std::optional<std::uint64_t> index;
    std::uint64_t count = 0;
  };

  static kernel_info info();
  /// Only the sum and the norm of nothing have a meaning.
  static result<void> validate(const input& in);
  static result<output> run(const input& in, cpu_context& context);
  static input sample(std::size_t bytes, std::uint64_t seed, cpu_context& context);

  // reduce.cu
  static result<output> run(const input& in, gpu::context& context);
  static const void* device_code() noexcept;
};
BOOST_DESCRIBE_ENUM(reduce::operation, sum, min, max, mean, norm2, argmin, argmax)
BOOST_DESCRIBE_STRUCT(reduce::input, (), (data, op, dtype))
BOOST_DESCRIBE_STRUCT(reduce::output, (), (value, index, count))

}  // namespace kernd::kernels
