#include "kernels/core/vector_add.hpp"

#include "kernd/gpu/context.hpp"
#include "kernels/core/axpy.hpp"

#include <utility>

namespace kernd::kernels {

result<vector_add::output> vector_add::run(const input& in, gpu::context& context) {
  auto sum = axpy::run({.alpha = 1, .x = in.a, .y = in.b}, context);
  if (!sum) return std::move(sum).error();
  return output{sum->result};
}

}  // namespace kernd::kernels
