#pragma once

#include "kernd/host_device.hpp"
#include "kernels/core/reduce.hpp"

#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <type_traits>

/// What `reduce` computes, whoever adds and compares: the CPU or a device. Sums are made of blocks
/// and lanes, so that their order, and with it their bits, are the same everywhere.
namespace kernd::kernels::reduction {

/// Elements that are added in one go. Each lane adds every 64th of them; then the lanes are added
/// in pairs.
inline constexpr std::size_t block = std::size_t{1} << 16;
inline constexpr std::size_t lanes = 64;

__extension__ using wide_integer = __int128;

inline std::size_t count_blocks(std::size_t size) {
  return (size + block - 1) / block;
}

/// The sum of the blocks' sums, which are lost: neighbours in pairs, then pairs of pairs, so that
/// the error grows with the logarithm of the size.
inline double sum_in_pairs(std::span<double> parts) {
  for (std::size_t n = parts.size(); n > 1; n = (n + 1) / 2) {
    for (std::size_t i = 0; 2 * i < n; ++i) {
      parts[i] = 2 * i + 1 < n ? parts[2 * i] + parts[2 * i + 1] : parts[2 * i];
    }
  }
  return parts.empty() ? 0 : parts[0];
}

struct plain {
  template <class T>
  KERND_HOST_DEVICE double operator()(T v) const {
    return static_cast<double>(v);
  }
};

struct scaled_down {
  template <class T>
  KERND_HOST_DEVICE double operator()(T v) const {
    return static_cast<double>(v) * 0x1p-64;
  }
};

struct square {
  template <class T>
  KERND_HOST_DEVICE double operator()(T v) const {
    return static_cast<double>(v) * static_cast<double>(v);
  }
};

struct scaled_square {
  int exponent;

  template <class T>
  KERND_HOST_DEVICE double operator()(T v) const {
    const double scaled = std::ldexp(static_cast<double>(v), -exponent);
    return scaled * scaled;
  }
};

struct less {
  template <class T>
  KERND_HOST_DEVICE bool operator()(T a, T b) const {
    return a < b;
  }
};

struct greater {
  template <class T>
  KERND_HOST_DEVICE bool operator()(T a, T b) const {
    return a > b;
  }
};

struct greater_magnitude {
  template <class T>
  KERND_HOST_DEVICE bool operator()(T a, T b) const {
    return std::fabs(static_cast<double>(a)) > std::fabs(static_cast<double>(b));
  }
};

/// An element and where it is.
template <class T>
struct place {
  T value;
  std::uint64_t index;
};

/// Adds and compares all elements, of type `number`: `sum(term)` adds what `term` makes of them,
/// `integer_sum()` is exact, and `first(before)` finds the one that comes first under `before`, the
/// lowest index where several do; then there are some.
template <class E>
concept engine = requires(E& e) {
  typename E::number;
  { e.size() } -> std::same_as<std::size_t>;
  { e.sum(plain{}) } -> std::same_as<double>;
  { e.first(less{}) } -> std::same_as<place<typename E::number>>;
};

/// Exact but for the last rounding and that of the quotient: 2^64 elements of 64 bits fit.
template <engine E>
requires std::integral<typename E::number>
double sum_over(E& elements, double divisor) {
  return static_cast<double>(elements.integer_sum()) / divisor;
}

/// Where a partial sum leaves the range of f64, the elements are made smaller by a power of two
/// that is larger than their number: what they lose is far below the sum's own rounding.
template <engine E>
double sum_over(E& elements, double divisor) {
  const double sum = elements.sum(plain{}) / divisor;
  if (!std::is_same_v<typename E::number, double> || std::isfinite(sum)) return sum;
  return elements.sum(scaled_down{}) / divisor * 0x1p64;
}

/// √Σx², also where squares leave the range of f64: then with x scaled by a power of two.
template <engine E>
double norm2(E& elements) {
  const double sum = elements.sum(square{});
  const bool is_in_range = sum > 1e-280 && std::isfinite(sum);
  if (!std::is_same_v<typename E::number, double> || is_in_range || elements.size() == 0) {
    return std::sqrt(sum);
  }
  const auto largest = elements.first(greater_magnitude{}).value;
  if (largest == typename E::number{}) return 0;
  const int exponent = std::ilogb(static_cast<double>(largest));
  return std::ldexp(std::sqrt(elements.sum(scaled_square{exponent})), exponent);
}

template <engine E>
reduce::output apply(reduce::operation op, E& elements) {
  using operation = reduce::operation;
  reduce::output out{.value = 0, .index = std::nullopt, .count = elements.size()};
  if (op == operation::sum) {
    out.value = sum_over(elements, 1);
  } else if (op == operation::mean) {
    out.value = sum_over(elements, static_cast<double>(elements.size()));
  } else if (op == operation::norm2) {
    out.value = norm2(elements);
  } else {
    const bool smallest = op == operation::min || op == operation::argmin;
    const auto found = smallest ? elements.first(less{}) : elements.first(greater{});
    out.value = static_cast<double>(found.value);
    if (op == operation::argmin || op == operation::argmax) out.index = found.index;
  }
  return out;
}

}  // namespace kernd::kernels::reduction
