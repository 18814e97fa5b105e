#pragma once

#include "kernd/kernel.hpp"

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <cstdint>

namespace kernd::kernels {

/// Gives its input back: measures what the daemon itself costs.
struct identity {
  enum class element_type : std::uint8_t { f32, f64, i32, i64, u8 };

  struct input {
    numbers data;
    element_type dtype = element_type::f32;
  };
  struct output {
    numbers data;
  };

  static kernel_info info();
  static result<void> validate(const input& in);
  static result<output> run(const input& in, cpu_context& context);
};
BOOST_DESCRIBE_ENUM(identity::element_type, f32, f64, i32, i64, u8)
BOOST_DESCRIBE_STRUCT(identity::input, (), (data, dtype))
BOOST_DESCRIBE_STRUCT(identity::output, (), (data))

}  // namespace kernd::kernels
