#include "kernd/gpu/transforms.hpp"

#include <algorithm>
#include <string>

namespace kernd::gpu {

namespace {

/// cuFFT names none itself; of those here, what calls of ours can end with.
const char* name_of(cufftResult status) noexcept {
  switch (status) {
    case CUFFT_ALLOC_FAILED:
      return "CUFFT_ALLOC_FAILED";
    case CUFFT_INTERNAL_ERROR:
      return "CUFFT_INTERNAL_ERROR";
    case CUFFT_EXEC_FAILED:
      return "CUFFT_EXEC_FAILED";
    case CUFFT_SETUP_FAILED:
      return "CUFFT_SETUP_FAILED";
    case CUFFT_INVALID_SIZE:
      return "CUFFT_INVALID_SIZE";
    default:
      return "CUFFT_OTHER";
  }
}

void check(cufftResult status, const char* call) {
  if (status == CUFFT_SUCCESS) return;
  throw cuda_error{std::string{call} + ": cuFFT status " + std::to_string(status),
                   status == CUFFT_ALLOC_FAILED, name_of(status)};
}

}  // namespace

transforms::handle::handle() {
  check(cufftCreate(&made_), "cufftCreate");
}

transforms::handle::~handle() {
  const bool failed = cufftDestroy(made_) != CUFFT_SUCCESS;
  log_if_failed(failed ? cudaErrorUnknown : cudaSuccess, "cufftDestroy");
}

transforms::plan::plan(std::uint64_t length, std::uint64_t count) : n{length}, batch{count} {
  auto size = static_cast<long long>(n);
  check(cufftSetAutoAllocation(made.get(), 0), "cufftSetAutoAllocation");  // but with each run
  check(cufftMakePlanMany64(made.get(), 1, &size, nullptr, 1, size, nullptr, 1, size, CUFFT_Z2Z,
                            static_cast<long long>(batch), &workspace_bytes),
        "cufftMakePlanMany64");
}

const transforms::plan& transforms::plan_for(std::uint64_t n, std::uint64_t batch) {
  const auto known = std::find_if(plans_.begin(), plans_.end(), [&](const plan& made) {
    return made.n == n && made.batch == batch;
  });
  if (known != plans_.end()) {
    plans_.splice(plans_.begin(), plans_, known);
    return plans_.front();
  }
  if (plans_.size() == most_plans) plans_.pop_back();
  return plans_.emplace_front(n, batch);
}

void transforms::run(context& job, std::uint64_t n, std::uint64_t batch, bool is_inverse,
                     double2* x) {
  const plan& chosen = plan_for(n, batch);
  const auto workspace = job.device<std::byte>(chosen.workspace_bytes);
  check(cufftSetStream(chosen.made.get(), job.stream().get()), "cufftSetStream");
  check(cufftSetWorkArea(chosen.made.get(), workspace.data()), "cufftSetWorkArea");
  check(cufftExecZ2Z(chosen.made.get(), x, x, is_inverse ? CUFFT_INVERSE : CUFFT_FORWARD),
        "cufftExecZ2Z");
}

}  // namespace kernd::gpu
