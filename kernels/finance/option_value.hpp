#pragma once

#include "kernd/host_device.hpp"
#include "kernels/finance/branchless_math.hpp"

#include <cmath>

namespace kernd::kernels {

/// `sign` is 1 for a call and −1 for a put.
struct option_terms {
  double spot, strike, rate, yield, volatility, expiry, sign;
};

struct option_value {
  float price, delta, gamma, vega, theta, rho;
};

/// d₁ and d₂ stay within ±37.5, where N is 0 or 1 to more digits than f64 has.
KERND_HOST_DEVICE constexpr double clamp_deviations(double d) {
  d = d < -37.5 ? -37.5 : d;
  return d > 37.5 ? 37.5 : d;
}

/// The formulas of `black_scholes`, without a branch or a call, so that a loop over options can be
/// vectorised. The same bits wherever products and sums are not contracted.
[[gnu::always_inline]] KERND_HOST_DEVICE inline option_value value_of(const option_terms& in) {
  constexpr double tiny = 1e-60;  // stands for 0 under a logarithm and below a fraction
  const double spot = in.spot, strike = in.strike, expiry = in.expiry;
  const double sign = in.sign, volatility = in.volatility;
  const double root = std::sqrt(expiry);
  const double deviation = volatility * root;
  const double moneyness =
      branchless::log((spot > tiny ? spot : tiny) / (strike > tiny ? strike : tiny)) +
      (in.rate - in.yield) * expiry;
  const double limit = moneyness > 0 ? 37.5 : moneyness < 0 ? -37.5 : 0;
  const double middle = moneyness / (deviation > 0 ? deviation : 1);
  const double half = 0.5 * deviation;
  const double d1 = deviation > 0 ? clamp_deviations(middle + half) : limit;
  const double d2 = deviation > 0 ? clamp_deviations(middle - half) : limit;

  const double density = branchless::normal_density(d1);
  const double n1 = branchless::normal_cdf(sign * d1, density);
  const double n2 = branchless::normal_cdf(sign * d2, branchless::normal_density(d2));
  const double growth = branchless::exp(-in.yield * expiry);
  const double discounted_spot = spot * growth;
  const double discounted_strike = strike * branchless::exp(-in.rate * expiry);

  const double value = sign * (discounted_spot * n1 - discounted_strike * n2);
  const double intrinsic = sign * (discounted_spot - discounted_strike);
  const double floor = intrinsic > 0 ? intrinsic : 0;  // rounding may not go below it
  const double slope = deviation > 0 && spot > 0 ? growth * density : 0;
  const double decay = root > 0 ? volatility / (2 * (root > 0 ? root : 1)) : 0;
  option_value out;
  out.price = static_cast<float>(value < floor ? floor : value);
  out.delta = static_cast<float>(sign * growth * n1);
  out.gamma =
      static_cast<float>(slope / ((spot > tiny ? spot : tiny) * (deviation > 0 ? deviation : 1)));
  out.vega = static_cast<float>(discounted_spot * density * root);
  out.theta = static_cast<float>(
      sign * (in.yield * discounted_spot * n1 - in.rate * discounted_strike * n2) -
      discounted_spot * density * decay);
  out.rho = static_cast<float>(sign * expiry * discounted_strike * n2);
  return out;
}

}  // namespace kernd::kernels
