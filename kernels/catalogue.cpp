#include "kernels/catalogue.hpp"

#include "kernels/core/axpy.hpp"
#include "kernels/core/identity.hpp"

namespace kernd::kernels {

namespace {

template <batch_kernel... Kernels>
result<void> add_each(kernel_registry& registry) {
  result<void> added;
  // Stops at the first that is refused.
  static_cast<void>(((added = registry.add(make_kernel<Kernels>())).has_value() && ...));
  return added;
}

}  // namespace

result<void> add_all(kernel_registry& registry) {
  return add_each<  //
      axpy,         //
      identity>(registry);
}

}  // namespace kernd::kernels
