#include "kernels/signal/transform.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <utility>

namespace kernd::kernels {

namespace {

/// The radix of the next pass over what is left of a length; 0 when it has a prime too large. Large
/// ones come last, where most transforms are interleaved.
std::size_t next_radix(std::size_t n) {
  if (n % 4 == 0) return 4;
  if (n % 2 == 0) return 2;
  for (std::size_t p = 3; p <= butterfly_pass::largest_radix; p += 2) {
    if (n % p == 0) return p;
  }
  return 0;
}

/// What one element costs in a pass of so many columns, in passes of a small radix; between what
/// was measured with short and with long vectors, which do not fill with few columns.
double cost_of_pass(std::size_t radix, std::size_t columns) {
  if (radix <= butterfly_pass::largest_small_radix) return 1;
  const double cost = 1.5 + static_cast<double>(radix) / 12;
  return columns < 8 ? 4 * cost : cost;
}

/// What a transform of length `n` costs in passes; infinite when there are none for it.
double cost_of_passes(std::size_t n) {
  double per_element = 0;
  for (std::size_t left = n; left > 1;) {
    const std::size_t radix = next_radix(left);
    if (radix == 0) return std::numeric_limits<double>::infinity();
    per_element += cost_of_pass(radix, n / radix);
    left /= radix;
  }
  return per_element * static_cast<double>(n);
}

/// The cheapest length to transform that is at least `least` and has small factors only.
std::size_t padded_length(std::size_t least) {
  std::size_t best = std::bit_ceil(least);
  for (const std::size_t odd : {3, 5, 9, 15, 25, 27, 45, 75}) {
    const std::size_t n = odd * std::bit_ceil((least + odd - 1) / odd);
    if (cost_of_passes(n) < cost_of_passes(best)) best = n;
  }
  return best;
}

/// n, or the length that a convolution in its place has.
std::size_t cheaper_length(std::size_t n) {
  constexpr double transforms = 3.5;  // the chirp's, there and back, and all that is multiplied
  const std::size_t padded = padded_length(2 * n - 1);
  return cost_of_passes(n) <= transforms * cost_of_passes(padded) ? n : padded;
}

/// k² modulo n, where k² may have more than 64 bits.
std::size_t square_modulo(std::size_t k, std::size_t n) {
  __extension__ using wide = unsigned __int128;
  return static_cast<std::size_t>(wide{k} * k % n);
}

/// x ← x · y, element by element.
void multiply(split_complex x, split_complex y, std::size_t n, cpu_context& context) {
  for_elements(n, context, [&](std::size_t first, std::size_t last) {
#pragma GCC ivdep  // x and y never overlap
    for (std::size_t i = first; i < last; ++i) {
      const double re = x.re[i] * y.re[i] - x.im[i] * y.im[i];
      x.im[i] = x.re[i] * y.im[i] + x.im[i] * y.re[i];
      x.re[i] = re;
    }
  });
}

void set_to_zero(split_complex x, std::size_t n, cpu_context& context) {
  for_elements(n, context, [&](std::size_t first, std::size_t last) {
    std::fill(x.re + first, x.re + last, 0.0);
    std::fill(x.im + first, x.im + last, 0.0);
  });
}

}  // namespace

transform::transform(std::size_t n, cpu_context& context)
    : n_{n}, padded_{cheaper_length(n)}, context_{context}, roots_{padded_, context} {
  plan_passes();
  if (padded_ != n_) make_chirp();
}

void transform::plan_passes() {
  array<unit_roots::root> roots{};
  for (std::size_t s = 1; s < padded_;) {
    const std::size_t radix = next_radix(padded_ / s);
    if (roots.size != radix) {
      roots = context_.allocate<unit_roots::root>(radix);
      for (std::size_t t = 0; t < radix; ++t) roots[t] = exact_root(t, radix);
    }
    passes_.push_back({radix, s, padded_ / s / radix, roots_, roots.data});
    s *= radix;
  }
}

void transform::make_chirp() {
  const unit_roots half_steps{2 * n_, context_};
  const double scale = 1 / static_cast<double>(padded_);
  chirp_ = allocate_split(n_, context_);
  chirp_spectrum_ = allocate_split(2 * padded_, context_);
  set_to_zero(chirp_spectrum_ + n_, padded_ - n_, context_);
  for_elements(n_, context_, [&](std::size_t first, std::size_t last) {
    std::size_t square = square_modulo(first, 2 * n_);
    for (std::size_t k = first; k < last; ++k) {
      const auto [re, im] = half_steps[square];
      chirp_.re[k] = re, chirp_.im[k] = im;
      const std::size_t mirrored = k == 0 ? 0 : padded_ - k;
      chirp_spectrum_.re[k] = chirp_spectrum_.re[mirrored] = scale * re;
      chirp_spectrum_.im[k] = chirp_spectrum_.im[mirrored] = -scale * im;
      square += 2 * k + 1;
      if (square >= 2 * n_) square -= 2 * n_;
    }
  });
  run_passes(chirp_spectrum_, chirp_spectrum_ + padded_);
}

/// Stockham's autosort algorithm (Van Loan, Computational Frameworks for the FFT, 1.7), with mixed
/// factors and decimation in frequency.
void transform::run_passes(split_complex x, split_complex scratch) const {
  static const butterfly_function small = widest_small_butterflies(), odd = widest_odd_butterfly();
  constexpr std::size_t range_work = std::size_t{1} << 16;  // tens of microseconds
  split_complex from = x, to = scratch;
  for (const butterfly_pass& pass : passes_) {
    if (context_.stop_requested()) return;
    const bool is_small = pass.radix <= butterfly_pass::largest_small_radix;
    const butterfly_function columns = is_small ? small : odd;
    const std::size_t column_work = is_small ? 8 : pass.radix * pass.radix / 12;
    parallel_for(pass.s * pass.m, std::max<std::size_t>(16, range_work / column_work),
                 [&](std::size_t first, std::size_t last) {
                   if (!context_.stop_requested()) columns(pass, from, to, first, last);
                 });
    std::swap(from, to);
  }
  if (from.re == x.re) return;
  for_elements(padded_, context_, [&](std::size_t first, std::size_t last) {
    std::copy(from.re + first, from.re + last, x.re + first);
    std::copy(from.im + first, from.im + last, x.im + first);
  });
}

/// Bluestein's algorithm (IEEE Trans. Audio Electroacoust. 18, 1970) where there are no passes for
/// n: jk is (j² + k² - (k - j)²) / 2, so the transform is a convolution with a chirp.
void transform::run(split_complex x, split_complex scratch) const {
  if (padded_ == n_) return run_passes(x, scratch);
  multiply(x, chirp_, n_, context_);
  set_to_zero(x + n_, padded_ - n_, context_);
  run_passes(x, scratch);
  multiply(x, chirp_spectrum_, padded_, context_);
  run_passes(x.swapped(), scratch);
  multiply(x, chirp_, n_, context_);
}

}  // namespace kernd::kernels
