#include "kernd/arena.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <utility>

namespace kernd {

namespace {
constexpr std::size_t small_block_bytes = 64 * 1024;
constexpr std::size_t growth_block_bytes = 1024 * 1024;
/// From here on a piece has a block of its own, so that it wastes little of the one that is filled.
constexpr std::size_t own_block_bytes = 256 * 1024;
constexpr std::size_t huge_page_bytes = 2 * 1024 * 1024;

bool is_huge(std::size_t bytes) {
  return bytes >= 2 * huge_page_bytes;
}

/// A piece with a block of its own gets one of eight sizes per doubling: then a block fits again
/// when the next input is about as large. Never more than `allowed`, which is not less than
/// `bytes`.
std::size_t own_block_size(std::size_t bytes, std::size_t allowed) {
  if (!is_huge(bytes)) return bytes;
  const std::size_t step = std::bit_floor(bytes) / 8;
  return bytes + std::min((step - bytes % step) % step, allowed - bytes);
}

}  // namespace

void arena::free_block::operator()(std::byte* block) const noexcept {
  if (source == nullptr) {
    std::free(block);
  } else {
    source->give_back(block, bytes);
  }
}

/// Of the source; an empty one when it has none.
arena::block arena::lent_block(std::size_t bytes) noexcept {
  std::byte* const found = source_ == nullptr ? nullptr : source_->take(bytes);
  if (found == nullptr) return {};
  return {std::unique_ptr<std::byte[], free_block>{found, {source_, bytes}}, bytes};
}

arena::block arena::new_block(std::size_t bytes) {
  // With small pages a large block costs as much to touch as to fill. Where the system has no huge
  // pages to give, it stays at that.
  void* memory = nullptr;
  const std::size_t align = is_huge(bytes) ? huge_page_bytes : alignment;
  if (posix_memalign(&memory, align, bytes) != 0) {
    release_kept();
    if (posix_memalign(&memory, align, bytes) != 0) throw std::bad_alloc();
  }
  if (is_huge(bytes)) {
    static_cast<void>(madvise(memory, bytes / huge_page_bytes * huge_page_bytes, MADV_HUGEPAGE));
  }
  return {std::unique_ptr<std::byte[], free_block>{static_cast<std::byte*>(memory), {}}, bytes};
}

/// A kept block of exactly that size; an empty one when there is none.
arena::block arena::kept_block(std::size_t bytes) noexcept {
  const auto found = std::ranges::find(kept_, bytes, &block::bytes);
  if (found == kept_.end()) return {};
  std::swap(*found, kept_.back());
  block result = std::move(kept_.back());
  kept_.pop_back();
  kept_bytes_ -= bytes;
  return result;
}

void arena::charge(std::size_t bytes) {
  if (bytes > limit_bytes_ - used_bytes_) throw memory_limit_error(limit_bytes_);
  used_bytes_ += bytes;
  while (kept_bytes_ > limit_bytes_ - used_bytes_) {
    kept_bytes_ -= kept_.back().bytes;
    kept_.pop_back();
  }
}

void* arena::allocate_bytes(std::size_t bytes) {
  const std::size_t rounded = (bytes + alignment - 1) / alignment * alignment;
  if (rounded < bytes) throw memory_limit_error(limit_bytes_);  // the sum overflowed
  if (rounded > left_bytes_ || next_ == nullptr) {
    // What is left of the other block stays in use.
    if (rounded >= own_block_bytes) return add_large(rounded);
    open_block(rounded);
  }
  void* const result = next_;
  next_ += rounded;
  left_bytes_ -= rounded;
  return result;
}

/// A block of at least that size, charged.
std::byte* arena::add_large(std::size_t least_bytes) {
  const std::size_t allowed = (limit_bytes_ - used_bytes_) / alignment * alignment;
  if (least_bytes > allowed) throw memory_limit_error(limit_bytes_);
  const std::size_t size = own_block_size(least_bytes, allowed);
  block fresh = lent_block(size);
  if (fresh.memory == nullptr) fresh = kept_block(size);
  charge(size);
  if (fresh.memory == nullptr) fresh = new_block(size);
  large_.push_back(std::move(fresh));
  return large_.back().memory.get();
}

/// Goes on in a block that nothing was taken from, of at least `least_bytes` and within the limit.
void arena::open_block(std::size_t least_bytes) {
  const std::size_t allowed = (limit_bytes_ - used_bytes_) / alignment * alignment;
  const bool is_first = next_ == nullptr && least_bytes <= small_block_bytes;
  const std::size_t wanted =
      is_first ? small_block_bytes : std::clamp(used_bytes_, small_block_bytes, growth_block_bytes);
  const std::size_t size = std::min(std::max(wanted / alignment * alignment, least_bytes), allowed);
  if (size < least_bytes) throw memory_limit_error(limit_bytes_);
  if (is_first) {
    charge(size);
    if (small_.memory == nullptr) small_ = lent_block(small_block_bytes);
    if (small_.memory == nullptr) small_ = new_block(small_block_bytes);
    next_ = small_.memory.get();
  } else {
    next_ = add_large(size);
  }
  left_bytes_ = size;
}

/// The large blocks of this job instead of those kept so far, unless it had none.
void arena::keep_large() noexcept {
  std::erase_if(large_, [](const block& b) { return !is_huge(b.bytes) || !b.is_systems(); });
  if (large_.empty()) return;
  kept_.swap(large_);
  kept_bytes_ = 0;
  const std::size_t most = std::min(kept_limit_bytes, limit_bytes_);
  const auto page_bytes = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  std::erase_if(kept_, [&](const block& b) {
    if (b.bytes > most - kept_bytes_) return true;
    kept_bytes_ += b.bytes;
    static_cast<void>(madvise(b.memory.get(), b.bytes / page_bytes * page_bytes, MADV_FREE));
    return false;
  });
}

void arena::rewind(const position& to) noexcept {
  large_.resize(to.large_blocks);
  used_bytes_ = to.used_bytes;
  next_ = to.next;
  left_bytes_ = to.left_bytes;
}

void arena::reset(std::size_t limit_bytes) noexcept {
  // What a source lends is as quick to get again, and others wait for it.
  if (!small_.is_systems()) small_ = {};
  keep_large();
  large_.clear();
  if (kept_bytes_ > limit_bytes) release_kept();
  limit_bytes_ = limit_bytes;
  used_bytes_ = 0;
  next_ = nullptr;
  left_bytes_ = 0;
}

void arena::release_kept() noexcept {
  kept_.clear();
  kept_bytes_ = 0;
}

}  // namespace kernd
