#include "kernels/core/reduce.hpp"

#include "kernd/parallel.hpp"
#include "kernd/random_arrays.hpp"
#include "kernels/core/reduction.hpp"

#include <boost/describe/enum_to_string.hpp>

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <string>
#include <type_traits>

namespace kernd::kernels {

namespace {

using operation = reduce::operation;
using reduction::block, reduction::lanes, reduction::wide_integer;

constexpr std::size_t ahead_bytes = 2048;  // of the lanes: a core does not look as far by itself

/// Asks for the elements that are summed some turns later. They may lie outside the array: a
/// prefetch never faults.
template <class T>
void prefetch_lanes(const T* x) {
  const auto* const at = reinterpret_cast<const std::byte*>(x) + ahead_bytes;
  for (std::size_t line = 0; line < lanes * sizeof(T); line += 64) __builtin_prefetch(at + line);
}

/// Sum of `term(x)` over a block. Precondition: x.size() ≤ block.
template <class T, class F>
double sum_of_block(std::span<const T> x, F term) {
  std::array<double, lanes> sums{};
  const std::size_t whole = x.size() / lanes * lanes;
  for (std::size_t i = 0; i < whole; i += lanes) {
    prefetch_lanes(x.data() + i);
    for (std::size_t l = 0; l < lanes; ++l) sums[l] += term(x[i + l]);
  }
  for (std::size_t i = whole; i < x.size(); ++i) sums[i - whole] += term(x[i]);
  for (std::size_t half = lanes / 2; half > 0; half /= 2) {
    for (std::size_t l = 0; l < half; ++l) sums[l] += sums[l + half];
  }
  return sums[0];
}

/// Exact. Numbers of 64 bits are added in halves, which do not overflow within a block; those with
/// a sign first become unsigned, all by the same amount.
template <std::integral T>
wide_integer integer_sum_of_block(std::span<const T> x) {
  if constexpr (sizeof(T) < sizeof(std::uint64_t)) {
    std::int64_t sum = 0;
    for (const T v : x) sum += v;
    return sum;
  } else {
    constexpr std::uint64_t shift = std::is_signed_v<T> ? std::uint64_t{1} << 63 : 0;
    std::uint64_t low = 0, high = 0;
    for (const T v : x) {
      const std::uint64_t shifted = static_cast<std::uint64_t>(v) ^ shift;
      low += shifted & 0xFFFF'FFFF, high += shifted >> 32;
    }
    return (wide_integer{high} << 32) + low - wide_integer{shift} * wide_integer{x.size()};
  }
}

/// The element of a block that comes first under `before`. Precondition: x is not empty.
template <class T, class Before>
T first_of_block(std::span<const T> x, Before before) {
  std::array<T, lanes> best;
  best.fill(x[0]);
  const std::size_t whole = x.size() / lanes * lanes;
  for (std::size_t i = 0; i < whole; i += lanes) {
    for (std::size_t l = 0; l < lanes; ++l)
      best[l] = before(x[i + l], best[l]) ? x[i + l] : best[l];
  }
  for (std::size_t i = whole; i < x.size(); ++i) best[0] = before(x[i], best[0]) ? x[i] : best[0];
  return *std::min_element(best.begin(), best.end(), before);
}

/// `reduction::engine` on all cores. Between two blocks it looks whether anybody still waits; where
/// nobody does, what it returns may be anything.
template <class T>
class on_cores {
 public:
  using number = T;

  on_cores(std::span<const T> x, cpu_context& context) : x_{x}, context_{context} {}

  [[nodiscard]] std::size_t size() const { return x_.size(); }

  template <class F>
  double sum(F term) {
    const auto parts =
        partials<double>([&](std::span<const T> some) { return sum_of_block(some, term); });
    return reduction::sum_in_pairs(parts.span());
  }

  wide_integer integer_sum() {
    const auto parts =
        partials<wide_integer>([](std::span<const T> some) { return integer_sum_of_block(some); });
    return std::accumulate(parts.begin(), parts.end(), wide_integer{});
  }

  template <class Before>
  reduction::place<T> first(Before before) {
    const auto parts =
        partials<T>([&](std::span<const T> some) { return first_of_block(some, before); });
    const T* const part = std::min_element(parts.begin(), parts.end(), before);
    const auto from = static_cast<std::size_t>(part - parts.begin()) * block;
    const auto some = x_.subspan(from, std::min(block, x_.size() - from));
    // Not there after a stop, which leaves parts empty; then any place will do, nobody reads it.
    const auto found = std::find(some.begin(), some.end(), *part);
    const std::size_t at = from + static_cast<std::size_t>(found - some.begin()) % some.size();
    return {x_[at], at};
  }

 private:
  /// Calls `of_block` for every block, and gives what it returned, in the order of the blocks.
  template <class R, class F>
  array<R> partials(F of_block) {
    const auto parts = context_.allocate<R>(reduction::count_blocks(x_.size()));
    parallel_for(x_.size(), block, [&](std::size_t first, std::size_t last) {
      parts[first / block] = context_.stop_requested()
                                 ? R{}
                                 : static_cast<R>(of_block(x_.subspan(first, last - first)));
    });
    return parts;
  }

  std::span<const T> x_;
  cpu_context& context_;
};

}  // namespace

kernel_info reduce::info() {
  return {
      .id = "core/reduce",
      .version = "1.0.0",
      .description = "Makes one number of many: their sum, mean, norm, minimum or maximum.",
      .expected_throughput = 1e9,
      .target_latency_us = 20,
      .tolerance = 1e-12,  // f64 in a fixed order, but a processor may fuse multiply and add
      .example = {.input = R"({"data":[3,-1,4,-1,5],"op":"argmin"})",
                  .output = R"({"value":-1,"index":1,"count":5})"},
      .fields = {
          field<&input::data>{.doc = "Numbers of the type that dtype names; sum and norm2 are 0 "
                                     "for none, the others need one."},
          field<&input::op>{.doc = "What is computed; norm2 is the root of the sum of squares."},
          field<&input::dtype>{.doc =
                                   "Type of the numbers. f32 and f64 are summed in f64, integers "
                                   "exactly; all are compared as what they are."},
          field<&output::value>{.doc =
                                    "The result, rounded to f64, so that i64 and u64 beyond 2^53 "
                                    "may lose digits; of argmin and argmax the smallest or "
                                    "largest element."},
          field<&output::index>{.doc = "Of argmin and argmax: the lowest index of that element."},
          field<&output::count>{.doc = "How many numbers there are."}}};
}

result<void> reduce::validate(const input& in) {
  if (in.data.size > 0 || in.op == operation::sum || in.op == operation::norm2) return {};
  const std::string op = boost::describe::enum_to_string(in.op, "");
  return invalid_input("/data", "at least 1 element for " + op, "0");
}

result<reduce::output> reduce::run(const input& in, cpu_context& context) {
  return visit_dtype(in.data.type, [&](auto zero) {
    using number = decltype(zero);
    on_cores<number> elements{in.data.as<number>(), context};
    return reduction::apply(in.op, elements);
  });
}

reduce::input reduce::sample(std::size_t bytes, std::uint64_t seed, cpu_context& context) {
  const std::size_t count = std::max<std::size_t>(1, bytes / sizeof(float));
  const auto data = random_arrays{seed, context}.between(-1.0F, 1.0F, count);
  return {.data = {data.data, data.size, kernd::dtype::f32}};
}

}  // namespace kernd::kernels
