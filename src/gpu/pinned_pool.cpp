#include "kernd/gpu/pinned_pool.hpp"

#include <sys/mman.h>

#include <algorithm>

namespace kernd::gpu {

namespace {

std::size_t pieces_of(std::size_t bytes) {
  return bytes / pinned_pool::piece_bytes + (bytes % pinned_pool::piece_bytes != 0 ? 1 : 0);
}

}  // namespace

void pinned_pool::unmap::operator()(std::byte* memory) const noexcept {
  ::munmap(memory, bytes);
}

pinned_pool::pinned_pool(std::size_t bytes)
    : size_bytes_{pieces_of(bytes) * piece_bytes}, is_taken_(pieces_of(bytes)) {}

result<void> pinned_pool::lock(const module_info& module, int device) {
  if (size_bytes_ == 0) return {};
  if (memory_ == nullptr) {
    void* const mapped =
        ::mmap(nullptr, size_bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED) {
      return error{errc::memory_exhausted, "the system has no memory for gpu.pinned_pool_bytes"};
    }
    memory_ = {static_cast<std::byte*>(mapped), unmap{size_bytes_}};
  }
  error why{};
  if (!module.lock(device, memory_.get(), size_bytes_, &why)) return why;
  const std::lock_guard lock{mutex_};
  locked_by_ = {&module, device};
  return {};
}

void pinned_pool::unlock() noexcept {
  const std::lock_guard lock{mutex_};
  if (locked_by_) locked_by_->module->unlock(locked_by_->device, memory_.get());
  locked_by_.reset();
}

void pinned_pool::forget_lock() noexcept {
  const std::lock_guard lock{mutex_};
  locked_by_.reset();
}

std::byte* pinned_pool::take(std::size_t bytes) noexcept {
  const std::size_t wanted = std::max<std::size_t>(pieces_of(bytes), 1);
  const std::lock_guard lock{mutex_};
  if (!locked_by_ || wanted > is_taken_.size() - taken_pieces_) return nullptr;
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

std::size_t pinned_pool::locked_bytes() const noexcept {
  const std::lock_guard lock{mutex_};
  return locked_by_ ? size_bytes_ : 0;
}

std::size_t pinned_pool::used_bytes() const noexcept {
  const std::lock_guard lock{mutex_};
  return taken_pieces_ * piece_bytes;
}

}  // namespace kernd::gpu
