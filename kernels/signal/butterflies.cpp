#include "kernels/signal/butterflies.hpp"

#include <algorithm>
#include <array>

namespace kernd::kernels {

namespace {

/// What the columns of one p share.
template <std::size_t R>
struct column_run {
  split_complex x, y;  // of the column with q = 0
  std::size_t s, m;
  std::array<unit_roots::root, R> roots, turn;

  column_run(const butterfly_pass& at, split_complex from, split_complex to, std::size_t p)
      : x{from + at.s * p}, y{to + at.s * R * p}, s{at.s}, m{at.m} {
    for (std::size_t u = 0; u < R; ++u) roots[u] = at.roots[u], turn[u] = at.twiddles[p * u * s];
  }
};

/// R is odd: t and R - t share their products.
template <std::size_t R>
void run_columns(const column_run<R>& run, std::size_t first, std::size_t last) {
  constexpr std::size_t half = (R - 1) / 2;
  const split_complex x = run.x, y = run.y;
  const std::size_t step = run.s * run.m, s = run.s;
  const auto w = run.roots, turn = run.turn;
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
void run_columns<2>(const column_run<2>& run, std::size_t first, std::size_t last) {
  const split_complex x0 = run.x, x1 = x0 + run.s * run.m;
  const split_complex y0 = run.y, y1 = y0 + run.s;
  const auto [c, d] = run.turn[1];
#pragma GCC ivdep  // x and y never overlap
  for (std::size_t q = first; q < last; ++q) {
    const double a = x0.re[q] - x1.re[q], b = x0.im[q] - x1.im[q];
    y0.re[q] = x0.re[q] + x1.re[q];
    y0.im[q] = x0.im[q] + x1.im[q];
    y1.re[q] = a * c - b * d;
    y1.im[q] = a * d + b * c;
  }
}

template <>
void run_columns<4>(const column_run<4>& run, std::size_t first, std::size_t last) {
  const std::size_t s = run.s, step = s * run.m;
  const split_complex x0 = run.x, x1 = x0 + step, x2 = x1 + step, x3 = x2 + step;
  const split_complex y0 = run.y, y1 = y0 + s, y2 = y1 + s, y3 = y2 + s;
  const auto [c1, d1] = run.turn[1];
  const auto [c2, d2] = run.turn[2];
  const auto [c3, d3] = run.turn[3];
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

/// Radix 4 where every column has a p of its own; `count` columns, the twiddles of which are a run.
void run_lone_columns(split_complex x, split_complex y, std::size_t m, const unit_roots::run& turn,
                      std::size_t count) {
  const split_complex x0 = x, x1 = x0 + m, x2 = x1 + m, x3 = x2 + m, steps = turn.steps;
  const auto [re, im] = turn.common;
#pragma GCC ivdep  // x and y never overlap
  for (std::size_t p = 0; p < count; ++p) {
    const double c1 = re * steps.re[p] - im * steps.im[p];
    const double d1 = re * steps.im[p] + im * steps.re[p];
    const double c2 = c1 * c1 - d1 * d1, d2 = 2 * c1 * d1;
    const double c3 = c1 * c2 - d1 * d2, d3 = c1 * d2 + d1 * c2;
    const double a = x0.re[p] + x2.re[p], b = x0.im[p] + x2.im[p];
    const double c = x0.re[p] - x2.re[p], d = x0.im[p] - x2.im[p];
    const double e = x1.re[p] + x3.re[p], f = x1.im[p] + x3.im[p];
    const double g = x1.re[p] - x3.re[p], h = x1.im[p] - x3.im[p];
    y.re[4 * p] = a + e;
    y.im[4 * p] = b + f;
    y.re[4 * p + 1] = (c + h) * c1 - (d - g) * d1;
    y.im[4 * p + 1] = (c + h) * d1 + (d - g) * c1;
    y.re[4 * p + 2] = (a - e) * c2 - (b - f) * d2;
    y.im[4 * p + 2] = (a - e) * d2 + (b - f) * c2;
    y.re[4 * p + 3] = (c - h) * c3 - (d + g) * d3;
    y.im[4 * p + 3] = (c - h) * d3 + (d + g) * c3;
  }
}

void lone_columns(const butterfly_pass& at, split_complex x, split_complex y, std::size_t first,
                  std::size_t last) {
  for (std::size_t p = first; p < last;) {
    const unit_roots::run turn = at.twiddles.run_from(p);
    const std::size_t count = std::min(turn.count, last - p);
    run_lone_columns(x + p, y + 4 * p, at.m, turn, count);
    p += count;
  }
}

template <std::size_t R>
void columns_of(const butterfly_pass& at, split_complex x, split_complex y, std::size_t first,
                std::size_t last) {
  for (std::size_t p = first / at.s; p * at.s < last; ++p) {
    run_columns<R>(column_run<R>{at, x, y, p}, p * at.s < first ? first - p * at.s : 0,
                   std::min(at.s, last - p * at.s));
  }
}

[[gnu::always_inline]] inline void columns(const butterfly_pass& at, split_complex x,
                                           split_complex y, std::size_t first, std::size_t last) {
  switch (at.radix) {
    case 2:
      return columns_of<2>(at, x, y, first, last);
    case 3:
      return columns_of<3>(at, x, y, first, last);
    case 4:
      return at.s == 1 ? lone_columns(at, x, y, first, last) : columns_of<4>(at, x, y, first, last);
    case 5:
      return columns_of<5>(at, x, y, first, last);
    case 7:
      return columns_of<7>(at, x, y, first, last);
    default:
      return columns_of<7>(at, x, y, first, last);
  }
}

void columns_2(const butterfly_pass& at, split_complex x, split_complex y, std::size_t first,
               std::size_t last) {
  columns(at, x, y, first, last);
}

#ifdef __x86_64__
[[gnu::target("avx2"), gnu::flatten]] void columns_4(const butterfly_pass& at, split_complex x,
                                                     split_complex y, std::size_t first,
                                                     std::size_t last) {
  columns(at, x, y, first, last);
}

[[gnu::target("avx512f,avx512dq,prefer-vector-width=512"), gnu::flatten]] void columns_8(
    const butterfly_pass& at, split_complex x, split_complex y, std::size_t first,
    std::size_t last) {
  columns(at, x, y, first, last);
}
#endif

}  // namespace

butterfly_function widest_small_butterflies() {
#ifdef __x86_64__
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")) return columns_8;
  if (__builtin_cpu_supports("avx2")) return columns_4;
#endif
  return columns_2;
}

}  // namespace kernd::kernels
