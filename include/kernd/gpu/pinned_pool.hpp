#pragma once

#include "kernd/error.hpp"
#include "kernd/gpu/module.hpp"
#include "kernd/memory_source.hpp"

#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

namespace kernd::gpu {

/// Page-locked memory of a fixed size, which a device copies from and to without detour. The memory
/// is the daemon's own, only its locking is the driver's: when a device is reset, what jobs have
/// there stays, and is merely slower to copy. First fit in pieces of `piece_bytes`; nothing is
/// allocated once it is made.
///
/// Safe to use from any thread.
class pinned_pool final : public memory_source {
 public:
  static constexpr std::size_t piece_bytes = std::size_t{64} << 10;

  /// Takes and locks `bytes`, rounded up to pieces. With 0, or when that fails, `take` never gives
  /// anything and `failure` says why. `module` outlives the pool.
  pinned_pool(const module_info& module, std::size_t bytes);
  ~pinned_pool();
  pinned_pool(const pinned_pool&) = delete;
  pinned_pool& operator=(const pinned_pool&) = delete;

  std::byte* take(std::size_t bytes) noexcept override;
  void give_back(std::byte* block, std::size_t bytes) noexcept override;

  /// Locks the memory once more after a device was reset. No copy is under way meanwhile.
  result<void> lock_again();

  [[nodiscard]] std::size_t size_bytes() const noexcept { return size_bytes_; }
  [[nodiscard]] std::size_t used_bytes() const noexcept;
  /// Why there is none; `message` is empty otherwise.
  [[nodiscard]] const error& failure() const noexcept { return failure_; }

 private:
  struct unmap {
    std::size_t bytes;
    void operator()(std::byte* memory) const noexcept;
  };

  const module_info& module_;
  std::size_t size_bytes_ = 0;
  std::unique_ptr<std::byte[], unmap> memory_;
  bool is_locked_ = false;
  error failure_{};
  mutable std::mutex mutex_;    // guards the rest
  std::vector<bool> is_taken_;  // piece by piece
  std::size_t taken_pieces_ = 0;
};

}  // namespace kernd::gpu
