#include "kernels/core/reduce_sum.hpp"

#include "kernd/gpu/context.hpp"
#include "kernels/core/reduce.hpp"

#include <utility>

namespace kernd::kernels {

result<reduce_sum::output> reduce_sum::run(const input& in, gpu::context& context) {
  const numbers data{.data = in.data.data, .size = in.data.size, .type = dtype::f32};
  auto reduced = reduce::run({.data = data, .op = reduce::operation::sum}, context);
  if (!reduced) return std::move(reduced).error();
  return output{.sum = reduced->value, .count = reduced->count};
}

}  // namespace kernd::kernels
