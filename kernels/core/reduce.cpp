#include "kernels/core/reduce.hpp"

#include "kernd/parallel.hpp"

#include <boost/describe/enum_to_string.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <string>

namespace kernd::kernels {

namespace {

using operation = reduce::operation;

constexpr std::size_t block = std::size_t{1} << 16;  // elements between two polls
constexpr std::size_t lanes = 64;
constexpr std::size_t ahead_bytes = 2048;  // of the lanes: a core does not look as far by itself

/// Asks for the elements that are summed some turns later. They may lie outside the array: a
/// prefetch never faults.
template <class T>
void prefetch_lanes(const T* x) {
  const auto* const at = reinterpret_cast<const std::byte*>(x) + ahead_bytes;
  for (std::size_t line = 0; line < lanes * sizeof(T); line += 64) __builtin_prefetch(at + line);
}

/// Sum of `term(x)` over a block. Each lane adds every 64th element; then the lanes are added in
/// pairs. Precondition: x.size() ≤ block.
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

/// Calls `of_block` for every block of `x`, and gives what it returned, in the order of the blocks.
template <class R, class T, class F>
array<R> partials(std::span<const T> x, cpu_context& context, F of_block) {
  const auto parts = context.allocate<R>((x.size() + block - 1) / block);
  parallel_for(x.size(), block, [&](std::size_t first, std::size_t last) {
    parts[first / block] =
        context.stop_requested() ? R{} : static_cast<R>(of_block(x.subspan(first, last - first)));
  });
  return parts;
}

template <class T, class F>
double sum(std::span<const T> x, cpu_context& context, F term) {
  auto parts = partials<double>(x, context,
                                [&](std::span<const T> some) { return sum_of_block(some, term); });
  // Neighbours in pairs, then pairs of pairs: the error grows with the logarithm of the size.
  for (std::size_t n = parts.size; n > 1; n = (n + 1) / 2) {
    for (std::size_t i = 0; 2 * i < n; ++i) {
      parts[i] = 2 * i + 1 < n ? parts[2 * i] + parts[2 * i + 1] : parts[2 * i];
    }
  }
  return parts.size == 0 ? 0 : parts[0];
}

/// Where the first of the elements that come first under `before` is. Precondition: x is not empty.
template <class T, class Before>
std::size_t position_of_first(std::span<const T> x, cpu_context& context, Before before) {
  const auto parts = partials<T>(
      x, context, [&](std::span<const T> some) { return first_of_block(some, before); });
  const T* const part = std::min_element(parts.begin(), parts.end(), before);
  const auto from = static_cast<std::size_t>(part - parts.begin()) * block;
  const auto some = x.subspan(from, std::min(block, x.size() - from));
  // Not there after a stop, which leaves parts empty; then any place will do, nobody reads it.
  const auto found = std::find(some.begin(), some.end(), *part);
  return from + static_cast<std::size_t>(found - some.begin()) % some.size();
}

/// √Σx², also where squares leave the range of f64: then with x scaled by a power of two.
template <class T>
double norm2(std::span<const T> x, cpu_context& context) {
  const auto square = [](T v) { return static_cast<double>(v) * static_cast<double>(v); };
  const double plain = sum(x, context, square);
  if (!std::is_same_v<T, double> || (plain > 1e-280 && std::isfinite(plain)) || x.empty()) {
    return std::sqrt(plain);
  }
  const std::size_t largest = position_of_first(
      x, context, [](T a, T b) { return std::fabs(double(a)) > std::fabs(double(b)); });
  if (x[largest] == T{}) return 0;
  const int exponent = std::ilogb(static_cast<double>(x[largest]));
  const auto scaled_square = [exponent](T v) {
    const double scaled = std::ldexp(static_cast<double>(v), -exponent);
    return scaled * scaled;
  };
  return std::ldexp(std::sqrt(sum(x, context, scaled_square)), exponent);
}

template <class T>
reduce::output apply(operation op, std::span<const T> x, cpu_context& context) {
  reduce::output out{.value = 0, .index = std::nullopt, .count = x.size()};
  const auto value = [](T v) { return static_cast<double>(v); };
  if (op == operation::sum) {
    out.value = sum(x, context, value);
  } else if (op == operation::mean) {
    out.value = sum(x, context, value) / static_cast<double>(x.size());
  } else if (op == operation::norm2) {
    out.value = norm2(x, context);
  } else {
    const bool smallest = op == operation::min || op == operation::argmin;
    const std::size_t at = smallest ? position_of_first(x, context, std::less<T>{})
                                    : position_of_first(x, context, std::greater<T>{});
    out.value = static_cast<double>(x[at]);
    if (op == operation::argmin || op == operation::argmax) out.index = at;
  }
  return out;
}

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
          field<&input::dtype>{.doc = "Type of the numbers; sums are accumulated in f64."},
          field<&output::value>{.doc = "The result, rounded to f64; of argmin and argmax the "
                                       "smallest or largest element."},
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
    return apply(in.op, std::span<const number>{in.data.as<number>()}, context);
  });
}

}  // namespace kernd::kernels
