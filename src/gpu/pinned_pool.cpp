#include "kernd/gpu/pinned_pool.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <utility>

namespace kernd::gpu {

namespace {

std::size_t pieces_of(std::size_t bytes) {
  return bytes / pinned_pool::piece_bytes + (bytes % pinned_pool::piece_bytes != 0 ? 1 : 0);
}

}  // namespace

void pinned_pool::unmap::operator()(std::byte* memory) const noexcept {
  ::munmap(memory, bytes);
}

pinned_pool::pinned_pool(const module_info& module, std::size_t bytes) : module_{module} {
  const std::size_t size = pieces_of(bytes) * piece_bytes;
  if (size == 0) return;
  void* const mapped =
      ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) {
    failure_ = {errc::memory_exhausted, "the system has no memory for gpu.pinned_pool_bytes"};
    return;
  }
  memory_ = {static_cast<std::byte*>(mapped), unmap{size}};
  if (!module_.lock(mapped, size, &failure_)) {
    memory_.reset();
    return;
  }
  is_locked_ = true;
  size_bytes_ = size;
  is_taken_.resize(size / piece_bytes);
}

pinned_pool::~pinned_pool() {
  if (is_locked_) module_.unlock(memory_.get());
}

std::byte* pinned_pool::take(std::size_t bytes) noexcept {
  const std::size_t wanted = std::max<std::size_t>(pieces_of(bytes), 1);
  const std::lock_guard lock{mutex_};
  if (wanted > is_taken_.size() - taken_pieces_) return nullptr;
  const auto found = std::search_n(is_taken_.begin(), is_taken_.end(), wanted, false);
  if (found == is_taken_.end()) return nullptr;
  std::fill_n(found, wanted, true);
  taken_pieces_ += wanted;
  return memory_.get() + static_cast<std::size_t>(found - is_taken_.begin()) * piece_bytes;
}

void pinned_pool::give_back(std::byte* block, std::size_t bytes) noexcept {
  const std::size_t count = std::max<std::size_t>(pieces_of(bytes), 1);
  const std::lock_guard lock{mutex_};
  const auto first = (block - memory_.get()) / static_cast<std::ptrdiff_t>(piece_bytes);
  std::fill_n(is_taken_.begin() + first, count, false);
  taken_pieces_ -= count;
}

result<void> pinned_pool::lock_again() {
  if (memory_ == nullptr) return {};
  if (std::exchange(is_locked_, false)) module_.unlock(memory_.get());
  error why{};
  is_locked_ = module_.lock(memory_.get(), size_bytes_, &why);
  if (!is_locked_) return why;
  return {};
}

std::size_t pinned_pool::used_bytes() const noexcept {
  const std::lock_guard lock{mutex_};
  return taken_pieces_ * piece_bytes;
}

}  // namespace kernd::gpu
