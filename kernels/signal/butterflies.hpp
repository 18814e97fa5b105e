#pragma once

#include "kernels/signal/unit_roots.hpp"

#include <cstddef>

namespace kernd::kernels {

/// One pass of Stockham's algorithm: its s · m columns are transforms of length R, the radix, from
/// x[q + s (p + m t)] to y[q + s (R p + u)], 0 ≤ t, u < R, where column q + s p has q < s.
struct butterfly_pass {
  static constexpr std::size_t largest_small_radix = 7;
  static constexpr std::size_t largest_radix = 509;

  std::size_t radix;              ///< 2, 4 or odd, at most `largest_radix`.
  std::size_t s, m;               ///< How many transforms are interleaved; what is left of each.
  const unit_roots& twiddles;     ///< Of order R s m.
  const unit_roots::root* roots;  ///< All R of order R.
};

/// Runs the columns from `first` to before `last`; `x` and `y` do not overlap. Any columns may be
/// run at the same time and in any order.
using butterfly_function = void (*)(const butterfly_pass& at, split_complex x, split_complex y,
                                    std::size_t first, std::size_t last);

/// For radix 2, 4 and the odd ones up to `largest_small_radix`, and for any odd one: the widest
/// that this machine has, all with the same bits.
butterfly_function widest_small_butterflies();
butterfly_function widest_odd_butterfly();

}  // namespace kernd::kernels
