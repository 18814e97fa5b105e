#include "kernels/core/matmul.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace kernd::kernels {

kernel_info matmul::info() {
  return {
      .id = "core/matmul",
      .version = "1.0.0",
      .description = "Multiplies two matrices that are stored row by row.",
      .expected_throughput = 1e10,
      .target_latency_us = 20,
      .tolerance = 1e-5,  // as core/gemm
      .example = {.input = R"({"a":[1,2,3,4],"b":[5,6],"rows_a":2,"cols_a":2,"cols_b":1})",
                  .output = R"({"result":[17,39]})"},
      .fields = {field<&input::a>{.doc = "The left matrix, row after row."},
                 field<&input::b>{.doc = "The right matrix, row after row; it has cols_a rows."},
                 field<&input::rows_a>{.doc = "Rows of a.", .max = INT32_MAX, .required = true},
                 field<&input::cols_a>{
                     .doc = "Columns of a, and rows of b.", .max = INT32_MAX, .required = true},
                 field<&input::cols_b>{.doc = "Columns of b.", .max = INT32_MAX, .required = true},
                 field<&output::result>{.doc = "The product, row after row: rows_a of cols_b."}}};
}

result<void> matmul::validate(const input& in) {
  const std::uint64_t size_a = std::uint64_t{in.rows_a} * in.cols_a;  // 32 bits each: no overflow
  const std::uint64_t size_b = std::uint64_t{in.cols_a} * in.cols_b;
  if (in.a.size != size_a) {
    return invalid_input("/a", std::to_string(size_a) + " elements, rows_a * cols_a",
                         std::to_string(in.a.size));
  }
  if (in.b.size != size_b) {
    return invalid_input("/b", std::to_string(size_b) + " elements, cols_a * cols_b",
                         std::to_string(in.b.size));
  }
  return gemm::validate(as_gemm(in));
}

result<matmul::output> matmul::run(const input& in, cpu_context& context) {
  auto product = gemm::run(as_gemm(in), context);
  if (!product) return std::move(product).error();
  return output{{product->c.data, product->c.rows * product->c.cols}};
}

matmul::input matmul::sample(std::size_t bytes, std::uint64_t seed, cpu_context& context) {
  const auto square = gemm::sample(bytes, seed, context);
  const auto n = static_cast<std::uint32_t>(square.a.rows);
  return {.a = {square.a.data, square.a.rows * n},
          .b = {square.b.data, square.b.rows * n},
          .rows_a = n,
          .cols_a = n,
          .cols_b = n};
}

}  // namespace kernd::kernels
