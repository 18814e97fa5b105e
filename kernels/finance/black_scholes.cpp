#include "kernels/finance/black_scholes.hpp"

#include "kernd/parallel.hpp"
#include "kernd/random_arrays.hpp"
#include "kernels/finance/option_value.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

namespace kernd::kernels {

namespace {

using input = black_scholes::input;
using output = black_scholes::output;

/// Options that are priced in one go; what they need stays in the first-level cache.
constexpr std::size_t block = 128;

/// The terms of up to `block` options, one array per term, so that the compiler can compute several
/// options at once. `sign` is 1 for a call and −1 for a put.
struct terms {
  double spot[block], strike[block], rate[block], yield[block], volatility[block], expiry[block],
      sign[block];
};

struct sensitivities {
  float price[block], delta[block], gamma[block], vega[block], theta[block], rho[block];
};

struct named_length {
  const char* name;
  std::uint64_t size;
};

/// The elements from `first` on as f64, or the one for all.
void load(const array<float>& from, std::size_t first, double (&to)[block], std::size_t count) {
  if (from.size == 1) {
    std::fill_n(to, count, double{from[0]});
  } else {
    for (std::size_t i = 0; i < count; ++i) to[i] = double{from[first + i]};
  }
}

void load(const input& in, std::size_t first, terms& to, std::size_t count) {
  load(in.spot, first, to.spot, count);
  load(in.strike, first, to.strike, count);
  load(in.rate, first, to.rate, count);
  if (in.dividend_yield) {
    load(*in.dividend_yield, first, to.yield, count);
  } else {
    std::fill_n(to.yield, count, 0.0);
  }
  load(in.volatility, first, to.volatility, count);
  load(in.expiry, first, to.expiry, count);
  for (std::size_t i = 0; i < count; ++i) {
    const option_type type = in.type[in.type.size == 1 ? 0 : first + i];
    to.sign[i] = type == option_type::call ? 1.0 : -1.0;
  }
}

/// The loop is written to be vectorised.
[[gnu::always_inline]] inline void price_block(const terms& in, sensitivities& out) {
  for (std::size_t i = 0; i < block; ++i) {
    const option_value value = value_of({in.spot[i], in.strike[i], in.rate[i], in.yield[i],
                                         in.volatility[i], in.expiry[i], in.sign[i]});
    out.price[i] = value.price;
    out.delta[i] = value.delta;
    out.gamma[i] = value.gamma;
    out.vega[i] = value.vega;
    out.theta[i] = value.theta;
    out.rho[i] = value.rho;
  }
}

using price_function = void (*)(const terms&, sensitivities&);

void price_2(const terms& in, sensitivities& out) {
  price_block(in, out);
}

#ifdef __x86_64__
[[gnu::target("avx2"), gnu::flatten]] void price_4(const terms& in, sensitivities& out) {
  price_block(in, out);
}

[[gnu::target("avx512f,avx512dq,prefer-vector-width=512"), gnu::flatten]] void price_8(
    const terms& in, sensitivities& out) {
  price_block(in, out);
}
#endif

/// The widest that this machine has; the same bits from each, as none contracts a product and a
/// sum.
price_function widest() {
#ifdef __x86_64__
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")) return price_8;
  if (__builtin_cpu_supports("avx2")) return price_4;
#endif
  return price_2;
}

}  // namespace

kernel_info black_scholes::info() {
  constexpr double largest = 1000;
  return {
      .id = "finance/black-scholes",
      .version = "1.0.0",
      .description =
          "Prices European options after Black, Scholes and Merton, with their Greeks; "
          "every array holds one value per option, or one for all.",
      .expected_throughput = 5e7,
      .target_latency_us = 20,
      .max_batch_size = 64,
      // Computed in f64 from f32 numbers and rounded once: half a unit in the last place, and the
      // 1e-12 of the spot that cancellation and the approximations of exp and N may leave.
      .tolerance = 1e-6,
      .example = {.input = R"({"spot":[100,42],"strike":[100,40],"rate":[0.05,0.1],)"
                           R"("volatility":[0.2],"expiry":[1,0.5],"type":["call","put"]})",
                  .output = R"({"price":[10.450583,0.8085994],"delta":[0.6368306,-0.2208687],)"
                            R"("gamma":[0.018762017,0.04996267],"vega":[37.524036,8.813416],)"
                            R"("theta":[-6.4140277,-0.75417453],"rho":[53.232483,-5.0425425]})"},
      .fields = {
          field<&input::spot>{.doc = "Price of the underlying today.", .min = 0},
          field<&input::strike>{.doc = "Price at which the option is exercised.", .min = 0},
          field<&input::rate>{.doc = "Risk-free rate, continuously compounded: 0.05 is 5 %.",
                              .unit = "1/year",
                              .min = -10,
                              .max = 10},
          field<&input::dividend_yield>{.doc = "Continuous dividend yield; absent means 0.",
                                        .unit = "1/year",
                                        .min = -10,
                                        .max = 10},
          field<&input::volatility>{.doc = "Annual volatility of the underlying; at 0 the outputs "
                                           "are limits.",
                                    .unit = "1/√year",
                                    .min = 0,
                                    .max = 100},
          field<&input::expiry>{.doc = "Time to expiry; at 0 the price is the payoff.",
                                .unit = "years",
                                .min = 0,
                                .max = largest},
          field<&input::type>{.doc = "Whether the option is to buy or to sell."},
          field<&output::price>{.doc = "What the option is worth today."},
          field<&output::delta>{.doc = "Change of the price with the spot."},
          field<&output::gamma>{.doc = "Change of delta with the spot; 0 at no volatility or "
                                       "time."},
          field<&output::vega>{.doc = "Change of the price with the volatility, per 1.00."},
          field<&output::theta>{.doc = "Change of the price with passing time.", .unit = "1/year"},
          field<&output::rho>{.doc = "Change of the price with the rate, per 1.00."}}};
}

result<void> black_scholes::validate(const input& in) {
  const std::uint64_t count = size(in);
  for (const named_length& field :
       {named_length{"/spot", in.spot.size}, named_length{"/strike", in.strike.size},
        named_length{"/rate", in.rate.size},
        named_length{"/dividend_yield", in.dividend_yield ? in.dividend_yield->size : 1},
        named_length{"/volatility", in.volatility.size}, named_length{"/expiry", in.expiry.size},
        named_length{"/type", in.type.size}}) {
    if (field.size == 1 || field.size == count) continue;
    return invalid_input(field.name, "1 element or " + std::to_string(count),
                         std::to_string(field.size));
  }
  return {};
}

result<output> black_scholes::run(const input& in, cpu_context& context) {
  constexpr std::size_t grain = 64 * block;  // a fraction of a millisecond
  static const price_function price = widest();
  const std::size_t count = size(in);
  const auto allocate = [&] { return context.allocate<float>(count); };
  const output out{allocate(), allocate(), allocate(), allocate(), allocate(), allocate()};
  parallel_for(count, grain, [&](std::size_t begin, std::size_t end) {
    if (context.stop_requested()) return;
    terms some{};
    sensitivities found;
    for (std::size_t first = begin; first < end; first += block) {
      const std::size_t size = std::min(block, end - first);
      load(in, first, some, size);
      price(some, found);
      std::copy_n(found.price, size, &out.price[first]);
      std::copy_n(found.delta, size, &out.delta[first]);
      std::copy_n(found.gamma, size, &out.gamma[first]);
      std::copy_n(found.vega, size, &out.vega[first]);
      std::copy_n(found.theta, size, &out.theta[first]);
      std::copy_n(found.rho, size, &out.rho[first]);
    }
  });
  return out;
}

/// Options of all kinds, with nothing that holds for all of them.
black_scholes::input black_scholes::sample(std::size_t bytes, std::uint64_t seed,
                                           cpu_context& context) {
  const std::size_t count =
      std::max<std::size_t>(1, bytes / (6 * sizeof(float) + sizeof(option_type)));
  random_arrays random{seed, context};
  input in;
  in.spot = random.between(50.0F, 150.0F, count);
  in.strike = random.between(50.0F, 150.0F, count);
  in.rate = random.between(-0.01F, 0.1F, count);
  in.dividend_yield = random.between(0.0F, 0.05F, count);
  in.volatility = random.between(0.05F, 0.8F, count);
  in.expiry = random.between(0.0F, 3.0F, count);
  in.type = random.either(option_type::call, option_type::put, count);
  return in;
}

}  // namespace kernd::kernels
