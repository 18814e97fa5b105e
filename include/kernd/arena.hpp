#pragma once

#include "kernd/array.hpp"
#include "kernd/memory_source.hpp"

#include <cstddef>
#include <limits>
#include <memory>
#include <new>
#include <type_traits>
#include <vector>

namespace kernd {

/// Thrown when a job wants more memory than it may have; becomes `errc::memory_limit_exceeded`.
class memory_limit_error : public std::bad_alloc {
 public:
  explicit memory_limit_error(std::size_t limit_bytes) noexcept : limit_bytes_{limit_bytes} {}
  const char* what() const noexcept override { return "memory limit of the job exceeded"; }
  std::size_t limit_bytes() const noexcept { return limit_bytes_; }

 private:
  std::size_t limit_bytes_;
};

/// The memory of one job: a bump allocator over blocks, all given back by `reset` or destruction.
/// Whole blocks count against the limit, so what the job takes is what is counted; a block at most
/// doubles what is counted, which leaves small jobs their limit.
/// Memory new to the process costs as much to touch as to fill, so the large blocks of the last job
/// that had some are kept for the next, up to `kept_limit_bytes` and never beyond the limit
/// together with what the job uses. Meanwhile the system may take them when it runs short. Blocks
/// of a `memory_source` go back to it instead. Objects placed in it are never destroyed, so they
/// must be trivially destructible. Confined to the thread that runs the job.
class arena {
 public:
  /// 64: a cache line, and what the widest vector loads like.
  static constexpr std::size_t alignment = 64;
  static constexpr std::size_t kept_limit_bytes = std::size_t{128} << 20;

  /// At most `limit_bytes` are taken between two resets. The first block, 64 KiB, is allocated
  /// whatever the limit is. Blocks come from `source`, which outlives the arena, as long as that
  /// has some; null: all from the system.
  explicit arena(std::size_t limit_bytes, memory_source* source = nullptr)
      : source_{source}, limit_bytes_{limit_bytes} {}
  arena(const arena&) = delete;
  arena& operator=(const arena&) = delete;

  /// `bytes` of uninitialised memory aligned to `alignment`; never null. Throws
  /// `memory_limit_error` beyond the limit and `std::bad_alloc` when the system has no more.
  void* allocate_bytes(std::size_t bytes);

  /// `count` uninitialised elements. Throws as `allocate_bytes`.
  template <class T>
  array<T> allocate(std::size_t count) {
    static_assert(std::is_trivially_destructible_v<T> && alignof(T) <= alignment);
    if (count > std::numeric_limits<std::size_t>::max() / sizeof(T)) {
      throw memory_limit_error(limit_bytes_);
    }
    return {static_cast<T*>(allocate_bytes(count * sizeof(T))), count};
  }

  /// Counts memory that the job holds outside the arena (the parser's, its encoded output) against
  /// the limit.
  /// Throws `memory_limit_error` beyond it.
  void charge(std::size_t bytes);
  /// Takes back what `charge` counted, when that memory is freed before the job ends.
  void discharge(std::size_t bytes) noexcept { used_bytes_ -= bytes; }

  /// How far the job has got, for `rewind`.
  struct position {
    std::size_t used_bytes;
    std::size_t large_blocks;
    std::byte* next;
    std::size_t left_bytes;
  };
  [[nodiscard]] position mark() const noexcept {
    return {used_bytes_, large_.size(), next_, left_bytes_};
  }
  /// Gives back what was allocated and charged since `to`, which is of the same job.
  void rewind(const position& to) noexcept;

  /// Ends the job: gives everything back but one small block of the system's and the large
  /// blocks that are kept, and sets a new limit.
  void reset(std::size_t limit_bytes) noexcept;

  /// Gives the kept blocks back, too.
  void release_kept() noexcept;

  /// Blocks, and what was charged.
  std::size_t used_bytes() const noexcept { return used_bytes_; }
  std::size_t limit_bytes() const noexcept { return limit_bytes_; }
  /// Of the blocks that wait for another job; they count neither as used nor against it.
  std::size_t kept_bytes() const noexcept { return kept_bytes_; }

 private:
  struct free_block {
    memory_source* source;  // null: the system's
    std::size_t bytes;
    void operator()(std::byte* block) const noexcept;
  };
  struct block {
    std::unique_ptr<std::byte[], free_block> memory;
    std::size_t bytes = 0;

    [[nodiscard]] bool is_systems() const noexcept {
      return memory.get_deleter().source == nullptr;
    }
  };

  block lent_block(std::size_t bytes) noexcept;
  block new_block(std::size_t bytes);
  block kept_block(std::size_t bytes) noexcept;
  std::byte* add_large(std::size_t least_bytes);
  void open_block(std::size_t least_bytes);
  void keep_large() noexcept;

  memory_source* source_;
  std::size_t limit_bytes_;
  std::size_t used_bytes_ = 0;
  block small_;  // kept across resets
  std::vector<block> large_;
  std::vector<block> kept_;  // of an earlier job
  std::size_t kept_bytes_ = 0;
  std::byte* next_ = nullptr;  // inside the block that is filled; null before the first
  std::size_t left_bytes_ = 0;
};

}  // namespace kernd
