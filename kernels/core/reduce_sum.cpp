#include "kernels/core/reduce_sum.hpp"

#include "kernd/random_arrays.hpp"
#include "kernels/core/reduce.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace kernd::kernels {

kernel_info reduce_sum::info() {
  return {.id = "core/reduce-sum",
          .version = "1.0.0",
          .description = "Adds up numbers, in f64.",
          .expected_throughput = 1e9,
          .target_latency_us = 20,
          .example = {.input = R"({"data":[1,2.5,-0.25]})", .output = R"({"sum":3.25,"count":3})"},
          .fields = {field<&input::data>{.doc = "The numbers; the sum of none is 0."},
                     field<&output::sum>{.doc = "Their sum."},
                     field<&output::count>{.doc = "How many there are."}}};
}

result<void> reduce_sum::validate(const input&) {
  return {};
}

result<reduce_sum::output> reduce_sum::run(const input& in, cpu_context& context) {
  const numbers data{.data = in.data.data, .size = in.data.size, .type = dtype::f32};
  auto reduced = reduce::run({.data = data, .op = reduce::operation::sum}, context);
  if (!reduced) return std::move(reduced).error();
  return output{.sum = reduced->value, .count = reduced->count};
}

reduce_sum::input reduce_sum::sample(std::size_t bytes, std::uint64_t seed, cpu_context& context) {
  const std::size_t count = std::max<std::size_t>(1, bytes / sizeof(float));
  return {random_arrays{seed, context}.between(-1.0F, 1.0F, count)};
}

}  // namespace kernd::kernels
