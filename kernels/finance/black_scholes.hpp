#pragma once

#include "kernd/kernel.hpp"

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>

namespace kernd::kernels {

enum class option_type : std::uint8_t { call, put };
BOOST_DESCRIBE_ENUM(option_type, call, put)

/// European options after Black, Scholes and Merton, with a continuous dividend yield q:
/// price = s (S e^(−qT) N(s d₁) − K e^(−rT) N(s d₂)), s = 1 for a call and −1 for a put,
/// d₁ = (ln(S/K) + (r − q + σ²/2) T) / (σ √T), d₂ = d₁ − σ √T; the Greeks are its derivatives.
///
/// At σ √T = 0 the outputs are their limits: the price is the discounted payoff at the forward and
/// N is 0, ½ or 1. Two have none where spot and strike are exactly equal in forward terms: gamma,
/// and the part of theta that volatility causes at expiry; both are 0 there. A spot or strike of 0
/// is a limit too: gamma is 0.
struct black_scholes {
  struct input {
    array<float> spot;
    array<float> strike;
    array<float> rate;
    std::optional<array<float>> dividend_yield;
    array<float> volatility;
    array<float> expiry;
    array<option_type> type;
  };
  struct output {
    array<float> price;
    array<float> delta;
    array<float> gamma;
    array<float> vega;
    array<float> theta;
    array<float> rho;
  };

  static kernel_info info();
  /// Arrays that do not hold one value for all have the same length.
  static result<void> validate(const input& in);
  static result<output> run(const input& in, cpu_context& context);
  static input sample(std::size_t bytes, std::uint64_t seed, cpu_context& context);

  // black_scholes.cu
  static result<output> run(const input& in, gpu::context& context);
  static result<void> run_batch(std::span<const input* const> in, std::span<output* const> out,
                                gpu::context& context);
  static const void* device_code() noexcept;

  /// How many options there are, once `validate` has agreed.
  static std::size_t size(const input& in) {
    for (const std::uint64_t size : {in.spot.size, in.strike.size, in.rate.size, in.volatility.size,
                                     in.expiry.size, in.type.size}) {
      if (size != 1) return size;
    }
    return in.dividend_yield ? in.dividend_yield->size : 1;
  }
};
BOOST_DESCRIBE_STRUCT(black_scholes::input, (),
                      (spot, strike, rate, dividend_yield, volatility, expiry, type))
BOOST_DESCRIBE_STRUCT(black_scholes::output, (), (price, delta, gamma, vega, theta, rho))

}  // namespace kernd::kernels
