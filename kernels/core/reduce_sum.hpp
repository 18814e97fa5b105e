#pragma once

#include "kernd/kernel.hpp"

#include <boost/describe/class.hpp>

#include <cstddef>
#include <cstdint>

namespace kernd::kernels {

/// The sum of f32 numbers: `reduce` under the names that older clients know.
struct reduce_sum {
  struct input {
    array<float> data;
  };
  struct output {
    double sum = 0;
    std::uint64_t count = 0;
  };

  static kernel_info info();
  static result<void> validate(const input& in);
  static result<output> run(const input& in, cpu_context& context);
  static input sample(std::size_t bytes, std::uint64_t seed, cpu_context& context);
  static result<output> run(const input& in, gpu::context& context);  // reduce_sum.cu
};
BOOST_DESCRIBE_STRUCT(reduce_sum::input, (), (data))
BOOST_DESCRIBE_STRUCT(reduce_sum::output, (), (sum, count))

}  // namespace kernd::kernels
