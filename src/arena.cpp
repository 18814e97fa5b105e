#include "kernd/arena.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>

namespace kernd {

namespace {
constexpr std::size_t small_block_bytes = 64 * 1024;
constexpr std::size_t growth_block_bytes = 1024 * 1024;
/// From here on a piece has a block of its own, so that it wastes little of the one that is filled.
constexpr std::size_t own_block_bytes = 256 * 1024;
constexpr std::size_t huge_page_bytes = 2 * 1024 * 1024;
}  // namespace

void arena::free_block::operator()(std::byte* block) const noexcept {
  std::free(block);
}

arena::block arena::new_block(std::size_t bytes) {
  // A large block is new to the process every time: with small pages it costs as much to touch as
  // to fill. Where the system has no huge pages to give, it stays at that.
  const bool is_huge = bytes >= 2 * huge_page_bytes;
  void* memory = nullptr;
  if (posix_memalign(&memory, is_huge ? huge_page_bytes : alignment, bytes) != 0) {
    throw std::bad_alloc();
  }
  if (is_huge) {
    static_cast<void>(madvise(memory, bytes / huge_page_bytes * huge_page_bytes, MADV_HUGEPAGE));
  }
  return block{static_cast<std::byte*>(memory)};
}

void arena::charge(std::size_t bytes) {
  if (bytes > limit_bytes_ - used_bytes_) throw memory_limit_error(limit_bytes_);
  used_bytes_ += bytes;
}

void* arena::allocate_bytes(std::size_t bytes) {
  const std::size_t rounded = (bytes + alignment - 1) / alignment * alignment;
  if (rounded < bytes) throw memory_limit_error(limit_bytes_);  // the sum overflowed
  if (rounded > left_bytes_ || next_ == nullptr) {
    if (rounded >= own_block_bytes) {  // what is left of the other block stays in use
      charge(rounded);
      large_.push_back(new_block(rounded));
      return large_.back().get();
    }
    open_block(rounded);
  }
  void* const result = next_;
  next_ += rounded;
  left_bytes_ -= rounded;
  return result;
}

/// Goes on in a block that nothing was taken from, of at least `least_bytes` and within the limit.
void arena::open_block(std::size_t least_bytes) {
  const std::size_t allowed = (limit_bytes_ - used_bytes_) / alignment * alignment;
  const bool is_first = next_ == nullptr && least_bytes <= small_block_bytes;
  const std::size_t wanted =
      is_first ? small_block_bytes : std::clamp(used_bytes_, small_block_bytes, growth_block_bytes);
  const std::size_t size = std::min(std::max(wanted / alignment * alignment, least_bytes), allowed);
  if (size < least_bytes) throw memory_limit_error(limit_bytes_);
  charge(size);
  if (is_first) {
    if (!small_) small_ = new_block(small_block_bytes);
    next_ = small_.get();
  } else {
    large_.push_back(new_block(size));
    next_ = large_.back().get();
  }
  left_bytes_ = size;
}

void arena::reset(std::size_t limit_bytes) {
  large_.clear();
  large_.shrink_to_fit();
  limit_bytes_ = limit_bytes;
  used_bytes_ = 0;
  next_ = nullptr;
  left_bytes_ = 0;
}

}  // namespace kernd
