#pragma once

#include "kernels/signal/butterflies.hpp"

#include <cstddef>
#include <vector>

namespace kernd::kernels {

/// Σ_j x_j e^(-2πi jk / n), not scaled. The tables of one length; any number of threads may use it.
class transform {
 public:
  /// A length whose prime factors are small is transformed pass by pass, any other, or one whose
  /// passes would cost more, as a convolution: O(n log n) for every `n`, which is not 0.
  transform(std::size_t n, cpu_context& context);

  transform(const transform&) = delete;
  transform& operator=(const transform&) = delete;

  /// How many elements of scratch space one call needs, all its own; also the room at `x`.
  [[nodiscard]] std::size_t scratch_size() const noexcept { return padded_; }

  /// Transforms the n elements at `x`; what lies behind them up to `scratch_size()` is lost.
  void run(split_complex x, split_complex scratch) const;

 private:
  void plan_passes();
  void make_chirp();
  void run_passes(split_complex x, split_complex scratch) const;

  std::size_t n_;
  std::size_t padded_;  // n_, or a length that holds the convolution
  cpu_context& context_;
  unit_roots roots_;  // of order padded_
  std::vector<butterfly_pass> passes_;
  split_complex chirp_;           // e^(-πi k² / n), when padded_ ≠ n_
  split_complex chirp_spectrum_;  // of its conjugate, wrapped around, over padded_, and scaled
};

}  // namespace kernd::kernels
