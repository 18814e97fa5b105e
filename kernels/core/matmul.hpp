#pragma once

#include "kernd/kernel.hpp"
#include "kernels/core/gemm.hpp"

#include <boost/describe/class.hpp>

#include <cstddef>
#include <cstdint>

namespace kernd::kernels {

/// The product of two matrices in flat arrays: `gemm` under the names that older clients know.
struct matmul {
  struct input {
    array<float> a;
    array<float> b;
    std::uint32_t rows_a = 0;
    std::uint32_t cols_a = 0;
    std::uint32_t cols_b = 0;
  };
  struct output {
    array<float> result;
  };

  static kernel_info info();
  /// `a` has rows_a · cols_a elements, `b` cols_a · cols_b.
  static result<void> validate(const input& in);
  static result<output> run(const input& in, cpu_context& context);
  static input sample(std::size_t bytes, std::uint64_t seed, cpu_context& context);
  static result<output> run(const input& in, gpu::context& context);  // matmul.cu

  /// The same as a product of `gemm`.
  static gemm::input as_gemm(const input& in) {
    return {
        .a = {in.a.data, in.rows_a, in.cols_a}, .b = {in.b.data, in.cols_a, in.cols_b}, .c = {}};
  }
};
BOOST_DESCRIBE_STRUCT(matmul::input, (), (a, b, rows_a, cols_a, cols_b))
BOOST_DESCRIBE_STRUCT(matmul::output, (), (result))

}  // namespace kernd::kernels
