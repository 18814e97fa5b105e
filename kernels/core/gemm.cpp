#include "kernels/core/gemm.hpp"

#include "kernd/parallel.hpp"
#include "kernd/random_arrays.hpp"

#include <cblas.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>

namespace kernd::kernels {

namespace {

// Tiles of C are what the threads share out; panels along the inner dimension are what comes
// between two polls. Both decide in what order products are added, so they are never tuned to a
// machine.
constexpr std::size_t tile_rows = 256;
constexpr std::size_t tile_cols = 512;
constexpr std::size_t panel = 2048;

std::string shape_of(std::uint64_t rows, std::uint64_t cols) {
  return std::to_string(rows) + " x " + std::to_string(cols);
}

using dimensions = gemm::dimensions;

int blas_int(std::size_t n) {
  return static_cast<int>(n);
}

/// One tile of C = α·op(A)·op(B) + β·C. `c` holds C already where β is not 0.
void multiply_tile(const gemm::input& in, const matrix<float>& c, std::size_t row, std::size_t col,
                   cpu_context& context) {
  const auto flag = [](bool transposed) { return transposed ? CblasTrans : CblasNoTrans; };
  const std::size_t inner = dimensions{in}.inner;
  const std::size_t rows = std::min<std::size_t>(tile_rows, c.rows - row);
  const std::size_t cols = std::min<std::size_t>(tile_cols, c.cols - col);
  float beta = in.c ? in.beta : 0;
  for (std::size_t k = 0; k < inner && !context.stop_requested(); k += panel) {
    const float* a = in.transpose_a ? &in.a(k, row) : &in.a(row, k);
    const float* b = in.transpose_b ? &in.b(col, k) : &in.b(k, col);
    cblas_sgemm(CblasRowMajor, flag(in.transpose_a), flag(in.transpose_b), blas_int(rows),
                blas_int(cols), blas_int(std::min(panel, inner - k)), in.alpha, a,
                blas_int(in.a.cols), b, blas_int(in.b.cols), beta, &c(row, col), blas_int(c.cols));
    beta = 1;
  }
  if (inner > 0) return;
  for (std::size_t r = row; r < row + rows; ++r) {
    for (float& value : c.row(r).subspan(col, cols)) value = beta == 0 ? 0 : beta * value;
  }
}

}  // namespace

kernel_info gemm::info() {
  return {
      .id = "core/gemm",
      .version = "1.0.0",
      .description = "Multiplies matrices: alpha * A * B + beta * C.",
      .expected_throughput = 1e10,
      .target_latency_us = 20,
      .tolerance = 1e-5,  // sums in f32, in an order that the BLAS picks for the processor
      .example = {.input = R"({"a":[[1,2],[3,4]],"b":[[1,0],[1,1]],"alpha":2})",
                  .output = R"({"c":[[6,4],[14,8]]})"},
      .fields = {
          field<&input::a>{.doc = "The left matrix."},
          field<&input::b>{.doc = "The right matrix; as many rows as a has columns."},
          field<&input::c>{.doc = "What beta * C adds; needed when beta is not 0."},
          field<&input::alpha>{.doc = "What the product is multiplied by."},
          field<&input::beta>{.doc = "What c is multiplied by; c is not looked at when it is 0."},
          field<&input::transpose_a>{.doc = "Takes a with rows and columns exchanged."},
          field<&input::transpose_b>{.doc = "Takes b with rows and columns exchanged."},
          field<&output::c>{.doc = "The result; an error of an element is at most 2 * K * 2^-24 "
                                   "of the sum of the K products' absolute values."}}};
}

result<void> gemm::validate(const input& in) {
  constexpr std::uint64_t longest = INT32_MAX;  // what the BLAS can count
  const dimensions d{in};
  if (std::max(in.a.rows, in.a.cols) > longest) {
    return invalid_input("/a", "rows and columns up to 2147483647", shape_of(in.a.rows, in.a.cols));
  }
  if (std::max(in.b.rows, in.b.cols) > longest) {
    return invalid_input("/b", "rows and columns up to 2147483647", shape_of(in.b.rows, in.b.cols));
  }
  if (d.inner != d.inner_of_b) {
    return invalid_input(
        "/b", std::to_string(d.inner) + (in.transpose_b ? " columns" : " rows") + ", as a asks for",
        shape_of(in.b.rows, in.b.cols));
  }
  if (in.c && (in.c->rows != d.rows || in.c->cols != d.cols)) {
    return invalid_input("/c", "matrix " + shape_of(d.rows, d.cols),
                         shape_of(in.c->rows, in.c->cols));
  }
  if (!in.c && in.beta != 0) return invalid_input("/c", "matrix, since beta is not 0", "none");
  return {};
}

result<gemm::output> gemm::run(const input& in, cpu_context& context) {
  const dimensions d{in};
  // Both dimensions are below 2^31, so their product does not overflow.
  const matrix<float> c{context.allocate<float>(d.rows * d.cols).data, d.rows, d.cols};
  if (c.rows == 0 || c.cols == 0) return output{c};
  const std::size_t across = (c.cols - 1) / tile_cols + 1;
  const std::size_t tiles = ((c.rows - 1) / tile_rows + 1) * across;
  parallel_for(tiles, 1, [&](std::size_t first, std::size_t) {
    if (context.stop_requested()) return;
    const std::size_t row = first / across * tile_rows, col = first % across * tile_cols;
    if (in.c && in.beta != 0) {
      const std::size_t cols = std::min<std::size_t>(tile_cols, c.cols - col);
      for (std::size_t r = row; r < std::min<std::size_t>(row + tile_rows, c.rows); ++r) {
        std::copy_n(in.c->row(r).data() + col, cols, c.row(r).data() + col);
      }
    }
    multiply_tile(in, c, row, col, context);
  });
  return output{c};
}

/// Two square matrices.
gemm::input gemm::sample(std::size_t bytes, std::uint64_t seed, cpu_context& context) {
  const double elements = static_cast<double>(bytes) / (2 * sizeof(float));
  const std::size_t n =
      std::max<std::size_t>(1, static_cast<std::size_t>(std::sqrt(elements) + 0.5));
  random_arrays random{seed, context};
  const auto a = random.between(-1.0F, 1.0F, n * n);
  const auto b = random.between(-1.0F, 1.0F, n * n);
  return {.a = {a.data, n, n}, .b = {b.data, n, n}, .c = {}};
}

}  // namespace kernd::kernels
