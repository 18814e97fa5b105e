#pragma once

#include "kernd/kernel.hpp"

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>

namespace kernd::kernels {

/// Stable sort of numbers, with where each came from.
struct sort {
  enum class element_type : std::uint8_t { f32, f64, i32, u32 };

  struct input {
    numbers keys;
    element_type dtype = element_type::f32;
    bool descending = false;
    std::optional<array<double>> values;
  };
  struct output {
    numbers keys;
    array<std::uint32_t> permutation;
    std::optional<array<double>> values;
  };

  static kernel_info info();
  /// One value for each key, and fewer than 2^32 keys.
  static result<void> validate(const input& in);
  static result<output> run(const input& in, cpu_context& context);
  static input sample(std::size_t bytes, std::uint64_t seed, cpu_context& context);

  // sort.cu
  static result<output> run(const input& in, gpu::context& context);
  static const void* device_code() noexcept;
};
BOOST_DESCRIBE_ENUM(sort::element_type, f32, f64, i32, u32)
BOOST_DESCRIBE_STRUCT(sort::input, (), (keys, dtype, descending, values))
BOOST_DESCRIBE_STRUCT(sort::output, (), (keys, permutation, values))

}  // namespace kernd::kernels
