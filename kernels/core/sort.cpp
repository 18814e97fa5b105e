#include "kernels/core/sort.hpp"

#include "kernd/parallel.hpp"
#include "kernd/random_arrays.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <utility>

namespace kernd::kernels {

namespace {

constexpr std::size_t block = std::size_t{1} << 17;  // keys between two polls
constexpr std::size_t digits = 256;

template <class T>
using bits_of = std::conditional_t<sizeof(T) == 8, std::uint64_t, std::uint32_t>;

template <class T>
constexpr bits_of<T> sign_bit = bits_of<T>{1} << (8 * sizeof(T) - 1);

/// Bits that are ordered as the numbers are (Knuth, TAOCP 3, 5.2.5; Terdiman 2000). The two zeros
/// become one.
template <class T>
bits_of<T> ordered_bits(T key) {
  using bits = bits_of<T>;
  if constexpr (std::is_floating_point_v<T>) {
    const auto raw = std::bit_cast<bits>(key == 0 ? T{0} : key);
    const bits negative = bits{0} - (raw >> (8 * sizeof(T) - 1));
    return raw ^ (negative | sign_bit<T>);
  } else {
    return static_cast<bits>(key) ^ (std::is_signed_v<T> ? sign_bit<T> : bits{0});
  }
}

template <class T>
T key_of(bits_of<T> ordered) {
  using bits = bits_of<T>;
  if constexpr (std::is_floating_point_v<T>) {
    const bits positive = bits{0} - (ordered >> (8 * sizeof(T) - 1));
    return std::bit_cast<T>(ordered ^ (~positive | sign_bit<T>));
  } else {
    return static_cast<T>(ordered ^ (std::is_signed_v<T> ? sign_bit<T> : bits{0}));
  }
}

template <class Bits>
struct entry {
  Bits bits;
  std::uint32_t index;
};

using histogram = std::array<std::uint32_t, digits>;

/// LSD radix sort by one byte a pass, with one histogram per block of the entries. Where a block's
/// entries of a digit go depends on the counts alone, so any number of threads gives the same.
template <class Bits>
class radix_sorter {
 public:
  radix_sorter(std::size_t size, cpu_context& context)
      : context_{context},
        from_{context.allocate<entry<Bits>>(size)},
        to_{context.allocate<entry<Bits>>(size)},
        counts_{context.allocate<histogram>((size + block - 1) / block)},
        varying_{context.allocate<Bits>(counts_.size)} {}

  /// `bits(i)` is the key of element i.
  template <class F>
  array<entry<Bits>> sorted(F bits) {
    load(bits);
    Bits varying = 0;
    for (const Bits some : varying_) varying |= some;
    for (unsigned shift = 0; shift < 8 * sizeof(Bits); shift += 8) {
      if (((varying >> shift) & (digits - 1)) == 0) continue;  // the same digit everywhere
      if (context_.stop_requested()) break;
      count(shift);
      add_up();
      move(shift);
      std::swap(from_, to_);
    }
    return from_;
  }

 private:
  /// Fills the entries, and finds per block which bits differ from those of the first key.
  template <class F>
  void load(F bits) {
    parallel_for(from_.size, block, [&](std::size_t first, std::size_t last) {
      Bits varying = 0;
      const Bits reference = bits(0);
      for (std::size_t i = first; i < last; ++i) {
        from_[i] = {bits(i), static_cast<std::uint32_t>(i)};
        varying |= from_[i].bits ^ reference;
      }
      varying_[first / block] = varying;
    });
  }

  void count(unsigned shift) {
    parallel_for(from_.size, block, [&](std::size_t first, std::size_t last) {
      histogram counts{};
      for (std::size_t i = first; i < last; ++i) ++counts[(from_[i].bits >> shift) & (digits - 1)];
      counts_[first / block] = counts;
    });
  }

  /// Turns counts into where the first entry of that digit and block goes.
  void add_up() {
    std::uint32_t next = 0;
    for (std::size_t digit = 0; digit < digits; ++digit) {
      for (histogram& counts : counts_) next += std::exchange(counts[digit], next);
    }
  }

  void move(unsigned shift) {
    parallel_for(from_.size, block, [&](std::size_t first, std::size_t last) {
      if (context_.stop_requested()) return;
      histogram next = counts_[first / block];
      for (std::size_t i = first; i < last; ++i) {
        to_[next[(from_[i].bits >> shift) & (digits - 1)]++] = from_[i];
      }
    });
  }

  cpu_context& context_;
  array<entry<Bits>> from_;
  array<entry<Bits>> to_;
  array<histogram> counts_;
  array<Bits> varying_;
};

template <class T>
sort::output sort_keys(const sort::input& in, cpu_context& context) {
  const std::span<T> keys = in.keys.as<T>();
  const auto result = context.allocate<T>(keys.size());
  sort::output out{.keys = {result.data, result.size, dtype_of<T>},
                   .permutation = context.allocate<std::uint32_t>(keys.size()),
                   .values = std::nullopt};
  if (in.values) out.values = context.allocate<double>(keys.size());
  const bits_of<T> flip = in.descending ? ~bits_of<T>{0} : bits_of<T>{0};
  radix_sorter<bits_of<T>> sorter{keys.size(), context};
  const auto sorted = sorter.sorted([&](std::size_t i) { return ordered_bits(keys[i]) ^ flip; });
  if (context.stop_requested()) return out;  // the entries may be anything now
  parallel_for(keys.size(), block, [&](std::size_t first, std::size_t last) {
    if (context.stop_requested()) return;
    for (std::size_t i = first; i < last; ++i) {
      const auto [bits, index] = sorted[i];
      const T key = key_of<T>(bits ^ flip);
      result[i] = key == T{} ? keys[index] : key;  // which of the two zeros, the input knows
      out.permutation[i] = index;
      if (in.values) (*out.values)[i] = (*in.values)[index];
    }
  });
  return out;
}

}  // namespace

kernel_info sort::info() {
  return {.id = "core/sort",
          .version = "1.0.0",
          .description = "Sorts numbers; equal ones keep their order.",
          .expected_throughput = 5e7,
          .target_latency_us = 20,
          .example = {.input = R"({"keys":[3,1,2,1],"values":[30,10,20,11]})",
                      .output = R"({"keys":[1,1,2,3],"permutation":[1,3,2,0],)"
                                R"("values":[10,11,20,30]})"},
          .fields = {
              field<&input::keys>{.doc = "What is sorted; 0 and -0 are equal."},
              field<&input::dtype>{.doc = "Type of the keys."},
              field<&input::descending>{.doc = "Largest first; equal keys still keep their order."},
              field<&input::values>{.doc = "Numbers that move with their keys; as many as keys."},
              field<&output::keys>{.doc = "The keys in order."},
              field<&output::permutation>{.doc = "Where each of them was among the input's keys."},
              field<&output::values>{.doc = "The values in the order of their keys."}}};
}

result<void> sort::validate(const input& in) {
  if (in.keys.size > UINT32_MAX) {
    return invalid_input("/keys", "fewer than 4294967296 elements", std::to_string(in.keys.size));
  }
  if (in.values && in.values->size != in.keys.size) {
    return invalid_input("/values", std::to_string(in.keys.size) + " elements, as many as keys",
                         std::to_string(in.values->size));
  }
  return {};
}

result<sort::output> sort::run(const input& in, cpu_context& context) {
  switch (in.dtype) {
    case element_type::f64:
      return sort_keys<double>(in, context);
    case element_type::i32:
      return sort_keys<std::int32_t>(in, context);
    case element_type::u32:
      return sort_keys<std::uint32_t>(in, context);
    case element_type::f32:
      break;
  }
  return sort_keys<float>(in, context);
}

sort::input sort::sample(std::size_t bytes, std::uint64_t seed, cpu_context& context) {
  const std::size_t count = std::clamp<std::size_t>(bytes / sizeof(float), 1, UINT32_MAX);
  const auto keys = random_arrays{seed, context}.between(-1.0F, 1.0F, count);
  return {.keys = {keys.data, keys.size, dtype::f32}, .values = {}};
}

}  // namespace kernd::kernels
