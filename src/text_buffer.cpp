#include "kernd/text_buffer.hpp"

#include <algorithm>
#include <cstdlib>
#include <new>
#include <utility>

namespace kernd {

text_buffer::text_buffer(text_buffer&& other) noexcept
    : data_{std::move(other.data_)},
      size_{std::exchange(other.size_, 0)},
      capacity_{std::exchange(other.capacity_, 0)} {}

text_buffer& text_buffer::operator=(text_buffer&& other) noexcept {
  data_ = std::move(other.data_);
  size_ = std::exchange(other.size_, 0);
  capacity_ = std::exchange(other.capacity_, 0);
  return *this;
}

void text_buffer::release::operator()(char* p) const noexcept {
  std::free(p);
}

void text_buffer::grow(std::size_t bytes) {
  constexpr std::size_t least = 512;  // small texts grow once
  reallocate(std::max({bytes + padding, capacity_ + capacity_ / 2, least}));
}

void text_buffer::reallocate(std::size_t bytes) {
  void* const moved = std::realloc(data_.get(), bytes);
  if (moved == nullptr) throw std::bad_alloc();
  static_cast<void>(data_.release());
  data_.reset(static_cast<char*>(moved));
  capacity_ = bytes;
}

}  // namespace kernd
