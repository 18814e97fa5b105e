#include "kernd/arena.hpp"

namespace kernd {

namespace {
constexpr std::size_t small_block_bytes = 64 * 1024;
constexpr std::size_t growth_block_bytes = 1024 * 1024;
}  // namespace

void arena::free_block::operator()(std::byte* block) const noexcept {
  ::operator delete[](block, std::align_val_t{alignment});
}

arena::block arena::new_block(std::size_t bytes) {
  return block{static_cast<std::byte*>(::operator new[](bytes, std::align_val_t{alignment}))};
}

void arena::charge(std::size_t bytes) {
  if (bytes > limit_bytes_ - used_bytes_) throw memory_limit_error(limit_bytes_);
  used_bytes_ += bytes;
}

void* arena::allocate_bytes(std::size_t bytes) {
  const std::size_t rounded = (bytes + alignment - 1) / alignment * alignment;
  if (rounded < bytes) throw memory_limit_error(limit_bytes_);  // the sum overflowed
  charge(rounded);
  if (!small_) {
    small_ = new_block(small_block_bytes);
    next_ = small_.get();
    left_bytes_ = small_block_bytes;
  }
  if (rounded > left_bytes_) {
    if (rounded >= growth_block_bytes) {  // a block of its own; what is left stays in use
      large_.push_back(new_block(rounded));
      return large_.back().get();
    }
    large_.push_back(new_block(growth_block_bytes));
    next_ = large_.back().get();
    left_bytes_ = growth_block_bytes;
  }
  void* const result = next_;
  next_ += rounded;
  left_bytes_ -= rounded;
  return result;
}

void arena::reset(std::size_t limit_bytes) {
  large_.clear();
  large_.shrink_to_fit();
  limit_bytes_ = limit_bytes;
  used_bytes_ = 0;
  next_ = small_.get();
  left_bytes_ = small_ ? small_block_bytes : 0;
}

}  // namespace kernd
