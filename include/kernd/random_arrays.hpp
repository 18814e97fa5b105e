#pragma once

#include "kernd/cpu_context.hpp"
#include "kernd/numbers.hpp"
#include "kernd/parallel.hpp"
#include "kernd/philox.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace kernd {

/// Arrays for a kernel's `sample`: the same for the same seed and the same calls, on any machine
/// and any number of threads.
class random_arrays {
 public:
  /// `context` outlives this and the arrays.
  random_arrays(std::uint64_t seed, cpu_context& context) : words_{seed}, context_{context} {}

  /// `count` numbers, evenly from `low` to below `high`; those with a fraction may be rounded to
  /// it.
  template <number_type T>
  array<T> between(T low, T high, std::size_t count) {
    return filled<T>(
        count, [low, width = static_cast<double>(high) - static_cast<double>(low)](double uniform) {
          return static_cast<T>(static_cast<double>(low) + uniform * width);
        });
  }

  /// `count` values that are `first` or `second`, each as often as the other.
  template <class T>
  array<T> either(T first, T second, std::size_t count) {
    return filled<T>(count,
                     [first, second](double uniform) { return uniform < 0.5 ? first : second; });
  }

 private:
  /// Each value is what `of` makes of a number from [0, 1).
  template <class T, class F>
  array<T> filled(std::size_t count, F of) {
    constexpr std::size_t grain = std::size_t{1} << 15;  // even: a pair stays in one range
    const std::uint32_t stream = streams_++;
    const array<T> values = context_.allocate<T>(count);
    parallel_for(count, grain, [&](std::size_t first, std::size_t last) {
      for (std::size_t i = first; i < last; i += 2) {
        const std::uint64_t pair = i / 2;
        const auto w = words_(
            {static_cast<std::uint32_t>(pair), static_cast<std::uint32_t>(pair >> 32), stream, 0});
        values[i] = of(philox::uniform(w[0], w[1]));
        if (i + 1 < last) values[i + 1] = of(philox::uniform(w[2], w[3]));
      }
    });
    return values;
  }

  philox words_;
  cpu_context& context_;
  std::uint32_t streams_ = 0;  // arrays so far, none of which shares a counter with another
};

}  // namespace kernd
