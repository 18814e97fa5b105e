#pragma once

#include "kernd/cpu_context.hpp"
#include "kernd/parallel.hpp"

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

/// Calls `body(first, last)` for ranges of `count` elements, as `parallel_for` does, until the job
/// is asked to stop.
template <class F>
void for_elements(std::size_t count, cpu_context& context, const F& body) {
  constexpr std::size_t grain = std::size_t{1} << 14;
  parallel_for(count, grain, [&](std::size_t first, std::size_t last) {
    if (!context.stop_requested()) body(first, last);
  });
}

/// e^(-2πi k / n) for 0 ≤ k < n, from two tables of about √n entries, to about one unit in the last
/// place of f64.
class unit_roots {
 public:
  unit_roots(std::size_t n, cpu_context& context);

  /// Real and imaginary part.
  struct root {
    double re, im;
  };
  /// `k` < n.
  [[nodiscard]] root operator[](std::size_t k) const {
    const std::size_t low = k & mask_, high = k >> shift_;
    const double a = low_.re[low], b = low_.im[low], c = high_.re[high], d = high_.im[high];
    return {a * c - b * d, a * d + b * c};
  }

  /// The roots from one on, side by side: root i, up to `count`, is the product of `common` and
  /// element i of `steps`.
  struct run {
    root common;
    split_complex steps;
    std::size_t count;
  };
  [[nodiscard]] run run_from(std::size_t k) const {
    const std::size_t low = k & mask_, high = k >> shift_;
    return {{high_.re[high], high_.im[high]}, low_ + low, mask_ + 1 - low};
  }

 private:
  unsigned shift_ = 0;
  std::size_t mask_;
  split_complex low_;
  split_complex high_;
};

/// e^(-2πi k / n), one at a time; `k` < n.
unit_roots::root exact_root(std::size_t k, std::size_t n);

}  // namespace kernd::kernels
