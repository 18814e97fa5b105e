#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>

namespace kernd {

/// Growable bytes that are never initialised before they are written, and never copied when the
/// system can remap them: request bodies arrive in one, encoded outputs leave in one. Move-only.
/// Every growing call throws `std::bad_alloc` when memory is out.
class text_buffer {
 public:
  /// simdjson reads this many bytes past the text.
  static constexpr std::size_t padding = 64;

  text_buffer() = default;
  explicit text_buffer(std::string_view text) { append(text); }
  text_buffer(text_buffer&& other) noexcept;
  text_buffer& operator=(text_buffer&& other) noexcept;

  char* data() noexcept { return data_.get(); }
  const char* data() const noexcept { return data_.get(); }
  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  /// Writable bytes at `data()`; at least `size() + padding` once anything was reserved.
  std::size_t capacity() const noexcept { return capacity_; }
  std::string_view view() const noexcept { return {data_.get(), size_}; }

  /// Room for `bytes` in all, plus `padding`; no more than that when it has to grow.
  void reserve(std::size_t bytes) {
    if (bytes + padding > capacity_) reallocate(bytes + padding);
  }

  /// `bytes` writable bytes at the end; follow with `commit`.
  char* prepare(std::size_t bytes) {
    if (size_ + bytes + padding > capacity_) grow(size_ + bytes);
    return data_.get() + size_;
  }
  void commit(std::size_t bytes) noexcept { size_ += bytes; }

  void append(std::string_view text) {
    if (text.empty()) return;
    std::memcpy(prepare(text.size()), text.data(), text.size());
    commit(text.size());
  }
  void push_back(char c) {
    *prepare(1) = c;
    commit(1);
  }

  /// Forgets the text, keeps the memory.
  void clear() noexcept { size_ = 0; }
  /// Keeps the first `bytes`, which is at most `size()`.
  void truncate(std::size_t bytes) noexcept { size_ = bytes; }

 private:
  struct release {
    void operator()(char* p) const noexcept;
  };

  void grow(std::size_t bytes);
  void reallocate(std::size_t bytes);

  std::unique_ptr<char[], release> data_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace kernd
