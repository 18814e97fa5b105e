#pragma once

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>

namespace kernd {

/// Zeros at an aligned address. Pages of a large block that nobody writes to are not there yet, so
/// that it is made at once.
class zeroed_block {
 public:
  /// `alignment` is a power of two. Throws `std::bad_alloc`.
  zeroed_block(std::size_t bytes, std::size_t alignment) : bytes_{bytes} {
    std::size_t room = bytes + alignment - 1;
    // What finds a small one its place would double it.
    const bool is_small = bytes < 4096;
    memory_.reset(is_small ? std::aligned_alloc(alignment, room / alignment * alignment)
                           : std::calloc(room, 1));
    if (!memory_) throw std::bad_alloc{};
    void* at = memory_.get();
    data_ = static_cast<std::byte*>(is_small ? at : std::align(alignment, bytes, at, room));
    if (is_small) clear();
  }

  [[nodiscard]] std::byte* data() noexcept { return data_; }
  [[nodiscard]] std::size_t size() const noexcept { return bytes_; }
  void clear() noexcept { std::memset(data_, 0, bytes_); }

 private:
  struct release {
    void operator()(void* memory) const noexcept { std::free(memory); }
  };
  std::unique_ptr<void, release> memory_;
  std::size_t bytes_;
  std::byte* data_;
};

}  // namespace kernd
