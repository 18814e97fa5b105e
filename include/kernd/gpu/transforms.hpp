#pragma once

#include "kernd/gpu/context.hpp"

#include <cufft.h>

#include <cstddef>
#include <cstdint>
#include <list>

namespace kernd::gpu {

/// Fourier transforms by cuFFT on one device, with the plans of the last few shapes.
class transforms {
 public:
  /// `batch` transforms in place of `n` complex numbers each, at `x` on the device; the inverse is
  /// not scaled. Throws `cuda_error`.
  void run(context& job, std::uint64_t n, std::uint64_t batch, bool is_inverse, double2* x);

 private:
  static constexpr std::size_t most_plans = 8;

  class handle {
   public:
    handle();
    handle(const handle&) = delete;
    handle& operator=(const handle&) = delete;
    ~handle();
    [[nodiscard]] cufftHandle get() const noexcept { return made_; }

   private:
    cufftHandle made_{};
  };

  struct plan {
    plan(std::uint64_t n, std::uint64_t batch);

    std::uint64_t n;
    std::uint64_t batch;
    handle made;
    std::size_t workspace_bytes = 0;
  };

  const plan& plan_for(std::uint64_t n, std::uint64_t batch);

  std::list<plan> plans_;  // the last used first
};

}  // namespace kernd::gpu
