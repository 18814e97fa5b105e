#pragma once

#include "kernd/host_device.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>

/// Elementary functions in f64 without branches, tables or calls, so that a compiler can compute
/// several elements of a loop at once. The same bits wherever IEEE arithmetic is not contracted.
/// The bounds are relative errors, and tests hold them against the C library.
namespace kernd::kernels::branchless {

/// The first of `size` coefficients is the constant one.
template <std::size_t size>
KERND_HOST_DEVICE constexpr double polynomial(double x, const double (&coefficients)[size]) {
  double value = coefficients[size - 1];
  for (std::size_t i = size - 1; i-- > 0;) value = value * x + coefficients[i];
  return value;
}

/// eˣ for |x| ≤ 708, and e^±708 beyond; error ≤ 2e-14. x = k ln 2 + r with |r| ≤ ln 2 / 2, and
/// Taylor's polynomial of degree 11 for eʳ.
KERND_HOST_DEVICE constexpr double exp(double x) {
  constexpr double shifter = 0x1.8p52;  // adding it leaves the nearest integer in the low bits
  x = x < -708 ? -708 : x;
  x = x > 708 ? 708 : x;
  const double shifted = x * 0x1.71547652b82fep0 + shifter;
  const double k = shifted - shifter;
  const double r = (x - k * 0x1.62e42feep-1) - k * 0x1.a39ef35793c76p-33;  // ln 2 in two parts
  const double power = std::bit_cast<double>((std::bit_cast<std::uint64_t>(shifted) + 1023) << 52);
  return power * polynomial(r, {1., 1., 1. / 2, 1. / 6, 1. / 24, 1. / 120, 1. / 720, 1. / 5040,
                                1. / 40320, 1. / 362880, 1. / 3628800, 1. / 39916800});
}

/// ln x of a positive normal number; error ≤ 1e-15, absolute where |ln x| < 1. x = 2ᵏ m with m
/// between √½ and √2, and the series of 2 artanh(s) = ln m with s = (m − 1) / (m + 1), |s| ≤ 0.172.
KERND_HOST_DEVICE constexpr double log(double x) {
  constexpr std::uint64_t sqrt_half = 0x3fe6a09e667f3bcd;
  constexpr double integer = 0x1p52;  // in its low bits stands the integer that is added to it
  const std::uint64_t bits = std::bit_cast<std::uint64_t>(x);
  const std::uint64_t steps = (bits + (0x3ff0000000000000 - sqrt_half)) >> 52;  // k + 1023
  const double k =
      std::bit_cast<double>(steps | std::bit_cast<std::uint64_t>(integer)) - (integer + 1023);
  const double m = std::bit_cast<double>(bits - (steps << 52) + 0x3ff0000000000000);
  const double s = (m - 1) / (m + 1);
  const double z = s * s;
  const double series =
      polynomial(z, {1. / 3, 1. / 5, 1. / 7, 1. / 9, 1. / 11, 1. / 13, 1. / 15, 1. / 17, 1. / 19});
  return k * 0x1.62e42fefa39efp-1 + (2 * s + 2 * s * (z * series));
}

/// The normal density.
KERND_HOST_DEVICE constexpr double normal_density(double x) {
  return 0x1.9884533d43651p-2 * exp(x * x * -0.5);  // 1 / √(2π)
}

/// N(−x) / density(x) for 0 ≤ x ≤ 38; error ≤ 1e-13. After Shepherd and Laframboise, Mathematics
/// of Computation 36 (1981); mills_ratio_fit.py made the coefficients.
KERND_HOST_DEVICE constexpr double mills_ratio(double x) {
  const double t = (x - 4.75) / (x + 4.75);
  const double flat = polynomial(
      t, {1.1830059343033228, -0.27073646654814654, 0.0992016695157904, 0.01597692744254609,
          -0.06048627098768633, 0.05489956680746477, -0.031085544579259192, 0.011182270008726933,
          -0.0016537903183505495, -0.0006407513012465961, 0.00038444845077722047,
          -1.1512775889962136e-05, -4.913843265718684e-05, 8.380594320773208e-06,
          6.150670509031165e-06, -1.1950011442173011e-06, -6.883488684530081e-07});
  return flat / (x + 1.1);
}

/// N(x) for |x| ≤ 37.5, the normal distribution; `density` is the density at x. Error ≤ 3e-13, in
/// both tails.
KERND_HOST_DEVICE constexpr double normal_cdf(double x, double density) {
  const double tail = density * mills_ratio(x < 0 ? -x : x);
  return x < 0 ? tail : 1 - tail;
}

}  // namespace kernd::kernels::branchless
