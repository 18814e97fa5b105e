#pragma once

#include "kernd/cpu_context.hpp"

#include <cstddef>

namespace kernd::kernels {

/// Complex numbers whose parts lie apart.
struct split_complex {
  double* re = nullptr;
  double* im = nullptr;

  split_complex operator+(std::size_t offset) const { return {re + offset, im + offset}; }
  /// Real and imaginary parts exchanged, which turns a forward transform into an inverse one.
  split_complex swapped() const { return {im, re}; }
};

/// `count` uninitialised elements in the job's memory.
split_complex allocate_split(std::size_t count, cpu_context& context);

/// e^(-2πi k / n) for 0 ≤ k < n, from two tables of about √n entries, to about one unit in the last
/// place of f64.
class unit_roots {
 public:
  unit_roots(std::size_t n, cpu_context& context);

  /// Real and imaginary part, `k` < n.
  struct root {
    double re, im;
  };
  [[nodiscard]] root operator[](std::size_t k) const {
    const std::size_t low = k & mask_, high = k >> shift_;
    const double a = low_.re[low], b = low_.im[low], c = high_.re[high], d = high_.im[high];
    return {a * c - b * d, a * d + b * c};
  }

 private:
  unsigned shift_ = 0;
  std::size_t mask_;
  split_complex low_;
  split_complex high_;
};

/// Σ_j x_j e^(-2πi jk / n), not scaled. The tables of one length; any number of threads may use it.
class transform {
 public:
  /// Largest prime factor of a length that is transformed without Bluestein's detour.
  static constexpr std::size_t largest_factor = 13;

  transform(std::size_t n, cpu_context& context);

  /// How many elements of scratch space one call needs, all its own; also the room at `x`.
  [[nodiscard]] std::size_t scratch_size() const noexcept { return padded_; }

  /// Transforms the n elements at `x`; what lies behind them up to `scratch_size()` is lost.
  void run(split_complex x, split_complex scratch) const;

 private:
  void run_smooth(split_complex x, split_complex scratch) const;

  std::size_t n_;
  std::size_t padded_;  // n_, or the power of two that holds the convolution
  cpu_context& context_;
  unit_roots roots_;              // of order padded_
  split_complex chirp_;           // e^(-πi k² / n), when padded_ ≠ n_
  split_complex chirp_spectrum_;  // of its conjugate, wrapped around, over padded_
};

}  // namespace kernd::kernels
