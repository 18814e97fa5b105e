#include "kernels/core/vector_add.hpp"

#include "kernd/random_arrays.hpp"
#include "kernels/core/axpy.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace kernd::kernels {

kernel_info vector_add::info() {
  return {
      .id = "core/vector-add",
      .version = "1.0.0",
      .description = "Adds two vectors: a + b.",
      .expected_throughput = 1e9,
      .target_latency_us = 10,
      .example = {.input = R"({"a":[1,2,3],"b":[10,20,30]})", .output = R"({"result":[11,22,33]})"},
      .fields = {field<&input::a>{.doc = "The first vector."},
                 field<&input::b>{.doc = "The vector that is added; as long as a."},
                 field<&output::result>{.doc = "What a + b gives; as long as a."}}};
}

result<void> vector_add::validate(const input& in) {
  if (in.a.size == in.b.size) return {};
  return invalid_input("/b", std::to_string(in.a.size) + " elements, as many as a",
                       std::to_string(in.b.size));
}

result<vector_add::output> vector_add::run(const input& in, cpu_context& context) {
  auto sum = axpy::run({.alpha = 1, .x = in.a, .y = in.b}, context);
  if (!sum) return std::move(sum).error();
  return output{sum->result};
}

vector_add::input vector_add::sample(std::size_t bytes, std::uint64_t seed, cpu_context& context) {
  const std::size_t count = std::max<std::size_t>(1, bytes / (2 * sizeof(float)));
  random_arrays random{seed, context};
  const auto a = random.between(-1.0F, 1.0F, count);
  return {.a = a, .b = random.between(-1.0F, 1.0F, count)};
}

}  // namespace kernd::kernels
