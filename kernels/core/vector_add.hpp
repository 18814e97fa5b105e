#pragma once

#include "kernd/kernel.hpp"

#include <boost/describe/class.hpp>

#include <cstddef>
#include <cstdint>

namespace kernd::kernels {

/// a + b, element by element: `axpy` with alpha 1, under the names that older clients know.
struct vector_add {
  struct input {
    array<float> a;
    array<float> b;
  };
  struct output {
    array<float> result;
  };

  static kernel_info info();
  /// `a` and `b` have the same length.
  static result<void> validate(const input& in);
  static result<output> run(const input& in, cpu_context& context);
  static input sample(std::size_t bytes, std::uint64_t seed, cpu_context& context);
  static result<output> run(const input& in, gpu::context& context);  // vector_add.cu
};
BOOST_DESCRIBE_STRUCT(vector_add::input, (), (a, b))
BOOST_DESCRIBE_STRUCT(vector_add::output, (), (result))

}  // namespace kernd::kernels
