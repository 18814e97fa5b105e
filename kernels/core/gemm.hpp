#pragma once

#include "kernd/kernel.hpp"

#include <boost/describe/class.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>

namespace kernd::kernels {

/// α·op(A)·op(B) + β·C, in f32.
struct gemm {
  struct input {
    matrix<float> a;
    matrix<float> b;
    std::optional<matrix<float>> c;
    float alpha = 1;
    float beta = 0;
    bool transpose_a = false;
    bool transpose_b = false;
  };
  struct output {
    matrix<float> c;
  };

  static kernel_info info();
  /// The shapes match, and there is a C when beta asks for one.
  static result<void> validate(const input& in);
  static result<output> run(const input& in, cpu_context& context);
  static input sample(std::size_t bytes, std::uint64_t seed, cpu_context& context);
  static result<output> run(const input& in, gpu::context& context);  // gemm.cu

  /// Of op(A), and of op(B), as the input has them.
  struct dimensions {
    std::uint64_t rows, inner, inner_of_b, cols;

    explicit dimensions(const input& in)
        : rows{in.transpose_a ? in.a.cols : in.a.rows},
          inner{in.transpose_a ? in.a.rows : in.a.cols},
          inner_of_b{in.transpose_b ? in.b.cols : in.b.rows},
          cols{in.transpose_b ? in.b.rows : in.b.cols} {}
  };
};
BOOST_DESCRIBE_STRUCT(gemm::input, (), (a, b, c, alpha, beta, transpose_a, transpose_b))
BOOST_DESCRIBE_STRUCT(gemm::output, (), (c))

}  // namespace kernd::kernels
