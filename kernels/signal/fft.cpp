#include "kernels/signal/fft.hpp"

#include "kernd/parallel.hpp"
#include "kernd/random_arrays.hpp"
#include "kernels/signal/transform.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>

namespace kernd::kernels {

kernel_info fft::info() {
  return {.id = "signal/fft",
          .version = "1.0.0",
          .description = "Computes discrete Fourier transforms of any length, or their inverses.",
          .expected_throughput = 2e7,
          .target_latency_us = 20,
          .max_batch_size = 64,
          .tolerance = 1e-6,  // of the largest element: f64 inside, rounded to f32 at the end
          .example = {.input = R"({"real":[1,2,3,4]})",
                      .output = R"({"real":[10,-2,-2,-2],"imag":[0,2,0,-2]})"},
          .fields = {
              field<&input::real>{.doc = "Real parts; of several transforms one after the other.",
                                  .min_size = 1},
              field<&input::imag>{.doc = "Imaginary parts, as many as real; 0 when left out."},
              field<&input::inverse>{.doc = "Computes the inverse, divided by the length n."},
              field<&input::batch>{.doc = "How many transforms of the same length real holds.",
                                   .min = 1},
              field<&output::real>{.doc = "Real parts, in the order of frequencies 0 to n - 1."},
              field<&output::imag>{.doc = "Imaginary parts, likewise."}}};
}

result<void> fft::validate(const input& in) {
  if (in.imag && in.imag->size != in.real.size) {
    return invalid_input("/imag", std::to_string(in.real.size) + " elements, as many as real",
                         std::to_string(in.imag->size));
  }
  if (in.real.size % in.batch != 0) {
    return invalid_input("/batch", "divisor of the " + std::to_string(in.real.size) + " elements",
                         std::to_string(in.batch));
  }
  return {};
}

result<fft::output> fft::run(const input& in, cpu_context& context) {
  constexpr std::size_t grain = std::size_t{1} << 15;  // elements that one thread transforms alone
  const std::size_t n = in.real.size / in.batch;
  const output out{context.allocate<float>(in.real.size), context.allocate<float>(in.real.size)};
  const transform forward{n, context};
  const std::size_t room = forward.scratch_size();
  // Ranges take memory at the same time, so each transform has its own.
  const split_complex work = allocate_split(2 * in.batch * room, context);
  const double scale = in.inverse ? 1 / static_cast<double>(n) : 1;
  parallel_for(in.batch, std::max<std::size_t>(1, grain / n), [&](auto first, auto last) {
    for (std::size_t row = first; row < last && !context.stop_requested(); ++row) {
      const split_complex x = work + 2 * row * room;
      for_elements(n, context, [&](std::size_t from, std::size_t to) {
        for (std::size_t i = from; i < to; ++i) {
          x.re[i] = double{in.real[row * n + i]};
          x.im[i] = in.imag ? double{(*in.imag)[row * n + i]} : 0;
        }
      });
      forward.run(in.inverse ? x.swapped() : x, x + room);
      for_elements(n, context, [&](std::size_t from, std::size_t to) {
        for (std::size_t i = from; i < to; ++i) {
          out.real[row * n + i] = static_cast<float>(x.re[i] * scale);
          out.imag[row * n + i] = static_cast<float>(x.im[i] * scale);
        }
      });
    }
  });
  return out;
}

/// One transform whose length is a power of two.
fft::input fft::sample(std::size_t bytes, std::uint64_t seed, cpu_context& context) {
  const std::size_t n = std::bit_floor(std::max<std::size_t>(1, bytes / (2 * sizeof(float))));
  random_arrays random{seed, context};
  const auto real = random.between(-1.0F, 1.0F, n);
  return {.real = real, .imag = random.between(-1.0F, 1.0F, n)};
}

}  // namespace kernd::kernels
