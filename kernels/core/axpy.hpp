#pragma once

#include "kernd/kernel.hpp"

#include <boost/describe/class.hpp>

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
};
BOOST_DESCRIBE_STRUCT(axpy::input, (), (alpha, x, y))
BOOST_DESCRIBE_STRUCT(axpy::output, (), (result))

}  // namespace kernd::kernels
