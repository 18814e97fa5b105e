#include "kernels/signal/unit_roots.hpp"

#include <bit>
#include <cmath>
#include <numbers>

namespace kernd::kernels {

split_complex allocate_split(std::size_t count, cpu_context& context) {
  // One piece, which has huge pages the sooner; the parts begin in different cache sets.
  const std::size_t apart = (count + 7) / 8 * 8 + 72;
  double* const re = context.allocate<double>(apart + count).data;
  return {re, re + apart};
}

unit_roots::root exact_root(std::size_t k, std::size_t n) {
  const double angle = -2 * std::numbers::pi * (static_cast<double>(k) / static_cast<double>(n));
  return {std::cos(angle), std::sin(angle)};
}

unit_roots::unit_roots(std::size_t n, cpu_context& context)
    : shift_{static_cast<unsigned>(std::bit_width(n)) / 2}, mask_{(std::size_t{1} << shift_) - 1} {
  low_ = allocate_split(mask_ + 1, context);
  high_ = allocate_split((n >> shift_) + 1, context);
  const auto fill = [&](split_complex table, std::size_t size, unsigned shift) {
    for_elements(size, context, [&](std::size_t first, std::size_t last) {
      for (std::size_t k = first; k < last; ++k) {
        const auto [re, im] = exact_root(k << shift, n);
        table.re[k] = re, table.im[k] = im;
      }
    });
  };
  fill(low_, mask_ + 1, 0);
  fill(high_, (n >> shift_) + 1, shift_);
}

}  // namespace kernd::kernels
