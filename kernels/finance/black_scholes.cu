#include "kernels/finance/black_scholes.hpp"

#include "kernd/gpu/context.hpp"
#include "kernd/gpu/launch.hpp"
#include "kernd/gpu/packing.hpp"
#include "kernels/finance/option_value.hpp"

#include <algorithm>
#include <cstddef>
#include <type_traits>
#include <utility>
#include <vector>

namespace kernd::kernels {

namespace {

using input = black_scholes::input;
using output = black_scholes::output;

/// What an option has of one kind: an element of its own, or the one for all.
template <class T>
struct column {
  const T* data = nullptr;
  std::size_t step = 0;  // 0 where there is one for all

  __device__ T operator[](std::size_t i) const { return data[i * step]; }
};

constexpr std::size_t outputs = 6;

/// One of the inputs of a batch, on the device.
struct option_list {
  column<float> spot, strike, rate, yield, volatility, expiry;  // yield: no data, where it is 0
  column<option_type> type;
  float* values = nullptr;  // `count` prices, then as many of each other output
  std::size_t count = 0;
};

__device__ void price_some(const option_list& in) {
  const std::size_t stride = std::size_t{gridDim.x} * blockDim.x;
  const std::size_t first = std::size_t{blockIdx.x} * blockDim.x + threadIdx.x;
  for (std::size_t i = first; i < in.count; i += stride) {
    const option_terms terms{in.spot[i],
                             in.strike[i],
                             in.rate[i],
                             in.yield.data == nullptr ? 0 : in.yield[i],
                             in.volatility[i],
                             in.expiry[i],
                             in.type[i] == option_type::call ? 1.0 : -1.0};
    const option_value value = value_of(terms);
    in.values[i] = value.price;
    in.values[i + in.count] = value.delta;
    in.values[i + 2 * in.count] = value.gamma;
    in.values[i + 3 * in.count] = value.vega;
    in.values[i + 4 * in.count] = value.theta;
    in.values[i + 5 * in.count] = value.rho;
  }
}

__global__ void price(option_list in) {
  price_some(in);
}

/// A row of blocks for each list.
__global__ void price_each(const option_list* lists) {
  const option_list own = lists[blockIdx.y];
  price_some(own);
}

/// Calls `f` for each array of `in` and the column that it becomes.
template <class F>
void for_columns(const input& in, option_list& list, const F& f) {
  f(in.spot, list.spot);
  f(in.strike, list.strike);
  f(in.rate, list.rate);
  if (in.dividend_yield) f(*in.dividend_yield, list.yield);
  f(in.volatility, list.volatility);
  f(in.expiry, list.expiry);
  f(in.type, list.type);
}

/// `values` as `option_list` has them.
output views(float* values, std::size_t count) {
  const auto part = [&](std::size_t i) { return array<float>{values + i * count, count}; };
  return {part(0), part(1), part(2), part(3), part(4), part(5)};
}

}  // namespace

result<output> black_scholes::run(const input& in, gpu::context& context) {
  const std::size_t count = size(in);
  if (count == 0) return output{};
  const auto values = context.device<float>(outputs * count);
  option_list list;
  list.values = values.data();
  list.count = count;
  std::vector<gpu::device_buffer<float>> numbers;  // until the launch is queued
  std::vector<gpu::device_buffer<option_type>> types;
  for_columns(in, list, [&]<class T>(array<T> from, column<T>& to) {
    auto copy = context.upload(from);
    to = {copy.data(), from.size == 1 ? 0U : 1U};
    if constexpr (std::is_same_v<T, float>) {
      numbers.push_back(std::move(copy));
    } else {
      types.push_back(std::move(copy));
    }
  });
  price<<<gpu::blocks_for(count), gpu::block_size, 0, context.stream().get()>>>(list);
  gpu::check(cudaGetLastError(), "price");
  return views(context.download(values).data, count);
}

result<void> black_scholes::run_batch(std::span<const input* const> in,
                                      std::span<output* const> out, gpu::context& context) {
  std::size_t total = 0, longest = 0;
  for (const input* const one : in) {
    total += size(*one);
    longest = std::max(longest, size(*one));
  }
  if (total == 0) return {};  // all outputs are empty
  const auto values = context.device<float>(outputs * total);
  gpu::packing columns;
  std::vector<option_list> lists(in.size());
  float* next = values.data();
  for (std::size_t i = 0; i < in.size(); ++i) {
    lists[i].count = size(*in[i]);
    lists[i].values = next;
    next += outputs * lists[i].count;
    for_columns(*in[i], lists[i], [&]<class T>(array<T> from, column<T>& to) {
      to.step = from.size == 1 ? 0 : 1;
      columns.add(from, to.data);
    });
  }
  const option_list* table = nullptr;
  columns.add(array<option_list>{lists.data(), lists.size()}, table);
  const auto packed = columns.upload(context);
  const dim3 blocks{gpu::blocks_for(longest), static_cast<unsigned>(lists.size())};
  price_each<<<blocks, gpu::block_size, 0, context.stream().get()>>>(table);
  gpu::check(cudaGetLastError(), "price_each");
  float* rest = context.download(values).data;
  for (std::size_t i = 0; i < out.size(); ++i) {
    *out[i] = views(rest, lists[i].count);
    rest += outputs * lists[i].count;
  }
  return {};
}

const void* black_scholes::device_code() noexcept {
  return reinterpret_cast<const void*>(&price);
}

}  // namespace kernd::kernels
