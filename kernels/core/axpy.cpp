#include "kernels/core/axpy.hpp"

#include "kernd/parallel.hpp"
#include "kernd/random_arrays.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

namespace kernd::kernels {

kernel_info axpy::info() {
  return {.id = "core/axpy",
          .version = "1.0.0",
          .description = "Scales one vector and adds another: alpha * x + y.",
          .expected_throughput = 1e9,
          .target_latency_us = 10,
          .max_batch_size = 64,
          .example = {.input = R"({"alpha":2,"x":[1,2,3],"y":[10,20,30]})",
                      .output = R"({"result":[12,24,36]})"},
          .fields = {field<&input::alpha>{.doc = "What x is multiplied by."},
                     field<&input::x>{.doc = "The vector that is scaled."},
                     field<&input::y>{.doc = "The vector that is added; as long as x."},
                     field<&output::result>{.doc = "What alpha * x + y gives; as long as x."}}};
}

result<void> axpy::validate(const input& in) {
  if (in.x.size == in.y.size) return {};
  return invalid_input("/y", std::to_string(in.x.size) + " elements, as many as x",
                       std::to_string(in.y.size));
}

result<axpy::output> axpy::run(const input& in, cpu_context& context) {
  constexpr std::size_t grain = std::size_t{1} << 16;  // tens of microseconds between polls
  const auto result = context.allocate<float>(in.x.size);
  parallel_for(in.x.size, grain, [&](std::size_t first, std::size_t last) {
    if (context.stop_requested()) return;
    for (std::size_t i = first; i < last; ++i) {
      result[i] = element(in.alpha, in.x[i], in.y[i]);
    }
  });
  return output{result};
}

axpy::input axpy::sample(std::size_t bytes, std::uint64_t seed, cpu_context& context) {
  const std::size_t count = std::max<std::size_t>(1, bytes / (2 * sizeof(float)));
  random_arrays random{seed, context};
  const auto x = random.between(-1.0F, 1.0F, count);
  return {.alpha = 0.75F, .x = x, .y = random.between(-1.0F, 1.0F, count)};
}

}  // namespace kernd::kernels
