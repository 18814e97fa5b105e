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
  copying_ = 0;                           // the last job may have failed
  began_.record(stream());
}

void* context::allocate_bytes(std::size_t bytes) {
  void* const place = terms_->allocate(terms_->owner, bytes);
  if (place == nullptr) throw std::bad_alloc{};
  return place;
}

/// A copy that is counted with its time, which is read at the next wait.
void context::copy_bytes(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind) {
  if (copying_ == copies_.size()) copies_.emplace_back();
  copy& one = copies_[copying_];
  one.is_upload = kind == cudaMemcpyHostToDevice;
  one.bytes = bytes;
  one.began.record(stream());
  check(cudaMemcpyAsync(to, from, bytes, kind, stream().get()), "cudaMemcpyAsync");
  one.ended.record(stream());
  ++copying_;
}

void context::upload_bytes(void* to, const void* from, std::size_t bytes) {
  if (bytes == 0) return;
  const stage range{"upload"};
  copy_bytes(to, from, bytes, cudaMemcpyHostToDevice);
}

void context::download_bytes(void* to, const void* from, std::size_t bytes) {
  if (bytes == 0) return;
  const stage range{"download"};
  copy_bytes(to, from, bytes, cudaMemcpyDeviceToHost);
}

void context::synchronize() {
  job_stream().synchronize();
  for (std::size_t i = 0; i < copying_; ++i) {
    const copy& one = copies_[i];
    const double us = one.ended.us_since(one.began);
    (one.is_upload ? report_.h2d_us : report_.d2h_us) += us;
    (one.is_upload ? report_.h2d_bytes : report_.d2h_bytes) += one.bytes;
  }
  copying_ = 0;
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
  ended_.record(stream());
  synchronize();
  const double copied_us = report_.h2d_us + report_.d2h_us;
  report_.compute_us = std::max(0.0, ended_.us_since(began_) - copied_us);
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
