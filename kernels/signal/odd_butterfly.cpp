#include "kernels/signal/butterflies.hpp"

#include <cstddef>
#include <cstring>
#include <limits>

namespace kernd::kernels {

namespace {

/// Butterflies of an odd radix that is known at run time only, as many columns at a time as `V`, a
/// double or a vector of them, has elements. Inlined everywhere, into code that has such vectors.
template <class V>
class odd_butterfly {
 public:
  static constexpr std::size_t width = sizeof(V) / sizeof(double);

  [[gnu::always_inline]] odd_butterfly(const butterfly_pass& at, split_complex x, split_complex y)
      : at_{at}, x_{x}, y_{y}, half_{at.radix / 2} {}

  /// Runs `width` columns from `column` on.
  [[gnu::always_inline]] void run(std::size_t column) {
    place(column);
    gather(column);
    std::size_t u = 1;
    for (; u < half_; u += 2) rows<2>(u);  // two keep all registers busy
    if (u == half_) rows<1>(u);
  }

 private:
  static constexpr std::size_t largest_half = butterfly_pass::largest_radix / 2;

  /// Where the outputs go, and what they are multiplied by.
  [[gnu::always_inline]] void place(std::size_t column) {
    const std::size_t s = at_.s, p = column / s;
    is_one_run_ = column + width <= s * (p + 1);
    for (std::size_t j = 0; j < width; ++j) {
      to_[j] = column + j + s * (at_.radix - 1) * ((column + j) / s);
    }
    if (is_one_run_ && p == turned_for_) return;
    turned_for_ = is_one_run_ ? p : std::numeric_limits<std::size_t>::max();
    for (std::size_t u = 1; u < at_.radix; ++u) {
      double re[width], im[width];
      for (std::size_t j = 0; j < width; ++j) {
        const auto root = j == 0 || !is_one_run_ ? at_.twiddles[(column + j) / s * u * s]
                                                 : unit_roots::root{re[0], im[0]};
        re[j] = root.re, im[j] = root.im;
      }
      std::memcpy(&turn_re_[u], re, sizeof(V));
      std::memcpy(&turn_im_[u], im, sizeof(V));
    }
  }

  /// Elements t and R - t share their products: their sums and differences, and row 0.
  [[gnu::always_inline]] void gather(std::size_t column) {
    const std::size_t step = at_.s * at_.m;
    const split_complex from = x_ + column;
    std::memcpy(&first_re_, from.re, sizeof(V));
    std::memcpy(&first_im_, from.im, sizeof(V));
    V all_re = first_re_, all_im = first_im_;
    for (std::size_t t = 1; t <= half_; ++t) {
      const split_complex low = from + step * t, high = from + step * (at_.radix - t);
      V low_re, low_im, high_re, high_im;
      std::memcpy(&low_re, low.re, sizeof(V));
      std::memcpy(&low_im, low.im, sizeof(V));
      std::memcpy(&high_re, high.re, sizeof(V));
      std::memcpy(&high_im, high.im, sizeof(V));
      sum_re_[t] = low_re + high_re, dif_re_[t] = low_re - high_re;
      sum_im_[t] = low_im + high_im, dif_im_[t] = low_im - high_im;
      all_re += sum_re_[t], all_im += sum_im_[t];
    }
    store(0, all_re, all_im);
  }

  /// Rows u to u + N - 1, and those as far from the end.
  template <std::size_t N>
  [[gnu::always_inline]] void rows(std::size_t u) {
    V a[N], b[N], c[N], d[N];
    std::size_t k[N];
#pragma GCC unroll 2
    for (std::size_t n = 0; n < N; ++n) {
      a[n] = first_re_, b[n] = first_im_, c[n] = V{}, d[n] = V{}, k[n] = u + n;
    }
    for (std::size_t t = 1; t <= half_; ++t) {
#pragma GCC unroll 2
      for (std::size_t n = 0; n < N; ++n) {
        const auto [re, im] = at_.roots[k[n]];
        a[n] += re * sum_re_[t], b[n] += re * sum_im_[t];
        c[n] += im * dif_re_[t], d[n] += im * dif_im_[t];
        k[n] += u + n;  // t (u + n) modulo R
        k[n] -= k[n] >= at_.radix ? at_.radix : 0;
      }
    }
#pragma GCC unroll 2
    for (std::size_t n = 0; n < N; ++n) {
      turn_and_store(u + n, a[n] - d[n], b[n] + c[n]);
      turn_and_store(at_.radix - u - n, a[n] + d[n], b[n] - c[n]);
    }
  }

  [[gnu::always_inline]] void turn_and_store(std::size_t u, const V& re, const V& im) {
    store(u, re * turn_re_[u] - im * turn_im_[u], re * turn_im_[u] + im * turn_re_[u]);
  }

  [[gnu::always_inline]] void store(std::size_t u, const V& re, const V& im) {
    const split_complex to = y_ + at_.s * u;
    if (is_one_run_) {
      std::memcpy(to.re + to_[0], &re, sizeof(V));
      std::memcpy(to.im + to_[0], &im, sizeof(V));
      return;
    }
    double some_re[width], some_im[width];
    std::memcpy(some_re, &re, sizeof(V));
    std::memcpy(some_im, &im, sizeof(V));
    for (std::size_t j = 0; j < width; ++j) {
      to.re[to_[j]] = some_re[j], to.im[to_[j]] = some_im[j];
    }
  }

  const butterfly_pass at_;
  const split_complex x_, y_;
  const std::size_t half_;
  bool is_one_run_ = false;  // all columns have the same p, so their outputs lie side by side
  std::size_t turned_for_ = std::numeric_limits<std::size_t>::max();  // the p of the twiddles
  std::size_t to_[width];
  V first_re_, first_im_;
  V sum_re_[largest_half + 1], sum_im_[largest_half + 1];
  V dif_re_[largest_half + 1], dif_im_[largest_half + 1];
  V turn_re_[butterfly_pass::largest_radix], turn_im_[butterfly_pass::largest_radix];
};

/// `V` is one that the code around it has registers for.
template <class V>
[[gnu::always_inline]] inline void odd_columns(const butterfly_pass& at, split_complex x,
                                               split_complex y, std::size_t first,
                                               std::size_t last) {
  constexpr std::size_t width = odd_butterfly<V>::width;
  if (last - first < width) {
    odd_butterfly<double> one{at, x, y};
    for (std::size_t column = first; column < last; ++column) one.run(column);
    return;
  }
  odd_butterfly<V> some{at, x, y};
  for (std::size_t column = first; column + width <= last; column += width) some.run(column);
  // What is left, together with columns that are done: they get the same values again.
  if ((last - first) % width != 0) some.run(last - width);
}

void odd_columns_2(const butterfly_pass& at, split_complex x, split_complex y, std::size_t first,
                   std::size_t last) {
  using vector [[gnu::vector_size(16)]] = double;
  odd_columns<vector>(at, x, y, first, last);
}

#ifdef __x86_64__
[[gnu::target("avx2"), gnu::flatten]] void odd_columns_4(const butterfly_pass& at, split_complex x,
                                                         split_complex y, std::size_t first,
                                                         std::size_t last) {
  using vector [[gnu::vector_size(32)]] = double;
  odd_columns<vector>(at, x, y, first, last);
}

[[gnu::target("avx512f,avx512dq"), gnu::flatten]] void odd_columns_8(const butterfly_pass& at,
                                                                     split_complex x,
                                                                     split_complex y,
                                                                     std::size_t first,
                                                                     std::size_t last) {
  using vector [[gnu::vector_size(64)]] = double;
  odd_columns<vector>(at, x, y, first, last);
}
#endif

}  // namespace

butterfly_function widest_odd_butterfly() {
#ifdef __x86_64__
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")) return odd_columns_8;
  if (__builtin_cpu_supports("avx2")) return odd_columns_4;
#endif
  return odd_columns_2;
}

}  // namespace kernd::kernels
