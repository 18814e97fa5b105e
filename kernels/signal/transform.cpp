#include "kernels/signal/transform.hpp"

#include "kernd/parallel.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <numbers>
#include <utility>

namespace kernd::kernels {

namespace {

constexpr std::size_t grain = std::size_t{1} << 14;  // butterflies or elements of one range

/// The factor of the next pass over what is left of a length; 0 when it has a prime too large.
std::size_t next_factor(std::size_t n) {
  if (n % 4 == 0) return 4;
  for (std::size_t p = 2; p <= transform::largest_factor; ++p) {
    if (n % p == 0) return p;
  }
  return 0;
}

bool is_smooth(std::size_t n) {
  while (n > 1) {
    const std::size_t factor = next_factor(n);
    if (factor == 0) return false;
    n /= factor;
  }
  return true;
}

/// A length of small factors that is not much more than `least`.
std::size_t padded_length(std::size_t least) {
  std::size_t best = std::bit_ceil(least);
  for (const std::size_t odd : {3, 5, 9, 15, 25, 27, 45, 75}) {
    best = std::min(best, odd * std::bit_ceil((least + odd - 1) / odd));
  }
  return best;
}

unit_roots::root exact_root(std::size_t k, std::size_t n) {
  const double angle = -2 * std::numbers::pi * (static_cast<double>(k) / static_cast<double>(n));
  return {std::cos(angle), std::sin(angle)};
}

/// One pass of Stockham's algorithm: from x[q + s (p + m t)] to y[q + s (R p + u)], 0 ≤ t, u < R.
struct pass {
  split_complex x, y;
  std::size_t s, m;  // how many transforms are interleaved, and how long what is left is
  const unit_roots& roots;
};

using factor_roots = std::array<unit_roots::root, transform::largest_factor>;

/// The R-point transform of one column of a pass, for q in [first, last), with the column's
/// twiddles. R is odd: t and R - t share their products.
template <std::size_t R>
void columns(const pass& at, std::size_t p, std::size_t first, std::size_t last,
             const factor_roots& roots, const factor_roots& twiddle) {
  constexpr std::size_t half = (R - 1) / 2;
  const split_complex x = at.x + at.s * p, y = at.y + at.s * R * p;
  const std::size_t step = at.s * at.m, s = at.s;
  const factor_roots w = roots, turn = twiddle;
#pragma GCC ivdep  // x and y never overlap
  for (std::size_t q = first; q < last; ++q) {
    const double re0 = x.re[q], im0 = x.im[q];
    double sum_re[half], sum_im[half], dif_re[half], dif_im[half];
    double all_re = re0, all_im = im0;
#pragma GCC unroll 8
    for (std::size_t t = 1; t <= half; ++t) {
      const std::size_t i = q + step * t, j = q + step * (R - t);
      sum_re[t - 1] = x.re[i] + x.re[j], dif_re[t - 1] = x.re[i] - x.re[j];
      sum_im[t - 1] = x.im[i] + x.im[j], dif_im[t - 1] = x.im[i] - x.im[j];
      all_re += sum_re[t - 1], all_im += sum_im[t - 1];
    }
    y.re[q] = all_re, y.im[q] = all_im;
#pragma GCC unroll 8
    for (std::size_t u = 1; u <= half; ++u) {
      double a = re0, b = im0, c = 0, d = 0;
#pragma GCC unroll 8
      for (std::size_t t = 1; t <= half; ++t) {
        a += w[t * u % R].re * sum_re[t - 1], b += w[t * u % R].re * sum_im[t - 1];
        c += w[t * u % R].im * dif_re[t - 1], d += w[t * u % R].im * dif_im[t - 1];
      }
      const auto low = turn[u], high = turn[R - u];
      y.re[q + s * u] = (a - d) * low.re - (b + c) * low.im;
      y.im[q + s * u] = (a - d) * low.im + (b + c) * low.re;
      y.re[q + s * (R - u)] = (a + d) * high.re - (b - c) * high.im;
      y.im[q + s * (R - u)] = (a + d) * high.im + (b - c) * high.re;
    }
  }
}

template <>
void columns<2>(const pass& at, std::size_t p, std::size_t first, std::size_t last,
                const factor_roots&, const factor_roots& twiddle) {
  const split_complex x0 = at.x + at.s * p, x1 = x0 + at.s * at.m;
  const split_complex y0 = at.y + at.s * 2 * p, y1 = y0 + at.s;
  const auto [c, d] = twiddle[1];
  for (std::size_t q = first; q < last; ++q) {
    const double a = x0.re[q] - x1.re[q], b = x0.im[q] - x1.im[q];
    y0.re[q] = x0.re[q] + x1.re[q];
    y0.im[q] = x0.im[q] + x1.im[q];
    y1.re[q] = a * c - b * d;
    y1.im[q] = a * d + b * c;
  }
}

template <>
void columns<4>(const pass& at, std::size_t p, std::size_t first, std::size_t last,
                const factor_roots&, const factor_roots& twiddle) {
  const std::size_t step = at.s * at.m;
  const split_complex x0 = at.x + at.s * p, x1 = x0 + step, x2 = x1 + step, x3 = x2 + step;
  const split_complex y0 = at.y + at.s * 4 * p, y1 = y0 + at.s, y2 = y1 + at.s, y3 = y2 + at.s;
  const auto [c1, d1] = twiddle[1];
  const auto [c2, d2] = twiddle[2];
  const auto [c3, d3] = twiddle[3];
#pragma GCC ivdep  // x and y never overlap
  for (std::size_t q = first; q < last; ++q) {
    const double a = x0.re[q] + x2.re[q], b = x0.im[q] + x2.im[q];
    const double c = x0.re[q] - x2.re[q], d = x0.im[q] - x2.im[q];
    const double e = x1.re[q] + x3.re[q], f = x1.im[q] + x3.im[q];
    const double g = x1.re[q] - x3.re[q], h = x1.im[q] - x3.im[q];
    y0.re[q] = a + e;
    y0.im[q] = b + f;
    y1.re[q] = (c + h) * c1 - (d - g) * d1;
    y1.im[q] = (c + h) * d1 + (d - g) * c1;
    y2.re[q] = (a - e) * c2 - (b - f) * d2;
    y2.im[q] = (a - e) * d2 + (b - f) * c2;
    y3.re[q] = (c - h) * c3 - (d + g) * d3;
    y3.im[q] = (c - h) * d3 + (d + g) * c3;
  }
}

template <std::size_t R>
void run_pass(const pass& at, cpu_context& context) {
  factor_roots w{};
  for (std::size_t t = 0; t < R; ++t) w[t] = exact_root(t, R);
  parallel_for(at.s * at.m, grain, [&](std::size_t first, std::size_t last) {
    if (context.stop_requested()) return;
    for (std::size_t p = first / at.s; p * at.s < last; ++p) {
      factor_roots twiddle{};
      twiddle[0] = {1, 0};
      for (std::size_t u = 1; u < R; ++u) twiddle[u] = at.roots[p * u * at.s];
      columns<R>(at, p, p * at.s < first ? first - p * at.s : 0, std::min(at.s, last - p * at.s), w,
                 twiddle);
    }
  });
}

void run_pass_of(std::size_t factor, const pass& at, cpu_context& context) {
  switch (factor) {
    case 2:
      return run_pass<2>(at, context);
    case 3:
      return run_pass<3>(at, context);
    case 4:
      return run_pass<4>(at, context);
    case 5:
      return run_pass<5>(at, context);
    case 7:
      return run_pass<7>(at, context);
    case 11:
      return run_pass<11>(at, context);
    default:
      return run_pass<13>(at, context);
  }
}

/// x ← x · y, element by element.
void multiply(split_complex x, split_complex y, std::size_t n, cpu_context& context) {
  parallel_for(n, grain, [&](std::size_t first, std::size_t last) {
    if (context.stop_requested()) return;
    for (std::size_t i = first; i < last; ++i) {
      const double re = x.re[i] * y.re[i] - x.im[i] * y.im[i];
      x.im[i] = x.re[i] * y.im[i] + x.im[i] * y.re[i];
      x.re[i] = re;
    }
  });
}

}  // namespace

split_complex allocate_split(std::size_t count, cpu_context& context) {
  return {context.allocate<double>(count).data, context.allocate<double>(count).data};
}

unit_roots::unit_roots(std::size_t n, cpu_context& context)
    : shift_{static_cast<unsigned>(std::bit_width(n)) / 2}, mask_{(std::size_t{1} << shift_) - 1} {
  low_ = allocate_split(mask_ + 1, context);
  high_ = allocate_split((n >> shift_) + 1, context);
  for (std::size_t k = 0; k <= mask_; ++k) {
    const auto [re, im] = exact_root(k, n);
    low_.re[k] = re, low_.im[k] = im;
  }
  for (std::size_t k = 0; k <= n >> shift_; ++k) {
    const auto [re, im] = exact_root(k << shift_, n);
    high_.re[k] = re, high_.im[k] = im;
  }
}

transform::transform(std::size_t n, cpu_context& context)
    : n_{n},
      padded_{is_smooth(n) ? n : padded_length(2 * n - 1)},
      context_{context},
      roots_{padded_, context} {
  if (padded_ == n_) return;
  const unit_roots half_steps{2 * n, context};
  chirp_ = allocate_split(n, context);
  chirp_spectrum_ = allocate_split(padded_, context);
  std::fill_n(chirp_spectrum_.re, padded_, 0.0);
  std::fill_n(chirp_spectrum_.im, padded_, 0.0);
  for (std::size_t k = 0, square = 0; k < n; ++k) {
    const auto [re, im] = half_steps[square];
    chirp_.re[k] = re, chirp_.im[k] = im;
    const std::size_t mirrored = k == 0 ? 0 : padded_ - k;
    chirp_spectrum_.re[k] = chirp_spectrum_.re[mirrored] = re;
    chirp_spectrum_.im[k] = chirp_spectrum_.im[mirrored] = -im;
    square += 2 * k + 1;  // k² modulo 2n
    if (square >= 2 * n) square -= 2 * n;
  }
  run_smooth(chirp_spectrum_, allocate_split(padded_, context));
}

/// Stockham's autosort algorithm (Van Loan, Computational Frameworks for the FFT, 1.7), with mixed
/// factors and decimation in frequency.
void transform::run_smooth(split_complex x, split_complex scratch) const {
  split_complex from = x, to = scratch;
  for (std::size_t s = 1; s < padded_ && !context_.stop_requested();) {
    const std::size_t factor = next_factor(padded_ / s);
    run_pass_of(factor, {from, to, s, padded_ / s / factor, roots_}, context_);
    std::swap(from, to);
    s *= factor;
  }
  if (from.re == x.re) return;
  std::copy_n(from.re, padded_, x.re);
  std::copy_n(from.im, padded_, x.im);
}

/// Bluestein's algorithm (IEEE Trans. Audio Electroacoust. 18, 1970) where n is not smooth: jk is
/// (j² + k² - (k - j)²) / 2, so the transform is a convolution with a chirp.
void transform::run(split_complex x, split_complex scratch) const {
  if (padded_ == n_) return run_smooth(x, scratch);
  multiply(x, chirp_, n_, context_);
  std::fill(x.re + n_, x.re + padded_, 0.0);
  std::fill(x.im + n_, x.im + padded_, 0.0);
  run_smooth(x, scratch);
  multiply(x, chirp_spectrum_, padded_, context_);
  run_smooth(x.swapped(), scratch);
  multiply(x, chirp_, n_, context_);
  const double scale = 1 / static_cast<double>(padded_);
  for (std::size_t i = 0; i < n_; ++i) x.re[i] *= scale, x.im[i] *= scale;
}

}  // namespace kernd::kernels
