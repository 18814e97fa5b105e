#include "kernd/gpu/context.hpp"

#include "kernd/gpu/blas.hpp"
#include "kernd/gpu/transforms.hpp"
#include "src/gpu/stage.hpp"

#include <algorithm>
#include <array>

namespace kernd::gpu {

namespace {

/// Streams of the lowest, a middle and the highest priority of `device`, which becomes the current
/// one. CUDA counts downwards: the greatest priority is the smallest number.
std::array<class stream, 3> streams_on(int device) {
  check(cudaSetDevice(device), "cudaSetDevice");
  int least = 0, greatest = 0;
  check(cudaDeviceGetStreamPriorityRange(&least, &greatest), "cudaDeviceGetStreamPriorityRange");
  using made = class stream;
  return {made{least}, made{(least + greatest) / 2}, made{greatest}};
}

std::size_t level_of(int priority) noexcept {
  return priority < 4 ? 0 : priority < 7 ? 1 : 2;
}

}  // namespace

context::context(int device) : device_{device}, streams_{streams_on(device)} {}

context::~context() {
  log_if_failed(cudaSetDevice(device_), "cudaSetDevice");  // the libraries ask which one is current
}

void context::begin(const job_terms& terms) {
  terms_ = &terms;
  level_ = level_of(terms.priority);
  heap_.emplace(terms);
  report_ = {};
  check(cudaSetDevice(device_), "cudaSetDevice");
  static_cast<void>(cudaGetLastError());  // what an earlier call on this thread left behind
  marks_.began.record(stream());
}

void* context::allocate_bytes(std::size_t bytes) {
  void* const place = terms_->allocate(terms_->owner, bytes);
  if (place == nullptr) throw std::bad_alloc{};
  return place;
}

void context::upload_bytes(void* to, const void* from, std::size_t bytes) {
  if (bytes == 0) return;
  const stage range{"upload"};
  if (report_.h2d_bytes == 0) marks_.upload_began.record(stream());
  report_.h2d_bytes += bytes;
  check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyHostToDevice, stream().get()),
        "cudaMemcpyAsync to the device");
  marks_.uploaded.record(stream());
}

void context::download_bytes(void* to, const void* from, std::size_t bytes) {
  if (bytes == 0) return;
  const stage range{"download"};
  if (report_.d2h_bytes == 0) marks_.download_began.record(stream());
  report_.d2h_bytes += bytes;
  check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToHost, stream().get()),
        "cudaMemcpyAsync to the host");
  marks_.downloaded.record(stream());
}

gpu::blas& context::blas() {
  if (!blas_) blas_ = std::make_unique<gpu::blas>(device_);
  return *blas_;
}

gpu::transforms& context::transforms() {
  if (!transforms_) transforms_ = std::make_unique<gpu::transforms>();
  return *transforms_;
}

void context::finish() {
  const stage range{"wait"};
  marks_.ended.record(stream());
  synchronize();
  const bool has_uploaded = report_.h2d_bytes > 0, has_downloaded = report_.d2h_bytes > 0;
  if (has_uploaded) report_.h2d_us = marks_.uploaded.us_since(marks_.upload_began);
  if (has_downloaded) report_.d2h_us = marks_.downloaded.us_since(marks_.download_began);
  const event& from = has_uploaded ? marks_.uploaded : marks_.began;
  const event& to = has_downloaded ? marks_.download_began : marks_.ended;
  report_.compute_us = std::max(0.0, to.us_since(from));
}

job_report context::end() noexcept {
  if (heap_) report_.device_bytes = heap_->most_bytes();
  heap_.reset();
  terms_ = nullptr;
  return report_;
}

bool context::is_lost() const noexcept {
  static_cast<void>(cudaStreamSynchronize(stream().get()));  // the next line says how it went
  return job_stream().is_lost();
}

}  // namespace kernd::gpu
