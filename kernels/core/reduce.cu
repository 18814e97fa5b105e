#include "kernels/core/reduce.hpp"

#include "kernd/gpu/context.hpp"
#include "kernels/core/reduction.hpp"

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace kernd::kernels {

namespace {

using reduction::lanes, reduction::place, reduction::wide_integer;

/// The elements that one block of threads reduces, one thread per lane.
template <class T>
struct share {
  const T* x;
  std::size_t size;
  std::size_t offset;

  __device__ share(const T* all, std::size_t size_of_all)
      : offset{std::size_t{blockIdx.x} * reduction::block} {
    x = all + offset;
    size = size_of_all - offset < reduction::block ? size_of_all - offset : reduction::block;
  }
};

/// Joins what the lanes have in pairs, far ones first. Called once in a kernel.
template <class R, class F>
__device__ R join_lanes(R own, F join) {
  __shared__ alignas(R) unsigned char place[lanes * sizeof(R)];
  R* const of_lane = reinterpret_cast<R*>(place);
  of_lane[threadIdx.x] = own;
  for (unsigned half = lanes / 2; half > 0; half /= 2) {
    __syncthreads();
    if (threadIdx.x < half) {
      of_lane[threadIdx.x] = join(of_lane[threadIdx.x], of_lane[threadIdx.x + half]);
    }
  }
  __syncthreads();
  return of_lane[0];
}

/// The sum of what `term` makes of the elements, in R.
template <class T, class R, class F>
__device__ R sum_of_share(const share<T>& some, F term) {
  R sum{};
#pragma unroll 16
  for (std::size_t i = threadIdx.x; i < some.size; i += lanes) sum += term(some.x[i]);
  return join_lanes(sum, [](R a, R b) { return a + b; });
}

template <class T, class F>
__global__ void sum_blocks(const T* x, std::size_t size, F term, double* parts) {
  const double sum = sum_of_share<T, double>(share<T>{x, size}, term);
  if (threadIdx.x == 0) parts[blockIdx.x] = sum;
}

/// No sum of a block's elements is beyond what R holds.
template <class T, class R>
__global__ void integer_sum_blocks(const T* x, std::size_t size, R* parts) {
  const R sum = sum_of_share<T, R>(share<T>{x, size}, [](T v) { return R{v}; });
  if (threadIdx.x == 0) parts[blockIdx.x] = sum;
}

template <class T, class Before>
__global__ void first_of_blocks(const T* x, std::size_t size, Before before, place<T>* parts) {
  const share<T> some{x, size};
  // A lane without elements has the first one, as lane 0 does.
  const std::size_t start = threadIdx.x < some.size ? threadIdx.x : 0;
  place<T> best{some.x[start], start};
#pragma unroll 16
  for (std::size_t i = start + lanes; i < some.size; i += lanes) {
    const T value = some.x[i];
    if (before(value, best.value)) best = {value, i};
  }
  best = join_lanes(best, [before](const place<T>& a, const place<T>& b) {
    const bool is_equal = !before(a.value, b.value) && !before(b.value, a.value);
    const bool is_b = is_equal ? b.index < a.index : before(b.value, a.value);
    return is_b ? b : a;
  });
  if (threadIdx.x == 0) parts[blockIdx.x] = {best.value, best.index + some.offset};
}

/// `reduction::engine` on the device; the host joins what the blocks give.
template <class T>
class on_device {
 public:
  using number = T;

  on_device(array<T> x, gpu::context& context) : context_{context}, x_{context.upload(x)} {}

  [[nodiscard]] std::size_t size() const { return x_.size(); }

  template <class F>
  double sum(F term) {
    const auto parts = partials<double>([&](unsigned blocks, cudaStream_t stream, double* into) {
      sum_blocks<<<blocks, lanes, 0, stream>>>(x_.data(), x_.size(), term, into);
    });
    return reduction::sum_in_pairs(parts.span());
  }

  wide_integer integer_sum() {
    using part = std::conditional_t<sizeof(T) < sizeof(std::int64_t), std::int64_t, wide_integer>;
    const auto parts = partials<part>([&](unsigned blocks, cudaStream_t stream, part* into) {
      integer_sum_blocks<<<blocks, lanes, 0, stream>>>(x_.data(), x_.size(), into);
    });
    wide_integer sum = 0;
    for (const part some : parts) sum += some;
    return sum;
  }

  template <class Before>
  place<T> first(Before before) {
    const auto parts =
        partials<place<T>>([&](unsigned blocks, cudaStream_t stream, place<T>* into) {
          first_of_blocks<<<blocks, lanes, 0, stream>>>(x_.data(), x_.size(), before, into);
        });
    place<T> best = parts[0];
    for (const place<T>& some : parts) {
      if (before(some.value, best.value)) best = some;
    }
    return best;
  }

 private:
  /// One part for each block of elements, by `launch`.
  template <class R, class F>
  array<R> partials(F launch) {
    const auto parts = context_.device<R>(reduction::count_blocks(x_.size()));
    if (parts.size() > 0) {
      launch(static_cast<unsigned>(parts.size()), context_.stream().get(), parts.data());
      gpu::check(cudaGetLastError(), "reduce");
    }
    const array<R> joined = context_.download(parts);
    context_.synchronize();
    return joined;
  }

  gpu::context& context_;
  gpu::device_buffer<T> x_;
};

}  // namespace

result<reduce::output> reduce::run(const input& in, gpu::context& context) {
  return visit_dtype(in.data.type, [&](auto zero) {
    using number = decltype(zero);
    const auto x = in.data.as<number>();
    on_device<number> elements{{x.data(), x.size()}, context};
    return reduction::apply(in.op, elements);
  });
}

const void* reduce::device_code() noexcept {
  return reinterpret_cast<const void*>(&sum_blocks<float, reduction::plain>);
}

}  // namespace kernd::kernels
