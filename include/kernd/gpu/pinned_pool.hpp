#pragma once

#include "kernd/error.hpp"
#include "kernd/gpu/module.hpp"
#include "kernd/memory_source.hpp"

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace kernd::gpu {

/// Page-locked memory of a fixed size, which devices copy from and to without detour. The memory is
/// the daemon's own, only its lock is the driver's: while there is none, what jobs have there
/// stays, and is merely slower to copy. First fit in pieces of `piece_bytes`; nothing is allocated
/// once it is made.
///
/// Safe to use from any thread.
class pinned_pool final : public memory_source {
 public:
  static constexpr std::size_t piece_bytes = std::size_t{64} << 10;

  /// Of `bytes`, rounded up to pieces; none of it is there until it is locked.
  explicit pinned_pool(std::size_t bytes);

  /// Gives nothing while it is not locked.
  std::byte* take(std::size_t bytes) noexcept override;
  void give_back(std::byte* block, std::size_t bytes) noexcept override;

  /// Locks the memory by a device that was started. One thread at a time has to do with the lock,
  /// and no copy is under way meanwhile. `module` outlives the lock.
  result<void> lock(const module_info& module, int device);
  void unlock() noexcept;
  /// The device's reset has let go of it.
  void forget_lock() noexcept;

  /// What is locked: all or nothing.
  [[nodiscard]] std::size_t locked_bytes() const noexcept;
  [[nodiscard]] std::size_t used_bytes() const noexcept;

 private:
  struct unmap {
    std::size_t bytes;
    void operator()(std::byte* memory) const noexcept;
  };

  struct place {
    const module_info* module;
    int device;
  };

  std::size_t size_bytes_;
  std::unique_ptr<std::byte[], unmap> memory_;  // null until it is first locked
  mutable std::mutex mutex_;                    // guards the rest
  std::optional<place> locked_by_;
  std::vector<bool> is_taken_;  // piece by piece
  std::size_t taken_pieces_ = 0;
};

}  // namespace kernd::gpu
